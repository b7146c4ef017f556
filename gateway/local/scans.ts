import type { LocalFound, LocalScan, LocalScanRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';
import { codecs } from '../codecs.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { isSameShape, shapeText } from '../collect/line/line-time.ts';
import { deviceShape, type LineDevice } from '../collect/line/plan.ts';
import { LinePort, lineShape } from '../collect/line/settings.ts';
import { linePlace } from '../commission/line-place.ts';
import { usualShapes } from '../commission/line-questions.ts';
import { wiresFor } from '../commission/read-wire.ts';
import { type LineScan, type LineScanEvent, scanLine } from '../commission/scan-line.ts';
import type { SitePort } from '../config.ts';
import type { Lend } from './lend.ts';
import { placeOf } from './lines.ts';

export interface ScansOptions {
  readonly clock: Clock;
  readonly ports: () => readonly SitePort[];
  readonly lend: Lend;
}

/** What is asked of a scan: as the page asks, and as the command line does. */
export interface ScanAsked extends LocalScanRequest, Partial<Pick<LineScan, 'shapes' | 'wires' | 'modbusMs' | 'isThorough'>> {
  /** Told each event as it happens. */
  readonly hear?: (step: ScanStep) => void;
}

/** An event of a scan; `known`: the device of the site file that was found. */
export type ScanStep = LineScanEvent & { readonly known?: string | null };

const busy: Text = { zh: '正在扫描，请先停止。', en: 'A scan is under way; stop it first.' };

/** 扫描: one at a time, told as it goes; the line of a port is borrowed for it. */
export class Scans {
  readonly #options: ScansOptions;
  readonly #listeners = new Set<(scan: LocalScan) => void>();
  #scan: LocalScan | null = null;
  #stop: AbortController | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ScansOptions) {
    this.#options = options;
  }

  now(): LocalScan | null {
    return this.#scan;
  }

  follow(listener: (scan: LocalScan) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(asked: ScanAsked): { refused: Text } | { scan: LocalScan } {
    if (this.#stop !== null) return { refused: busy };
    const { place } = asked;
    const at = this.#options.clock.now();
    const none = { asking: null, done: 0, of: 0, found: [], noise: 0, reason: null };
    const scan: LocalScan = { place, state: 'listening', at, atMostMs: 0, ...none };
    this.#scan = scan;
    const stop = new AbortController();
    this.#stop = stop;
    this.#work = this.#run(asked, stop.signal)
      .catch((error: unknown) => this.#change({ state: 'failed', reason: { zh: String(error), en: String(error) } }))
      .finally(() => (this.#stop = null));
    return { scan };
  }

  /** Between two questions. */
  stop(): void {
    this.#stop?.abort(new Error('stopped by the installer'));
  }

  /** When the scan under way is over, and the line is back with whom it belongs to. */
  over(): Promise<void> {
    return this.#work;
  }

  async end(): Promise<void> {
    this.stop();
    await this.#work;
  }

  #run(asked: ScanAsked, stopped: AbortSignal): Promise<void> {
    const owner = this.#options.ports().find((port) => placeOf(port) === asked.place);
    if (!owner) return this.#look(asked, stopped, null);
    return this.#options.lend(owner.id, (ending) => this.#look(asked, AbortSignal.any([stopped, ending]), owner));
  }

  async #look(asked: ScanAsked, signal: AbortSignal, owner: SitePort | null): Promise<void> {
    const { clock } = this.#options;
    const { place, from, to, hear, ...how } = asked;
    // Nobody else asks on a line that is polled from here, and its parameters are known.
    const own = owner === null ? {} : { listenMs: 0, shapes: shapesOf(owner) };
    const scan = { place: linePlace(place), units: { from, to }, clock, signal, ...own, ...how };
    for await (const event of scanLine(scan)) {
      this.#take(event, owner);
      hear?.(event.kind === 'found' ? { ...event, known: knownIn(owner, event.slave.address) } : event);
    }
  }

  #take(event: LineScanEvent, owner: SitePort | null): void {
    const scan = this.#scan;
    if (scan === null) return;
    switch (event.kind) {
      case 'plan':
        return this.#change({ atMostMs: event.atMostMs });
      case 'asking':
        return this.#change({
          state: 'asking',
          asking: askedText(event),
          done: event.done,
          of: event.of,
          atMostMs: this.#options.clock.now() - scan.at + event.leftMs,
        });
      case 'found':
        return this.#change({ found: [...scan.found, foundOf(event, owner)] });
      case 'noise':
        return this.#change({ noise: scan.noise + 1 });
      case 'occupied':
        return this.#change({ state: 'failed', reason: occupied(event.heard) });
      case 'unreachable':
        return this.#change({ state: 'failed', reason: { zh: event.problem.zh, en: event.problem.en } });
      case 'done':
        return this.#change({
          state: event.wasStopped ? 'stopped' : 'done',
          asking: null,
          done: event.wasStopped ? scan.done : scan.of,
        });
    }
  }

  #change(change: Partial<LocalScan>): void {
    if (this.#scan === null) return;
    this.#scan = { ...this.#scan, ...change };
    for (const listener of this.#listeners) listener(this.#scan);
  }
}

/** What the devices of a line are spoken to with, and then what else there is. */
function shapesOf({ settings, devices }: SitePort): SerialShape[] {
  const port = LinePort.safeParse(settings);
  const own = port.success
    ? [lineShape(port.data), ...devices.map((device) => deviceShape(port.data, device as LineDevice))]
    : [];
  const all = [...own.filter((shape) => shape !== undefined), ...usualShapes];
  return all.filter((shape, i) => all.findIndex((other) => isSameShape(shape, other)) === i);
}

function askedText({ name, shape }: Extract<LineScanEvent, { kind: 'asking' }>): string {
  return shape === null ? name : `${name} · ${shapeText(shape)}`;
}

function foundOf({ slave, shape, tookMs }: Extract<LineScanEvent, { kind: 'found' }>, owner: SitePort | null): LocalFound {
  const { wire, address, kind, profiles } = slave;
  return { wire, address, kind, profiles, shape: shape && shapeText(shape), tookMs, known: knownIn(owner, address) };
}

/** The device of the port that has this address. */
function knownIn(owner: SitePort | null, address: Readonly<Record<string, string | number>>): string | null {
  const isSame = (other: unknown) =>
    typeof other === 'object' &&
    other !== null &&
    Object.entries(address).every(([key, value]) => (other as Record<string, unknown>)[key] === value);
  return owner?.devices.find((device) => isSame(device.address))?.id ?? null;
}

/** Whoever talks there can be listened to, and is no reason to talk into it. */
function occupied(heard: string): Text {
  const [best] = wiresFor(codecs.values(), { text: heard, as: 'hex' });
  const bytes = heard.length / 2;
  return {
    zh: `这条线上另有主站在问（听到 ${bytes} 字节${best ? `，像 ${best.wire}` : ''}），没有发问，以免打断它。停掉它再扫描。`,
    en: `Somebody else asks on this line (${bytes} bytes were heard${best ? `, it looks like ${best.wire}` : ''}); nothing was sent. Stop that first.`,
  };
}
