import { type HttpEventTransport, httpEventOf, type Request } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Clock, Timer } from '../../../clock.ts';
import type { Chance } from '../../../random.ts';
import { type SimulatedDevice, SimulationError } from '../../device.ts';
import { Draft } from '../../said/draft.ts';
import type { Tree } from '../../said/forms.ts';
import { httpBody } from './body.ts';
import { HttpLetters } from './letters.ts';
import type { Login } from './login.ts';
import { HttpMemory } from './memory.ts';
import { type Answer, type Manner, sendLetter } from './sender.ts';
import { HttpStation } from './station.ts';
import { eventMessage, type Said, stateMessages } from '../../said/message.ts';
import { noise } from '../../noise.ts';
import type { Endpoint } from '../../place.ts';

export interface HttpDeviceOptions {
  readonly device: SimulatedDevice;
  /** Where it posts to; without it, it only answers. */
  readonly gateway?: Endpoint;
  /** Where it listens, for streams, searches and orders; port 0 takes a free one. */
  readonly own?: Endpoint;
  /** Its key at the gateway. */
  readonly key?: string;
  /** What the gateway must log in with. */
  readonly login?: Login;
  readonly clock: Clock;
  readonly random: Chance;
}

const retryMs = 500;
const pollMs = 1_000;
const heartbeatMs = 5_000;
const patienceMs = 10_000;

/**
 * A device that speaks HTTP, written from its profile and apart from the gateway's driver: it posts until it is answered as
 * it wants to be, tells those who listen, remembers what happened, asks for orders and carries them out.
 */
export class SimulatedHttpDevice {
  readonly #options: HttpDeviceOptions;
  readonly #transport: HttpEventTransport;
  readonly #letters: HttpLetters;
  readonly #memory: HttpMemory;
  readonly #station: HttpStation | null;
  readonly #timers = new Set<Timer>();
  readonly #stop = new AbortController();
  #serial = 0;
  #port = 0;
  /** Requests sent more than once. */
  repeats = 0;
  /** What the gateway told it to do, oldest first. */
  readonly orders: string[] = [];

  constructor(options: HttpDeviceOptions) {
    this.#options = options;
    const { device, own, login, clock } = options;
    this.#transport = httpEventOf(device.profile);
    this.#letters = new HttpLetters(device, options.key);
    this.#memory = new HttpMemory(device);
    const { stream } = this.#transport;
    const answer = (asked: { method: string; target: string; body: string }) => this.#answer(asked);
    const mood = () => this.#mood();
    const parts = { ...(login && { login }), ...(stream && { stream: stream.path }), answer, mood, clock };
    this.#station = own === undefined ? null : new HttpStation({ at: own, ...parts });
  }

  /** Where it listens. */
  get port(): number {
    return this.#port;
  }

  /** Requests that came without a good login. */
  get refusals(): number {
    return this.#station?.refusals ?? 0;
  }

