import { type Kysely, sql } from 'kysely';
import { order } from './delivery-rows.ts';
import type { Tables } from './tables.ts';

interface Tested {
  readonly id: string;
  readonly test: { readonly address: string; readonly name: string } | undefined;
}

/** A channel's test lives this long: what has not arrived by then has failed. */
const testMs = 24 * 3_600_000;

/** 渠道月检: orders each channel's test once a month. Its delivery is the result; two processes make one. */
export async function testChannels(
  db: Kysely<Tables>,
  channels: { readonly all: ReadonlyMap<string, Tested> },
  now: number,
): Promise<void> {
  const month = new Date(now).toISOString().slice(0, 7);
  for (const { id, test } of channels.all.values()) if (test) await testChannel(db, id, test.name, `month ${month}`, now);
}

/** One test of one channel; the same occasion is tested once. Returns whether it was ordered now. */
export async function testChannel(
  db: Kysely<Tables>,
  channel: string,
  name: string,
  occasion: string,
  now: number,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const ordered = await order(trx, [
      {
        source: 'channel-test',
        subject: channel,
        who: { kind: 'target', id: channel, name },
        area: '',
        ladder: [[channel]],
        occasion,
        lifeSafety: false,
        priority: 9,
        message: {
          language: 'zh',
          title: '【一呼】渠道自检',
          text: `【一呼】这是一条渠道自检消息（${channel}），收到即表示通知渠道正常，无需处理。`,
        },
        at: now,
        expiresAt: now + testMs,
      },
    ]);
    return ordered > 0;
  });
}

/** How each channel does: its last test, what went and what failed since `since`. */
export interface ChannelHealth {
  readonly channel: string;
  readonly waiting: number;
  readonly sent: number;
  readonly delivered: number;
  readonly failed: number;
  readonly lastTest: { readonly at: number; readonly state: string; readonly code: string | null } | null;
  /** The last failure's code. */
  readonly lastCode: string | null;
}

export async function channelHealth(db: Kysely<Tables>, channels: readonly string[], since: number): Promise<ChannelHealth[]> {
  const { rows } = await sql<ChannelHealth>`select c.channel,
      count(d.id) filter (where d.state in ('queued', 'held', 'sending'))::int as waiting,
      count(d.id) filter (where d.sent_at > ${since})::int as sent,
      count(d.id) filter (where d.delivered_at > ${since})::int as delivered,
      count(d.id) filter (where d.failed_at > ${since})::int as failed,
      (select jsonb_build_object('at', t.created_at, 'state', t.state, 'code', t.code) from delivery t
        where t.channel = c.channel and t.source = 'channel-test' order by t.created_at desc limit 1) as "lastTest",
      (select f.code from delivery f where f.channel = c.channel and f.state = 'failed' order by f.failed_at desc limit 1) as "lastCode"
    from unnest(${[...channels]}::text[]) with ordinality as c(channel, nth)
    left join delivery d on d.channel = c.channel and d.created_at > ${since}
    group by c.channel, c.nth order by c.nth`.execute(db);
  return rows;
}
