import type {
  LocalCommand,
  LocalOrder,
  LocalOrderAnswer,
  LocalOrderRequest,
} from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Acts, Answer } from '../act/acts.ts';
import { isSettled, type StoredAct } from '../act/stored.ts';

const mostShown = 5;

/** Whoever asks, in one browser. */
export type Session = string;

/**
 * 控制 from the page: at the same door as everybody's. The page knows one password, so that the second person is told from
 * the first by another name and another browser.
 */
export class LocalOrders {
  readonly #acts: Pick<Acts, 'order' | 'agree' | 'decline' | 'list' | 'waiting' | 'commands'>;
  /** Which browsers have spoken for an order that waits. */
  readonly #spoke = new Map<string, Set<Session>>();

  constructor(acts: Pick<Acts, 'order' | 'agree' | 'decline' | 'list' | 'waiting' | 'commands'>) {
    this.#acts = acts;
  }

  commands(device: string): LocalCommand[] {
    return Object.entries(this.#acts.commands(device)).map(([id, { name, args, confirm, verify }]) => ({
      id,
      name,
      args: Object.entries(args).map(([arg, { name: label, unit, type, min = null, max = null, choices }]) => ({
        id: arg,
        name: label,
        symbol: units[unit].symbol,
        type,
        min,
        max,
        choices: choices === undefined ? null : Object.entries(choices).map(([value, choice]) => ({ value, name: choice })),
      })),
      needsTwo: confirm === 'two-person',
      isReadBack: verify !== undefined,
    }));
  }

  /** The last ones of a device, newest first. */
  of(device: string): LocalOrder[] {
    const own = this.#acts.list().filter((act) => act.device === device);
    return own.slice(0, mostShown).map(orderOf);
  }

  waiting(): LocalOrder[] {
    return this.#acts.waiting().map(orderOf);
  }

  /** Resolves when it is on disk. @throws StoreError where it could not be kept; then nothing was sent. */
  async give(device: string, { key, command, args, by }: LocalOrderRequest, from: Session) {
    const id = `local:${key}`;
    const given = said(await this.#acts.order({ id, device, command, args, by: `local/${by}` }));
    if ('order' in given && given.order.state === 'awaiting') this.#remember(id, from);
    return given;
  }

  /** @throws StoreError */
  async answer({ id, says, by }: LocalOrderAnswer, from: Session) {
    if (says === 'no') return said(await this.#acts.decline(id, `local/${by}`));
    if (this.#spoke.get(id)?.has(from) === true) return { refused: sameBrowser };
    const given = said(await this.#acts.agree(id, `local/${by}`));
    if ('order' in given) this.#remember(id, from);
    return given;
  }

  #remember(id: string, from: Session): void {
    const waiting = new Set(this.#acts.waiting().map((act) => act.id));
    for (const known of this.#spoke.keys()) if (!waiting.has(known)) this.#spoke.delete(known);
    if (waiting.has(id)) this.#spoke.set(id, (this.#spoke.get(id) ?? new Set()).add(from));
  }
}

const sameBrowser: Text = {
  zh: '第二人请在自己的手机或电脑上登录本页再同意；同一个浏览器不算两个人。',
  en: 'The second person agrees on a phone or computer of their own; one browser is not two people.',
};

function said(answer: Answer): { order: LocalOrder } | { refused: Text } {
  return 'act' in answer ? { order: orderOf(answer.act) } : { refused: answer.refused };
}

function orderOf(act: StoredAct): LocalOrder {
  const { id, device, command, name, args, state, at, by, reason = null, isReadBack, shown = null } = act;
  return { id, device, command, name, args, state, at, by, reason, isReadBack, isOver: isSettled(act), shown };
}
