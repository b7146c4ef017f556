import type { Acts, Answer } from '../act/acts.ts';
import type { Order } from '../act/order.ts';
import type { StoredAct } from '../act/stored.ts';
import type { ActReason } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Clock } from '../clock.ts';

/** How far an order has come, each state once. `turned-away`: there is no order. */
export type OrderStep =
  | { readonly kind: 'state'; readonly act: StoredAct; readonly ms: number }
  | { readonly kind: 'turned-away'; readonly reason: ActReason };

const lookMs = 50;

/**
 * 下发: gives an order at the one door to devices and tells each state it comes to: accepted or awaiting a second person,
 * sent, and confirmed by what is read back, refused or unknown. Ends when nothing more will come of it.
 * @throws StoreError where the order could not be kept; then nothing was sent and nothing will be.
 */
export async function* orderSteps(acts: Acts, clock: Clock, order: Order, signal?: AbortSignal): AsyncGenerator<OrderStep> {
  yield* stepsOf(acts, clock, await acts.order(order), signal);
}

/** The same from the moment at which the second person agrees. @throws StoreError */
export async function* agreeSteps(
  acts: Acts,
  clock: Clock,
  id: string,
  by: string,
  signal?: AbortSignal,
): AsyncGenerator<OrderStep> {
  yield* stepsOf(acts, clock, await acts.agree(id, by), signal);
}

async function* stepsOf(acts: Acts, clock: Clock, answer: Answer, signal?: AbortSignal): AsyncGenerator<OrderStep> {
  if ('refused' in answer) return yield { kind: 'turned-away', reason: answer.refused };
  const begun = clock.mono();
  const { id } = answer.act;
  let shown = answer.act;
  yield { kind: 'state', act: shown, ms: 0 };
  const ended = { is: false };
  const settled = acts.settled(id)?.then(() => void (ended.is = true));
  if (settled === undefined) return;
  while (!ended.is) {
    if (signal?.aborted === true) return;
    await Promise.race([settled, clock.sleep(lookMs)]);
    const now = acts.list().find((act) => act.id === id);
    if (now === undefined || now.state === shown.state) continue;
    shown = now;
    yield { kind: 'state', act: now, ms: Math.round(clock.mono() - begun) };
  }
}
