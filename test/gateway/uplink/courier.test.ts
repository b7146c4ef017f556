import { describe, expect, it } from 'vitest';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Batch } from '../../../gateway/store/log.ts';
import { backoffMs } from '../../../gateway/uplink/backoff.ts';
import { Courier, type CourierAction } from '../../../gateway/uplink/courier.ts';
import { fitToWire, maxBlobBytes } from '../../../gateway/uplink/fit-to-wire.ts';
import { entriesOf } from '../../cloud/accept/entries.ts';

const at = 1_760_000_000_000;
const batch = (lane: Lane, first: number, last = first, bytes = 100): Batch => ({
  lane,
  first,
  last,
  blob: new Uint8Array(bytes),
});

/** A courier with a session, whose log is written up to 1,000 in both lanes and whose cloud has nothing. */
function running(window?: { batches: number; bytes: number }) {
  const lanesWindow = window === undefined ? undefined : { alarm: window, telemetry: window };
  const courier = new Courier({ epoch: 'e1', chance: () => 0.5, window: lanesWindow });
  courier.handle({ is: 'tick' }, 0);
  courier.handle({ is: 'opened' }, 1);
  courier.handle({ is: 'greeted', last: { alarm: 1_000, telemetry: 1_000 } }, 1);
  const first = courier.handle({ is: 'cursor', cursor: { epoch: 'e1', alarm: 0, telemetry: 0 } }, 2);
  return { courier, reads: readsOf(first) };
}

function readsOf(actions: readonly CourierAction[]): Map<Lane, CourierAction & { do: 'read' }> {
  return new Map(actions.flatMap((action) => (action.do === 'read' ? [[action.lane, action]] : [])));
}

const sentBy = (actions: readonly CourierAction[]) =>
  actions.flatMap((action) => (action.do === 'send' ? [`${action.batch.lane} ${action.batch.first}`] : []));

const answer = (read: (CourierAction & { do: 'read' }) | undefined, batches: Batch[]) => {
  if (read === undefined) throw new Error('no read was asked for');
  return { is: 'read', lane: read.lane, ticket: read.ticket, batches, at } as const;
};

describe('courier', () => {
  it('holds telemetry that is read already until it knows that no alarm waits', () => {
    const { courier, reads } = running();
    expect(sentBy(courier.handle(answer(reads.get('telemetry'), [batch('telemetry', 1), batch('telemetry', 2)]), 3))).toEqual([]);
    expect(sentBy(courier.handle(answer(reads.get('alarm'), [batch('alarm', 1)]), 4))).toEqual(['alarm 1']);
  });

  it('sends an alarm at once, whatever is under way in the other lane', () => {
    const { courier, reads } = running({ batches: 2, bytes: 1_000 });
    courier.handle(answer(reads.get('alarm'), []), 3);
    const full = courier.handle(
      answer(
        reads.get('telemetry'),
        [1, 2, 3, 4].map((seq) => batch('telemetry', seq)),
      ),
      4,
    );
    expect(sentBy(full)).toEqual(['telemetry 1', 'telemetry 2']);
    const asked = readsOf(courier.handle({ is: 'appended', lanes: ['alarm'] }, 5));
    expect(sentBy(courier.handle(answer(asked.get('alarm'), [batch('alarm', 1)]), 6))).toEqual(['alarm 1']);
  });

  it('has no more under way than its window, in batches and in bytes, and always one', () => {
    const few = running({ batches: 3, bytes: 100_000 });
    few.courier.handle(answer(few.reads.get('alarm'), []), 3);
    few.courier.handle(
      answer(
        few.reads.get('telemetry'),
        [1, 2, 3, 4, 5].map((seq) => batch('telemetry', seq)),
      ),
      4,
    );
    expect(few.courier.view().inFlight.telemetry).toBe(3);
    const long = running({ batches: 64, bytes: 8_000 });
    long.courier.handle(answer(long.reads.get('alarm'), []), 3);
    long.courier.handle(answer(long.reads.get('telemetry'), [batch('telemetry', 1, 9, 500_000), batch('telemetry', 10)]), 4);
    expect(long.courier.view().inFlight.telemetry).toBe(1);
  });

  it('moves its cursor by the cloud’s word only, forward and back', () => {
    const { courier, reads } = running();
    courier.handle(answer(reads.get('alarm'), []), 3);
    courier.handle(answer(reads.get('telemetry'), [batch('telemetry', 1, 50)]), 4);
    expect(courier.view().cursor).toMatchObject({ telemetry: 0 });
    const forward = courier.handle({ is: 'cursor', cursor: { epoch: 'e1', alarm: 0, telemetry: 50 } }, 5);
    expect(forward).toContainEqual({ do: 'move', lane: 'telemetry', through: 50 });
    const back = courier.handle({ is: 'cursor', cursor: { epoch: 'e1', alarm: 0, telemetry: 20, rewind: true } }, 6);
    expect(back).toContainEqual({ do: 'move', lane: 'telemetry', through: 20 });
    expect(readsOf(back).get('telemetry')?.after).toBe(20);
  });

  it('ignores cursors of another log, and answers to reads it no longer waits for', () => {
    const { courier, reads } = running();
    const late = answer(reads.get('telemetry'), [batch('telemetry', 1)]);
    expect(courier.handle({ is: 'cursor', cursor: { epoch: 'other', alarm: 900, telemetry: 900 } }, 3)).toEqual([]);
    courier.handle({ is: 'closed' }, 4);
    expect(courier.handle(late, 5)).toEqual([]);
  });

  it('waits longer after every failure, with full jitter, and starts over after a success', () => {
    expect([0, 1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
      500, 1_000, 2_000, 4_000, 30_000, 30_000,
    ]);
    expect(backoffMs(10, () => 0)).toBe(0);
    const courier = new Courier({ epoch: 'e1', chance: () => 1 });
    const waits: number[] = [];
    let now = 0;
    for (let turn = 0; turn < 4; turn++) {
      courier.handle({ is: 'tick' }, now);
      courier.handle({ is: 'closed' }, now);
      waits.push(courier.deadline() - now);
      now = courier.deadline();
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
  });
});

describe('a batch too long for the wire', () => {
  it('travels in parts that hold the same records', () => {
    const entries = entriesOf('telemetry', 1, 400).map((entry) => ({ ...entry, record: noisy(entry.seq, 8_000) }));
    const whole: Batch = { lane: 'telemetry', first: 1, last: 400, blob: pack(entries) };
    const parts = fitToWire(whole);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ blob }) => blob.length <= maxBlobBytes)).toBe(true);
    expect(parts.map(({ first, last }) => [first, last]).flat()).toEqual(
      parts.flatMap((part) => [unpack(part.blob)[0]?.seq, unpack(part.blob).at(-1)?.through]),
    );
    expect(parts.flatMap(({ blob }) => unpack(blob))).toEqual(entries);
  });

  it('is itself where it fits', () => {
    const small = batch('alarm', 1);
    expect(fitToWire(small)).toEqual([small]);
  });
});

/** A record deflate cannot make smaller. */
function noisy(seq: number, bytes: number): LogRecord {
  let state = seq;
  const text = Array.from({ length: bytes / 2 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(33 + ((state >>> 16) % 90));
  }).join('');
  return { kind: 'readings', device: 'd', profile: 'p', at, readings: [{ point: 'p', value: text, quality: 'good', at }] };
}
