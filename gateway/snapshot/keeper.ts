import { createHash } from 'node:crypto';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { MissingReason, SnapshotOf, SnapshotRecord } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Clock } from '../clock.ts';
import { limits } from './limits.ts';
import { orderKey } from './orders.ts';
import { Shelf, type Shelved, shelfKey } from './shelf.ts';

type State = readonly (readonly [key: string, json: string | null])[];

/** What the keeper needs of the log: records and state in one commit. */
export interface SnapshotLog {
  append(commit: { alarm: readonly LogRecord[]; telemetry: readonly LogRecord[]; state: State }): Promise<unknown>;
}

export interface KeeperOptions {
  readonly folder: string;
  readonly keepMs: number;
  readonly maxBytes: number;
  /** False where this gateway works alone: then nothing waits for a cloud. */
  readonly hasCloud: boolean;
  readonly log: SnapshotLog;
  readonly clock: Clock;
  /** Pictures had to go before the cloud had them. */
  readonly onDropped: (count: number) => void;
}

export interface KeeperCounters {
  kept: number;
  shared: number;
  missing: number;
  sent: number;
  refused: number;
  /** Gone before the cloud had them. */
  dropped: number;
  expired: number;
}

/** Pictures on the disk and their records in the log, always together: the record, the order's end and what is known of the file are one commit. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #shelf: Shelf;
  readonly #listeners = new Set<() => void>();
  #turn: Promise<void> = Promise.resolve();
  readonly counters: KeeperCounters = { kept: 0, shared: 0, missing: 0, sent: 0, refused: 0, dropped: 0, expired: 0 };

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#shelf = new Shelf(options.folder);
  }

  /** `forget`: keys of the state that mean nothing any more. */
  async open(saved: ReadonlyMap<string, string>, forget: readonly string[]): Promise<void> {
    const unreadable = [...(await this.#shelf.open(saved)), ...forget];
    if (unreadable.length > 0) await this.#commit([], forgetting(unreadable));
    await this.tidy();
  }

  get waiting(): number {
    return this.#shelf.all().filter(({ sent }) => !sent).length;
  }

  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** @throws where the disk takes neither file nor record; then nothing of it was kept. */
  keep(camera: string, at: number, picture: Buffer, of: readonly SnapshotOf[]): Promise<Shelved> {
    return this.#inTurn(() => this.#keep(camera, at, picture, of));
  }

  async #keep(camera: string, at: number, picture: Buffer, of: readonly SnapshotOf[]): Promise<Shelved> {
    await this.#tidy(picture.length);
    const written = await this.#shelf.write(camera, at, picture);
    const shelved = { ...written, sent: !this.#options.hasCloud };
    try {
      await this.#commit([recordOf(shelved, of)], [...endOf(of), [shelfKey(shelved.id), JSON.stringify(shelved)]]);
    } catch (error) {
      if (this.#shelf.get(shelved.id) === undefined) await this.#shelf.remove(shelved.id);
      throw error;
    }
    this.#shelf.know(shelved);
    this.counters.kept += 1;
    for (const listener of this.#listeners) listener();
    return shelved;
  }

  /** The same picture for more alarms. */
  async share(shelved: Shelved, of: readonly SnapshotOf[]): Promise<void> {
    await this.#commit([recordOf(shelved, of)], endOf(of));
    this.counters.shared += of.length;
  }

  /** There is no picture, and this is why. */
  async miss(camera: string, at: number, missing: MissingReason, of: readonly SnapshotOf[]): Promise<void> {
    const [first] = of;
    const id = idOf(camera, at, missing, first ? orderKey(first) : '');
    await this.#commit([{ kind: 'snapshot', id, camera, at, of: [...of], picture: { missing } }], endOf(of));
    this.counters.missing += of.length;
  }

  /** Lets go of what is too old, and of the oldest where there is not room for `needBytes` more: first of what the cloud has. */
  tidy(): Promise<void> {
    return this.#inTurn(() => this.#tidy(0));
  }

  async #tidy(needBytes: number): Promise<void> {
    const { clock, keepMs } = this.#options;
    const all = this.#shelf.all();
    const old = all.filter(({ at }) => at < clock.now() - keepMs);
    const young = all.filter((shelved) => !old.includes(shelved));
    const leaving = [...old, ...this.#surplus(young, needBytes)];
    if (leaving.length === 0) return;
    const lost = leaving.filter(({ sent }) => !sent);
    const at = clock.now();
    const records = lost.map(({ id, camera }): SnapshotRecord => {
      return { kind: 'snapshot', id, camera, at, of: [], picture: { missing: 'dropped' } };
    });
    await this.#commit(records, forgetting(leaving.map(({ id }) => shelfKey(id))));
    for (const { id } of leaving) await this.#shelf.remove(id);
    this.counters.expired += leaving.length - lost.length;
    this.counters.dropped += lost.length;
    if (lost.length > 0) this.#options.onDropped(lost.length);
  }

  #surplus(young: readonly Shelved[], needBytes: number): Shelved[] {
    let bytes = young.reduce((sum, shelved) => sum + shelved.bytes, needBytes);
    let count = young.length + (needBytes > 0 ? 1 : 0);
    const surplus: Shelved[] = [];
    for (const shelved of [...young.filter(({ sent }) => sent), ...young.filter(({ sent }) => !sent)]) {
      if (bytes <= this.#options.maxBytes && count <= limits.pictures) break;
      surplus.push(shelved);
      bytes -= shelved.bytes;
      count -= 1;
    }
    return surplus;
  }

  /** For the uplink: the newest that the cloud does not have. A file that is gone or changed is said to be dropped. */
  async next(aside: ReadonlySet<string>): Promise<{ id: string; sha256: string; bytes: Uint8Array } | null> {
    for (const shelved of this.#shelf.all().toReversed()) {
      if (shelved.sent || aside.has(shelved.id)) continue;
      const bytes = await this.#shelf.read(shelved.id);
      if (bytes !== null) return { id: shelved.id, sha256: shelved.sha256, bytes };
      await this.#lose(shelved);
    }
    return null;
  }

  async done(id: string, end: 'kept' | 'refused'): Promise<void> {
    const shelved = this.#shelf.get(id);
    if (!shelved || shelved.sent) return;
    const sent = { ...shelved, sent: true };
    this.#shelf.know(sent);
    this.counters[end === 'kept' ? 'sent' : 'refused'] += 1;
    await this.#commit([], [[shelfKey(id), JSON.stringify(sent)]]);
  }

  onMore(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #lose({ id, camera }: Shelved): Promise<void> {
    const at = this.#options.clock.now();
    await this.#commit(
      [{ kind: 'snapshot', id, camera, at, of: [], picture: { missing: 'dropped' } }],
      forgetting([shelfKey(id)]),
    );
    await this.#shelf.remove(id);
    this.counters.dropped += 1;
    this.#options.onDropped(1);
  }

  /** One after the other, so that nothing is made room for, or dropped, twice. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #commit(alarm: readonly LogRecord[], state: State): Promise<void> {
    await this.#options.log.append({ alarm, telemetry: [], state });
  }
}

function recordOf({ id, camera, at, bytes, sha256 }: Shelved, of: readonly SnapshotOf[]): SnapshotRecord {
  const named = of.map(({ device, alarm, episode }) => ({ device, alarm, episode }));
  return { kind: 'snapshot', id, camera, at, of: named, picture: { bytes, sha256, type: 'image/jpeg' } };
}

function endOf(of: readonly SnapshotOf[]): (readonly [string, null])[] {
  return of.map((one) => [orderKey(one), null] as const);
}

function forgetting(keys: readonly string[]): (readonly [string, null])[] {
  return keys.map((key) => [key, null] as const);
}

function idOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}
