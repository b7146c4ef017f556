import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';

/** What a message about a task is made of. */
export type ToldTask = Pick<TaskSummary, 'id' | 'title' | 'place' | 'offeredUntil'>;

export interface TaskMessage {
  readonly language: 'zh';
  readonly title: string;
  readonly text: string;
  readonly link?: string;
}

/** 一条短信 to the person asked: what, where, and until when an answer counts. */
export function taskMessage(
  { id, title, place, offeredUntil }: ToldTask,
  { timeZone, publicUrl }: { timeZone: string; publicUrl: string | null },
): TaskMessage {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const where = title.zh.includes(place) ? '' : `，地点：${place}`;
  const until = offeredUntil === null ? '' : `请在 ${clock.format(offeredUntil)} 前答复，逾期改派他人。`;
  return {
    language: 'zh',
    title: `【一呼】任务 ${title.zh}`.slice(0, 120),
    text: `【一呼】派您：${title.zh}${where}。${until}`,
    ...(publicUrl === null ? {} : { link: `${publicUrl.replace(/\/$/, '')}/phone/#task=${id}` }),
  };
}
