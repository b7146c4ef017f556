import type { IncomingMessage } from 'node:http';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import type { Chance } from '../../random.ts';
import type { Snapshot } from '../driver.ts';
import { Backoff } from './backoff.ts';
import type { DeviceClient } from './client.ts';
import { readBody } from './document.ts';
import { asIs, fill } from './fill.ts';
import type { Intake } from './intake.ts';
import { limits } from './limits.ts';
import { compileShown, meaningOf } from './meaning.ts';
import { MultipartError, MultipartReader, parameterOf, type Part, type PartHead } from './multipart.ts';
import type { HttpDevice } from './port.ts';
import { mayBeKept } from './request-body.ts';
import { type Trouble, troubles } from './trouble.ts';

export interface StreamParts {
  readonly device: HttpDevice;
  readonly client: DeviceClient;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly snapshot: ((snapshot: Snapshot) => Promise<void>) | undefined;
  /** Told when the stream is there, after however long it was not, and when it is gone. */
  onChange(isUp: boolean): void;
}

/**
 * Holds a device's event stream open for as long as the port lives. What it says is taken in order; while the disk takes
 * nothing, the device is made to wait by not reading on, and a silence longer than the profile allows ends the connection.
 */
export class StreamLink {
  readonly #parts: StreamParts;
  readonly #stopping = new AbortController();
  readonly #backoff: Backoff;
  readonly #shown: (json: Json) => string;
  #running: Promise<void> = Promise.resolve();
  #trouble: Trouble | null = null;
  #isUp = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(limits.reconnectFirstMs, limits.reconnectLastMs, parts.chance);
    this.#shown = compileShown(parts.device.profile);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why it is not up; null while it is, or before the first attempt has ended. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  start(): this {
    this.#running = this.#run();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, intake } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const trouble = await this.#once();
      this.#isUp = false;
      if (signal.aborted) break;
      this.#trouble = trouble;
      intake.counters.add('reconnects');
      intake.fault(this.#parts.device, 'stream', trouble.code);
      intake.exchanges.add(this.#parts.device.id, {
        at: clock.now(),
        sent: `GET ${this.#transport().path}`,
        note: { zh: trouble.zh, en: trouble.en },
      });
      this.#parts.onChange(false);
      await clock.sleep(this.#backoff.waitMs(), signal).catch(() => undefined);
    }
    this.#parts.onChange(false);
  }

  #transport() {
    const { stream } = meaningOf(this.#parts.device.profile).transport;
    if (!stream) throw new Error(`${this.#parts.device.id} has no stream`);
    return stream;
  }

  /** From connecting to the end of the stream, whatever ends it. */
  async #once(): Promise<Trouble> {
    const { client, device } = this.#parts;
    const own = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, own.signal]);
    const watch = this.#watch(() => own.abort());
    try {
      const { identity } = meaningOf(device.profile).transport;
      const values = new Map([[identity.name, device.address.identity ?? '']]);
      const path = fill(this.#transport().path, values, asIs) ?? '';
      const opened = await client.open({ method: 'GET', path }, signal);
      if ('code' in opened) return opened;
      try {
        return await this.#read(opened.incoming, watch.beat);
      } finally {
        opened.close();
      }
    } catch (error) {
      if (error instanceof MultipartError) return troubles.garbled(error.message);
      if (own.signal.aborted) return troubles.quiet();
      return troubles.broken((error as NodeJS.ErrnoException).code ?? String(error), true);
    } finally {
      watch.stop();
    }
  }

  #watch(onSilent: () => void): { beat: () => void; stop: () => void } {
    const { clock } = this.#parts;
    let timer = clock.after(this.#transport().readTimeout, onSilent);
    return {
      beat: () => {
        timer.cancel();
        timer = clock.after(this.#transport().readTimeout, onSilent);
      },
      stop: () => timer.cancel(),
    };
  }

  async #read(incoming: IncomingMessage, beat: () => void): Promise<Trouble> {
    const type = incoming.headers['content-type'] ?? '';
    if (incoming.statusCode !== 200) return troubles.status(incoming.statusCode ?? 0, true);
    if (!/^multipart\//i.test(type)) return troubles.notAStream(type.slice(0, 60));
    const reader = new MultipartReader(parameterOf(type, 'boundary') ?? null, (head) => this.#wanted(head));
    this.#up();
    let overruns = 0;
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      beat();
      const parts = reader.push(chunk);
      this.#parts.intake.counters.add('lengths_wrong', reader.overruns - overruns);
      overruns = reader.overruns;
      if (parts.length > 0) await this.#take(parts);
      // While the disk took nothing we did not read: that silence was ours.
      beat();
    }
    return troubles.ended();
  }

  #up(): void {
    const { intake, device } = this.#parts;
    this.#isUp = true;
    this.#trouble = null;
    intake.fault(device, 'stream', undefined);
    this.#parts.onChange(true);
  }

  #wanted(head: PartHead): number {
    const { snapshot, device } = this.#parts;
    if (!head.type.startsWith('image/')) return /^$|^text\/|[/+](json|xml)$/.test(head.type) ? limits.textBytes : 0;
    const { pictures } = meaningOf(device.profile).transport;
    return snapshot && mayBeKept(head.name, pictures) ? limits.pictureBytes : 0;
  }

  async #take(parts: readonly Part[]): Promise<void> {
    const messages = parts.flatMap((part) => this.#messagesOf(part));
    if (messages.length > 0) {
      this.#backoff.reset();
      await this.#offer(messages);
    }
    const serial = messages.length > 0 ? meaningOf(this.#parts.device.profile).serialOf(messages.at(-1) as Json) : undefined;
    for (const { head, body } of parts) {
      if (body !== null && head.type.startsWith('image/')) await this.#keepPicture(head, body, serial);
    }
  }

  #messagesOf({ head, body }: Part): readonly Json[] {
    const { intake, device, clock } = this.#parts;
    if (head.type.startsWith('image/')) {
      if (body === null) intake.counters.add('pictures_dropped');
      return [];
    }
    if (body === null) {
      intake.counters.add('parts_unread');
      return [];
    }
    const read = readBody(body, { form: this.#transport().form, type: head.type, charset: head.charset });
    if ('unread' in read) {
      intake.refuse('parts_unread', device.id, read.unread);
      return [];
    }
    intake.counters.add('pictures_dropped', read.shed);
    for (const message of read.messages)
      if (!meaningOf(device.profile).isHeartbeat(message))
        intake.exchanges.add(device.id, { at: clock.now(), heard: `${head.type} ${body.length} B ${this.#shown(message)}` });
    return read.messages;
  }

  /** A stream has no acknowledgement: what is not kept is offered again, and nothing behind it is read until then. */
  async #offer(messages: readonly Json[]): Promise<void> {
    const { intake, device, clock } = this.#parts;
    const { signal } = this.#stopping;
    for (;;) {
      try {
        await intake.take({ device, channel: this.#transport().channel, messages });
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        await clock.sleep(limits.offerAgainMs, signal);
      }
    }
  }

  async #keepPicture(head: PartHead, bytes: Uint8Array, serial: number | undefined): Promise<void> {
    const { snapshot, device, clock, intake } = this.#parts;
    const type = head.type === 'image/png' ? 'image/png' : 'image/jpeg';
    const facts = { device: device.id, at: clock.now(), type, bytes, name: head.name } as const;
    const isKept = await (snapshot?.({ ...facts, ...(serial !== undefined && { serial: String(serial) }) }).then(
      () => true,
      () => false,
    ) ?? false);
    intake.counters.add(isKept ? 'pictures_kept' : 'pictures_dropped');
  }
}
