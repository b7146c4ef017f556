import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { both, linkPage } from './answer-page.ts';
import type { ErrandView } from './needs.ts';
import { text } from './notice-page.ts';

/** Said of an errand that waits for no answer. */
const said: Readonly<Record<Exclude<Leg['state'], 'offered'>, readonly [zh: string, en: string]>> = {
  accepted: ['已接受，请前往。', 'Accepted: please go there.'],
  'en-route': ['您在路上。', 'You are on your way.'],
  'on-scene': ['您已到场。', 'You are there.'],
  done: ['已完成。', 'Done.'],
  declined: ['您已回复去不了，任务改派他人。', 'You said that you cannot go; somebody else is asked.'],
  expired: ['答复时间已过，任务改派他人。', 'The time to answer is over; somebody else is asked.'],
  cancelled: ['任务已取消或改派他人，不用再去。', 'It was called off or given to somebody else: no need to go.'],
};

const ended: readonly Leg['state'][] = ['declined', 'expired', 'cancelled'];

/**
 * 任务页 behind the link of an SMS: plain HTML, no script, two large buttons. Opening it changes nothing, so that a preview of
 * the link takes no task; `key` makes a button pressed twice one answer. Who is asked no more reads no address either.
 */
export function errandPage(view: ErrandView, key: string): string {
  const { title, place, state, personName, task } = view;
  const where = ended.includes(state) ? '' : `<p class="said">${text(place)}</p>\n`;
  const rest =
    state === 'offered'
      ? form(view, key)
      : `<p class="${state === 'accepted' ? 'given' : 'over'}" role="status">${both(...said[state])}</p>
<p class="call"><a href="/phone/#task=${text(task)}">${both('打开任务：到场、完成、拍照', 'Open the task: there, done, photo')}</a></p>`;
  return linkPage(title.zh, `<h1>${text(title.zh)}</h1>\n${where}<p class="home">派给 / for：${text(personName)}</p>\n${rest}`);
}

function form({ offeredUntil, timeZone }: ErrandView, key: string): string {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const until =
    offeredUntil === null
      ? ''
      : `<p>${both(`请在 ${clock.format(offeredUntil)} 前答复，逾期改派他人。`, `Please answer by ${clock.format(offeredUntil)}; after that somebody else is asked.`)}</p>\n`;
  return `${until}<form method="post">
<input type="hidden" name="key" value="${text(key)}">
<button class="safe" name="answer" value="accept">${both('接受，我去', 'Accept, I am going')}</button>
<button name="answer" value="decline">${both('去不了', 'I cannot go')}</button>
</form>`;
}