  /** @throws SimulationError where its address is taken. */
  async start(): Promise<void> {
    if (this.#station) this.#port = await this.#station.start();
    this.#every(heartbeatMs, () => this.#beat());
    if (this.#options.gateway === undefined) return;
    for (const name of this.#letters.named('poll')) this.#every(pollMs, () => this.#poll(name));
  }

  /** Says its values now; resolves when the gateway has taken them. */
  async say(): Promise<void> {
    const { device, clock } = this.#options;
    device.meet();
    if (this.#mood() === 'silent') return;
    for (const said of stateMessages(device, clock.now())) await this.#tell(said);
  }

  /** Resolves when the gateway has taken the event. A device that cannot be heard keeps it for who asks later. */
  async fire(type: string, data: Readonly<Record<string, Value>> = {}): Promise<void> {
    const { device, clock } = this.#options;
    device.meet();
    const happening = { serial: ++this.#serial, data, at: clock.now() };
    const said = eventMessage(device, type, happening);
    this.#memory.remember(type, happening);
    if (this.#mood() !== 'silent' && this.#mood() !== 'unplugged') await this.#tell(said);
  }

  /** Its fault came or went. */
  failed(): void {
    if (this.#mood() !== 'well') this.#station?.cut();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers) timer.cancel();
    await this.#station?.stop();
  }

  #mood(): 'well' | 'silent' | 'refusing' | 'unplugged' {
    const { fault } = this.#options.device;
    if (fault === 'silent' || fault === 'unplugged') return fault;
    return fault === 'exception' ? 'refusing' : 'well';
  }

  /** On every way it has: what comes twice is the same event, which the gateway must see. */
  async #tell({ channel, payload }: Said): Promise<void> {
    const tree = JSON.parse(Buffer.from(payload).toString()) as Tree;
    const { stream } = this.#transport;
    const request = this.#options.gateway && this.#letters.request(channel);
    if (stream?.channel === channel && this.#station) {
      if (!request) await this.#whenHeard(this.#station);
      await this.#part(this.#station, tree);
    }
    if (request) await this.#post(request, tree);
  }

  async #part(station: HttpStation, tree: Tree): Promise<void> {
    const { device, random } = this.#options;
    const { type, text } = httpBody(this.#transport.stream?.form ?? 'document', tree);
    if (device.fault === 'garbage') return station.tell(type, noise(random));
    if (device.fault !== 'truncated') return station.tell(type, text, device.fault === 'slow' ? 'drip' : 'plain');
    await station.tell(type, text, 'torn');
    // It says it again to whoever comes back.
    await this.#whenHeard(station);
    return station.tell(type, text);
  }

  async #whenHeard(station: HttpStation): Promise<void> {
    const { device, clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const patience = clock.after(patienceMs, () => resolve(false));
    void station.listened().then(() => resolve(true));
    const isHeard = await promise;
    patience.cancel();
    if (isHeard || this.#stop.signal.aborted) return;
    throw new SimulationError(
      `没有人收听设备 ${device.id} 的事件流。请先启动网关，并检查登录口令`,
      `Nobody listens to the stream of device ${device.id}. Start the gateway first, and check the login.`,
    );
  }

  /** Again until it is taken. */
  async #post(request: Request, tree: Tree): Promise<void> {
    const { device, random, clock } = this.#options;
    for (let times = 0; !this.#stop.signal.aborted; times++) {
      if (times > 0) this.repeats++;
      const isSpoilt = times === 0 && device.fault === 'garbage';
      const letter = this.#letters.write(request, tree, isSpoilt ? noise(random) : undefined);
      const answer = await this.#send(letter, times === 0 ? mannerOf(device.fault) : 'plain');
      if (!isSpoilt && answer !== null && answer.status >= 200 && answer.status < 300) return this.#obey(request, answer);
      await clock.sleep(retryMs);
    }
  }

  /** Null: nobody answered. */
  async #send(letter: ReturnType<HttpLetters['write']>, manner: Manner = 'plain'): Promise<Answer | null> {
    const { gateway, clock } = this.#options;
    if (gateway === undefined) return null;
    return sendLetter(gateway, letter, { manner, clock, signal: this.#stop.signal }).catch(() => null);
  }

  /** Signs of life, on every way it has. */
  async #beat(): Promise<void> {
    if (this.#mood() !== 'well') return;
    const [conditions] = this.#transport.heartbeat;
    if (this.#station?.hasListeners && conditions) {
      const draft = new Draft();
      for (const condition of conditions) if ('equals' in condition) draft.place(condition.path, condition.equals);
      const { type, text } = httpBody(this.#transport.stream?.form ?? 'document', draft.tree());
      await this.#station.tell(type, text);
    }
    for (const name of this.#letters.named('alive')) {
      const request = this.#letters.request(name);
      if (request) await this.#send(this.#letters.write(request, {}));
    }
  }

  async #poll(name: string): Promise<void> {
    const request = this.#letters.request(name);
    if (!request || this.#mood() !== 'well') return;
    const answer = await this.#send(this.#letters.write(request, {}));
    if (answer?.status === 200) await this.#obey(request, answer);
  }

  /** An order stands where the reply has its place for one; whoever can say so says that it was carried out. */
  async #obey({ reply }: Request, { text }: Answer): Promise<void> {
    const place = reply.find(({ body }) => body.includes('{command}'));
    if (place === undefined) return;
    const [head = '', tail = ''] = place.body.split('{command}');
    const words = text.slice(head.length, text.length - tail.length);
    if (!text.startsWith(head) || !text.endsWith(tail) || words === place.idle) return;
    this.orders.push(words.trim());
    for (const name of this.#letters.named('result')) await this.#confess(name, words);
  }

  async #confess(name: string, words: string): Promise<void> {
    const request = this.#letters.request(name);
    if (request?.result === undefined) return;
    const draft = new Draft();
    draft.place(request.result.id, /\d+/.exec(words)?.[0] ?? '');
    draft.place(request.result.code, request.result.least);
    await this.#send(this.#letters.write(request, draft.tree()));
  }

  /** Searches and orders. */
  #answer({
    method,
    target,
    body,
  }: {
    method: string;
    target: string;
    body: string;
  }): { type: string; text: string } | undefined {
    const found = this.#memory.search(method, target, body);
    if (found !== undefined) return { type: 'application/json', text: found };
    const isOrder = Object.values(this.#options.device.profile.commands).some(({ do: asked }) =>
      isOf(asked as { path?: string }, target),
    );
    if (!isOrder) return undefined;
    this.orders.push(`${method} ${target}`);
    return { type: 'text/plain', text: 'OK' };
  }

  #every(ms: number, turn: () => Promise<void>): void {
    if (this.#stop.signal.aborted) return;
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer);
      void turn().finally(() => this.#every(ms, turn));
    });
    this.#timers.add(timer);
  }
}

function mannerOf(fault: SimulatedDevice['fault']): Manner {
  if (fault === 'truncated') return 'torn';
  return fault === 'slow' ? 'drip' : 'plain';
}

/** Whether a target is one that a command's path can come to. */
function isOf({ path }: { path?: string }, target: string): boolean {
  if (path === undefined) return false;
  const source = path.replaceAll(/\{\w+\}|[.*+?^${}()|[\]\\]/g, (match) => (match.length > 1 ? '[^/?&]*' : `\\${match}`));
  return new RegExp(`^${source}$`).test(target);
}
