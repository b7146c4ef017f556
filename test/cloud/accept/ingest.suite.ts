import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Ingest } from '../../../cloud/accept/ingest.ts';
import { batchOf, entriesOf, gapEntry, headerOf } from './entries.ts';

export interface IngestUnderTest {
  readonly ingest: Ingest;
  /** A gateway id this backend knows, not used before. */
  readonly gateway: string;
  /** Everything committed of one lane, in order of sequence. */
  stored(gateway: string, epoch: string, lane: Lane): Promise<Entry[]>;
  /** Sequences that came a second time with other content, where the backend can tell. */
  conflicts?(gateway: string): Promise<number>;
  close(): Promise<void>;
}

/** What every `Ingest` must hold, in memory or in a database. */
export function ingestSuite(name: string, make: () => Promise<IngestUnderTest>): void {
  describe(`Ingest: ${name}`, () => {
    let under: IngestUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    const commit = (...batches: ReturnType<typeof batchOf>[]) => under.ingest.commit(under.gateway, batches, 1_760_000_000_000);
    const stored = (lane: Lane, epoch = 'e1') => under.stored(under.gateway, epoch, lane);

    it('begins at nothing', async () => {
      expect(await under.ingest.cursor(under.gateway, 'e1')).toEqual({ epoch: 'e1', alarm: 0, telemetry: 0 });
    });

    it('keeps what it commits and says how far it is', async () => {
      expect(await commit(batchOf('telemetry', 1, 3), batchOf('alarm', 1, 2), batchOf('telemetry', 4, 5))).toEqual({
        epoch: 'e1',
        alarm: 2,
        telemetry: 5,
      });
      expect(await under.ingest.cursor(under.gateway, 'e1')).toEqual({ epoch: 'e1', alarm: 2, telemetry: 5 });
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 5));
      expect(await stored('alarm')).toEqual(entriesOf('alarm', 1, 2));
    });

    it('counts a batch sent twice once, also within one commit', async () => {
      await commit(batchOf('telemetry', 1, 3), batchOf('telemetry', 1, 3));
      expect((await commit(batchOf('telemetry', 2, 4))).telemetry).toBe(4);
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 4));
    });

    it('does not step over a hole', async () => {
      await commit(batchOf('telemetry', 1, 2));
      expect((await commit(batchOf('telemetry', 4, 6))).telemetry).toBe(2);
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 2));
    });

    it('takes a gap as the range it covers', async () => {
      const entries = [...entriesOf('telemetry', 1, 2), gapEntry(3, 100), ...entriesOf('telemetry', 101, 101)];
      expect((await commit({ header: headerOf('telemetry', 1, 101), entries })).telemetry).toBe(101);
      expect((await stored('telemetry')).map((entry) => [entry.seq, entry.through])).toEqual([
        [1, 1],
        [2, 2],
        [3, 100],
        [101, 101],
      ]);
    });

    it('keeps the epochs of one gateway apart', async () => {
      await commit(batchOf('telemetry', 1, 3));
      expect(await under.ingest.cursor(under.gateway, 'e2')).toEqual({ epoch: 'e2', alarm: 0, telemetry: 0 });
      expect(await commit(batchOf('telemetry', 1, 2, 'e2', 1000))).toEqual({ epoch: 'e2', alarm: 0, telemetry: 2 });
      expect(await stored('telemetry', 'e1')).toEqual(entriesOf('telemetry', 1, 3));
      expect(await stored('telemetry', 'e2')).toEqual(entriesOf('telemetry', 1, 2, 1000));
    });

    it('applies every record once when two workers commit the same batches at once', async () => {
      const turns = Array.from({ length: 10 }, (_, index) => batchOf('telemetry', index * 5 + 1, index * 5 + 5));
      const worker = async () => {
        for (const batch of turns) await commit(batch);
      };
      await Promise.all([worker(), worker()]);
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 50));
      expect((await under.ingest.cursor(under.gateway, 'e1')).telemetry).toBe(50);
    });

    it('never stores other content over a sequence it has', async () => {
      await commit(batchOf('telemetry', 1, 3));
      expect((await commit(batchOf('telemetry', 1, 3, 'e1', 77))).telemetry).toBe(3);
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 3));
      if (under.conflicts !== undefined) expect(await under.conflicts(under.gateway)).toBeGreaterThan(0);
    });

    it('commits all of a refused commit or nothing', async () => {
      const broken = { header: headerOf('telemetry', 4, 6), entries: entriesOf('telemetry', 4, 5) };
      await commit(batchOf('telemetry', 1, 3));
      await commit(broken).catch(() => undefined);
      expect((await under.ingest.cursor(under.gateway, 'e1')).telemetry).toBe(3);
      expect(await stored('telemetry')).toEqual(entriesOf('telemetry', 1, 3));
    });

    it('hears hellos and beats', async () => {
      const hello = {
        schema: 'yihu-uplink/1' as const,
        gateway: under.gateway,
        epoch: 'e1',
        version: '0',
        at: 1_760_000_000_000,
      };
      const ends = { last: { alarm: 0, telemetry: 0 }, first: { alarm: 1, telemetry: 1 } };
      await under.ingest.hello(under.gateway, { ...hello, ...ends }, 1_760_000_000_100);
      await under.ingest.seen(under.gateway, 1_760_000_000_200);
      expect(await under.ingest.cursor(under.gateway, 'e1')).toEqual({ epoch: 'e1', alarm: 0, telemetry: 0 });
    });
  });
}
