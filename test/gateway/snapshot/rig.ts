import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SnapshotRecord } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { PictureOutcome } from '../../../gateway/collect/driver.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';
import { type SnapshotOptions, Snapshots } from '../../../gateway/snapshot/snapshots.ts';
import type { Commit } from '../../../gateway/store/log.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { HandClock, settle } from '../../hand-clock.ts';

const aMoment = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Real time for the disk between two turns of the hand clock: until nothing is asked of it any more. */
async function disk(): Promise<void> {
  for (let quiet = 0; quiet < 5;) {
    await settle();
    await aMoment();
    // Closing a file is a request of another name.
    quiet = process.getActiveResourcesInfo().some((kind) => /^(FSReq|CloseReq)/.test(kind)) ? 0 : quiet + 1;
  }
}

export function jpeg(seed = 1, padBytes = 0): Buffer {
  const comment = padBytes === 0 ? {} : { comment: Buffer.alloc(padBytes, 1) };
  return mosaicJpeg({ columns: 12, rows: 8, ...comment }, corridor(12, 8, seed * 777));
}

export function raised(device: string, episode = 1, at = 0, more: Partial<Transition> = {}): LogRecord {
  const transition: Transition = {
    alarm: 'smoke',
    kind: 'raised',
    episode,
    severity: 'critical',
    hazard: 'fire',
    latch: 'none',
    name: { zh: '烟雾' },
    reason: { code: 'state-entered', value: true },
    at,
    ...more,
  };
  return { kind: 'alarm', device, profile: 'test.smoke', at, events: [], transitions: [transition] };
}

/** Snapshots over a log and a folder, with cameras the test speaks for. */
export class Rig {
  readonly clock = new HandClock();
  readonly folder = mkdtempSync(join(tmpdir(), 'yihu-snapshots-'));
  readonly rows = new MemoryRows();
  log = new MemoryLog({ rows: this.rows, readers: ['uplink'], clock: this.clock });
  readonly asked: string[] = [];
  readonly troubles: string[] = [];
  /** What a camera answers; by default a picture at once. */
  answer: (camera: string) => Promise<PictureOutcome> = () => Promise.resolve({ at: this.clock.now(), bytes: jpeg() });
  /** The disk takes nothing while this is set. */
  broken: Error | null = null;
  snapshots: Snapshots | null = null;

  async start(options: Partial<SnapshotOptions> = {}): Promise<Snapshots> {
    const snapshots = new Snapshots({
      folder: join(this.folder, 'snapshots'),
      keepMs: 7 * 86_400_000,
      maxBytes: 1024 * 1024,
      hasCloud: true,
      cameras: () =>
        new Map([
          ['smoke-1', 'cam-1'],
          ['smoke-2', 'cam-1'],
          ['smoke-3', 'cam-2'],
        ]),
      mayKeep: () => true,
      log: { append: (commit) => (this.broken ? Promise.reject(this.broken) : this.log.append(commit)) },
      clock: this.clock,
      ask: (camera) => {
        this.asked.push(camera);
        return this.answer(camera);
      },
      onTrouble: (_key, trouble) => void (trouble && this.troubles.push(trouble.en)),
      ...options,
    });
    this.snapshots = snapshots;
    await snapshots.start(await this.log.loadState());
    snapshots.begin();
    await this.turn();
    return snapshots;
  }

  /** As the pipeline does: records and what is besides them in one commit, and then they are kept. */
  async commit(...records: LogRecord[]): Promise<void> {
    const state: Commit['state'] = records.flatMap((record) => [...(this.snapshots?.besides(record) ?? [])]);
    await this.log.append({ alarm: records, telemetry: [], state });
    this.snapshots?.kept(records);
  }

  async turn(ms = 0): Promise<void> {
    await disk();
    if (ms === 0) return;
    await this.clock.advance(ms);
    await disk();
  }

  /** Every record of the alarm lane, oldest first. */
  async records(): Promise<LogRecord[]> {
    const batches = await this.log.read('uplink', 'alarm', 64 * 1024 * 1024, 0);
    return batches.flatMap(({ blob }) => unpack(blob)).map(({ record }) => record);
  }

  async taken(): Promise<SnapshotRecord[]> {
    return (await this.records()).filter((record) => record.kind === 'snapshot');
  }

  async state(prefix: string): Promise<string[]> {
    return [...(await this.log.loadState()).keys()].filter((key) => key.startsWith(prefix));
  }

  files(): string[] {
    return readdirSync(join(this.folder, 'snapshots')).toSorted();
  }

  async close(): Promise<void> {
    await this.snapshots?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
