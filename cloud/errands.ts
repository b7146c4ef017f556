import type { Desk } from './records/commands.ts';
import { type Errand, readErrand } from './records/errands.ts';
import { moveOwnTask } from './records/task-moves.ts';
import type { ErrandTokens } from './task/link.ts';

/** What the page behind a worker's link shows. */
export interface ErrandView extends Errand {
  /** IANA name; the clock the person reads. */
  readonly timeZone: string;
}

/** What the pages may ask of the links by which tasks are accepted. */
export type Errands = ReturnType<typeof createErrands>;

/** 任务链接: the link is the key to one errand of one person, for a day. It takes the errand or gives it back, and nothing else. */
export function createErrands(desk: Desk, tokens: ErrandTokens) {
  const { database, clock, rules } = desk;
  const view = async (token: string): Promise<ErrandView | null> => {
    const link = tokens.read(token);
    if (link === null || link.until < clock.now()) return null;
    const errand = await readErrand(database.db, link.leg);
    return errand && { ...errand, timeZone: rules.timeZone };
  };
  return {
    isToken: (token: string): boolean => tokens.read(token) !== null,
    view,
    /** False where the link opens nothing. An errand that is answered already stays as it is: the page says how it stands. */
    async answer(token: string, move: 'accept' | 'decline', key: string): Promise<boolean> {
      const errand = await view(token);
      if (errand === null) return false;
      if (errand.state !== 'offered') return true;
      const actor = { id: errand.person, name: errand.personName };
      const reason = move === 'decline' ? { reason: '收到短信后回复：去不了' } : {};
      await moveOwnTask(desk, actor, errand.task, { move, ...reason, key });
      return true;
    },
  };
}
