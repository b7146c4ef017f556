import { randomUUID } from 'node:crypto';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock, Timer } from '../../clock.ts';
import type { Chance } from '../../random.ts';
import { Backoff } from './backoff.ts';
import type { Answer, DeviceClient } from './client.ts';
import { escapeFor, escapePath, fill } from './fill.ts';
import type { Intake } from './intake.ts';
import { parseJson, withoutPictures } from './json.ts';
import { at, pathOf } from './json-path.ts';
import { limits } from './limits.ts';
import { meaningOf, serialAt } from './meaning.ts';
import type { HttpDevice } from './port.ts';
import type { Range } from './serials.ts';
import { type Trouble, troubles } from './trouble.ts';
import { xmlContent } from './xml-content.ts';

export interface BackfillParts {
  readonly device: HttpDevice;
  readonly client: DeviceClient;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly chance: Chance;
}

/**
 * 补数: asks a device for the events that are missing in its numbering, and after an outage for all since the last one. The
 * device's list has no order: each page is sorted by number, and each number taken once.
 */
export class Backfill {
  readonly #parts: BackfillParts;
  readonly #stopping = new AbortController();
  readonly #backoff: Backoff;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  /** An outage may have hidden events at the end of the numbering, where no gap shows. */
  #mustCatchUp = true;
  #trouble: Trouble | null = null;

  constructor(parts: BackfillParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(limits.backfillFirstMs, limits.backfillLastMs, parts.chance);
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  start(): this {
    this.#wakeIn(limits.backfillFirstMs * (0.5 + this.#parts.chance()));
    return this;
  }

  /** A gap was seen. */
  wake(): void {
    if (this.#running === null && this.#trouble === null) this.#wakeIn(0);
  }

  /** The device was away, and is back. */
  catchUp(): void {
    this.#mustCatchUp = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#running;
  }

  #wakeIn(ms: number): void {
    this.#timer?.cancel();
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#parts.clock.after(ms, () => {
      this.#timer = null;
      this.#running ??= this.#run().finally(() => (this.#running = null));
    });
  }

  async #run(): Promise<void> {
    const { intake, device, clock } = this.#parts;
    const ranges = this.#ranges();
    const isCatchingUp = this.#mustCatchUp;
    this.#mustCatchUp = false;
    const trouble = await this.#fillAll(ranges);
    this.#trouble = trouble;
    intake.fault(device, 'backfill', trouble?.code);
    if (trouble !== null) {
      this.#mustCatchUp ||= isCatchingUp;
      intake.counters.add('backfill_failures');
      intake.exchanges.add(device.id, {
        at: clock.now(),
        sent: `${this.#spec().method} ${this.#spec().path}`,
        note: { zh: trouble.zh, en: trouble.en },
      });
      return this.#wakeIn(this.#backoff.waitMs());
    }
    this.#backoff.reset();
    const { every } = this.#spec();
    // What came up meanwhile is asked for at once, the end of the numbering at its pace.
    if (this.#ranges().length > 0) return this.#wakeIn(limits.backfillFirstMs);
    if (every === undefined) return;
    this.#mustCatchUp = true;
    this.#wakeIn(every);
  }

  #spec() {
    const { backfill } = meaningOf(this.#parts.device.profile).transport;
    if (!backfill) throw new Error(`${this.#parts.device.id} has no back-fill`);
    return backfill;
  }

  /** Missing ranges, and everything since the last one. Nothing where no event of the device is known: what was before is not ours. */
  #ranges(): Range[] {
    const serials = this.#parts.intake.serials(this.#parts.device);
    if (serials === null) return [];
    return [...serials.missing, ...(this.#mustCatchUp ? [[serials.last + 1, this.#spec().highest] as const] : [])];
  }

  async #fillAll(ranges: readonly Range[]): Promise<Trouble | null> {
    for (const range of ranges) {
      const trouble = await this.#fill(range);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  async #fill([first, last]: Range): Promise<Trouble | null> {
    const { intake, device } = this.#parts;
    for (let from = first, pages = 0; from <= last && pages < limits.backfillPages; pages++) {
      if (this.#stopping.signal.aborted) return troubles.silent(false);
      const page = await this.#page(from, last);
      if ('code' in page) return page;
      const events = page.events.filter(({ serial }) => serial >= from && serial <= last);
      // A device that answers with other numbers than it was asked for would have us believe that there are none.
      if (events.length === 0 && page.events.length > 0) return troubles.unfitAnswer();
      if (events.length === 0) break;
      try {
        const messages = events.map(({ event }) => event);
        const news = await intake.take({ device, channel: this.#spec().channel, messages, isHistorical: true });
        intake.counters.add('backfilled', news);
      } catch (error) {
        return troubles.broken(`not kept: ${String(error)}`, true);
      }
      from = (events.at(-1)?.serial ?? last) + 1;
    }
    if (last < this.#spec().highest) intake.settled(device, [first, last]);
    return null;
  }

  /** One page from a number on, in order, each number once. */
  async #page(from: number, to: number): Promise<{ events: { serial: number; event: Json }[] } | Trouble> {
    const { client, device, intake, clock } = this.#parts;
    const { method, path, type, body, page, list, serial } = this.#spec();
    const { identity } = meaningOf(device.profile).transport;
    const values = new Map([
      [identity.name, device.address.identity ?? ''],
      ['from', String(from)],
      ['to', String(to)],
      ['page', String(page)],
      ['search', randomUUID()],
    ]);
    const askPath = fill(path, values, escapePath);
    const askBody = fill(body, values, escapeFor(type));
    if (askPath === undefined || askBody === undefined) return troubles.unfitAnswer();
    const startedMono = clock.mono();
    const ask = { method, path: askPath, ...(method === 'POST' && { type, body: askBody }) };
    const answer = await client.ask(ask, this.#stopping.signal);
    if ('code' in answer) return answer;
    const root = answer.status === 200 ? treeOf(answer) : undefined;
    const found = root === undefined ? undefined : at(root, pathOf(list));
    const items = Array.isArray(found) ? (found as readonly Json[]) : [];
    intake.exchanges.add(device.id, {
      at: clock.now(),
      sent: `${method} ${path} ${from}–${to}`,
      heard: `${answer.status} ${answer.text.length} B, ${items.length} events`,
      tookMs: clock.mono() - startedMono,
    });
    if (answer.status !== 200) return troubles.status(answer.status, true);
    // No list is no events; but what should hold the list must be there.
    if (root === undefined || at(root, pathOf(list).slice(0, -1)) === undefined) return troubles.unfitAnswer();
    const numbered = items.flatMap((item) => {
      const number = serialAt(item, pathOf(serial));
      return number === undefined ? [] : [[number, this.#shaped(item)] as const];
    });
    const events = [...new Map(numbered)].map(([number, event]) => ({ serial: number, event }));
    return { events: events.sort((a, b) => a.serial - b.serial) };
  }

  /** The event as its profile looks for it, with the names of a message beside its own. */
  #shaped(item: Json): Json {
    if (!isObject(item)) return item;
    const also = Object.entries(this.#spec().as).flatMap(([name, path]): [string, Json][] => {
      const found = at(item, pathOf(path));
      return found === undefined ? [] : [[name, found]];
    });
    return withoutPictures({ ...item, ...Object.fromEntries(also) }, () => undefined);
  }
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function treeOf({ text }: Answer): Json | undefined {
  return text.trimStart().startsWith('<') ? xmlContent(text) : parseJson(text);
}
