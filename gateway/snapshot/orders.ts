import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { SnapshotOf } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import { z } from 'zod';
import { jsonAs } from '../json-as.ts';

/** 拍照单: an alarm was raised, and a camera looks there. Committed with the alarm itself, so that no crash comes between them. */
export const Order = z.strictObject({
  ...SnapshotOf.shape,
  camera: z.string().max(64),
  /** When the alarm was raised, milliseconds since 1970 UTC. */
  at: z.number().int(),
});
export type Order = z.infer<typeof Order>;

const prefix = 'snapshot/order/';

export function orderKey({ device, alarm, episode }: SnapshotOf): string {
  return `${prefix}${device}/${alarm}/${episode}`;
}

/**
 * The orders that alarm records give. A device that is not heard has no picture: what would it show. Pure; the same records
 * give the same orders.
 */
export function ordersOf(records: readonly LogRecord[], cameras: ReadonlyMap<string, string>): Order[] {
  return records.flatMap((record) => {
    const camera = record.kind === 'alarm' ? cameras.get(record.device) : undefined;
    if (camera === undefined || record.kind !== 'alarm') return [];
    return record.transitions.flatMap(({ kind, hazard, alarm, episode, at }) =>
      kind === 'raised' && hazard !== 'communication' ? [{ device: record.device, alarm, episode, camera, at }] : [],
    );
  });
}

/** Orders as they are kept with the records. */
export function keptOrders(orders: readonly Order[]): (readonly [key: string, json: string])[] {
  return orders.map((order) => [orderKey(order), JSON.stringify(order)] as const);
}

/** What was ordered before the gateway went down, oldest first; what cannot be read is named, to be forgotten. */
export function savedOrders(saved: ReadonlyMap<string, string>): { orders: Order[]; unreadable: string[] } {
  const orders: Order[] = [];
  const unreadable: string[] = [];
  for (const [key, text] of saved) {
    if (!key.startsWith(prefix)) continue;
    const order = jsonAs(Order, text);
    if (order) orders.push(order);
    else unreadable.push(key);
  }
  return { orders: orders.sort((a, b) => a.at - b.at), unreadable };
}
