import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';

/** What a message about a task is made of. `leg`: the errand of the person told. */
export type ToldTask = Pick<TaskSummary, 'id' | 'title' | 'place' | 'offeredUntil'> & { readonly leg: string | null };

export interface TaskMessage {
  readonly language: 'zh';
  readonly title: string;
  readonly text: string;
  readonly link?: string;
  /** By which the person told accepts without signing in; for nobody else's eyes. */
  readonly ownLink?: string;
}

export interface TaskMessageContext {
  readonly timeZone: string;
  readonly publicUrl: string | null;
  /** Signs a link to an errand; undefined where it can be none. */
  readonly signErrand: ((leg: string) => string | undefined) | null;
}

/** 一条短信 to the person asked: what, where, and until when an answer counts. */
export function taskMessage(
  { id, title, place, offeredUntil, leg }: ToldTask,
  { timeZone, publicUrl, signErrand }: TaskMessageContext,
): TaskMessage {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const where = title.zh.includes(place) ? '' : `，地点：${place}`;
  const until = offeredUntil === null ? '' : `请在 ${clock.format(offeredUntil)} 前答复，逾期改派他人。`;
  const base = publicUrl?.replace(/\/$/, '');
  const token = leg === null ? undefined : signErrand?.(leg);
  return {
    language: 'zh',
    title: `【一呼】任务 ${title.zh}`.slice(0, 120),
    text: `【一呼】派您：${title.zh}${where}。${until}`,
    ...(base === undefined ? {} : { link: `${base}/phone/#task=${id}` }),
    ...(base === undefined || token === undefined ? {} : { ownLink: `${base}/t/${token}` }),
  };
}
