import { z } from 'zod';
import { ActChange, type ActState, actMoves } from '@yihu/device-profiles/vocabulary/act.ts';
import { jsonAs } from '../json-as.ts';

/** An order as it stands, committed with each of its changes. */
export const StoredAct = z.strictObject({
  ...ActChange.shape,
  device: z.string().max(64),
  profile: z.string().max(64),
  /** When it came to this state, as its record says. */
  at: z.number().int(),
  /** Set in a commit of its own just before the bytes leave: from there on a crash leaves the outcome open. */
  sending: z.literal(true).optional(),
  /** A point of the device shows it when it is done. */
  isReadBack: z.boolean(),
});
export type StoredAct = z.infer<typeof StoredAct>;

const prefix = 'act/';
export const actKey = (id: string) => `${prefix}${id}`;

/** Orders as the disk has them, oldest first. One that cannot be read is left out: it is neither carried out nor looked up. */
export function loadActs(saved: ReadonlyMap<string, string>): { readonly acts: StoredAct[]; readonly unreadable: string[] } {
  const acts: StoredAct[] = [];
  const unreadable: string[] = [];
  for (const [key, text] of saved) {
    if (!key.startsWith(prefix)) continue;
    const act = jsonAs(StoredAct, text);
    if (act) acts.push(act);
    else unreadable.push(key);
  }
  return { acts: acts.sort((a, b) => a.at - b.at), unreadable };
}

/** Nothing more will come of it. */
export function isSettled({ state, isReadBack }: Pick<StoredAct, 'state' | 'isReadBack'>): boolean {
  return state === 'sent' ? !isReadBack : actMoves[state] === undefined;
}

/** @throws where the life of an order does not know such a change: a mistake of ours. */
export function assertMove(from: ActState | null, to: ActState): void {
  if (from !== null && !actMoves[from]?.includes(to)) throw new Error(`an order cannot go from ${from} to ${to}`);
}
