import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { linkPage } from './answer-page.ts';
import type { ErrandView } from './needs.ts';
import { text } from './notice-page.ts';

/** Said of an errand that waits for no answer. */
const said: Readonly<Record<Exclude<Leg['state'], 'offered'>, string>> = {
  accepted: '已接受，请前往。',
  'en-route': '您在路上。',
  'on-scene': '您已到场。',
  done: '已完成。',
  declined: '您已回复去不了，任务改派他人。',
  expired: '答复时间已过，任务改派他人。',
  cancelled: '任务已取消或改派他人，不用再去。',
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
      : `<p class="${state === 'accepted' ? 'given' : 'over'}" role="status">${said[state]}</p>
<p class="call"><a href="/phone/#task=${text(task)}">打开任务：到场、完成、拍照</a></p>`;
  return linkPage(title.zh, `<h1>${text(title.zh)}</h1>\n${where}<p class="home">派给：${text(personName)}</p>\n${rest}`);
}

function form({ offeredUntil, timeZone }: ErrandView, key: string): string {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const until = offeredUntil === null ? '' : `<p>请在 ${clock.format(offeredUntil)} 前答复，逾期改派他人。</p>\n`;
  return `${until}<form method="post">
<input type="hidden" name="key" value="${text(key)}">
<button class="safe" name="answer" value="accept">接受，我去</button>
<button name="answer" value="decline">去不了</button>
</form>`;
}
