import { resolve } from 'node:path';
import type { Timer } from '../../clock.ts';
import { systemChance } from '../../random.ts';
import type { Act, ActOutcome, DriverContext, Exchange, PictureOutcome, PortState, RunningPort } from '../driver.ts';
import { listenProblem, splitHostPort } from '../listen.ts';
import { deviceKey, DeviceKeyError } from '../mqtt/secret.ts';
import { readTlsFiles, TlsFileError } from '../tls-files.ts';
import { carryOut } from './act.ts';
import { Backfill } from './backfill.ts';
import { Backoff } from './backoff.ts';
import { DeviceClient } from './client.ts';
import { readSecret } from './credentials.ts';
import { Intake } from './intake.ts';
import { limits } from './limits.ts';
import { Listener, type ListenerSettings } from './listener.ts';
import { meaningOf } from './meaning.ts';
import { Outbox } from './outbox.ts';
import { type HttpDevice, type HttpEventAddress, type HttpEventPort } from './port.ts';
import { Routes } from './routes.ts';
import { Senders } from './senders.ts';
import { Service } from './service.ts';
import { takeStill } from './still.ts';
import { StreamLink } from './stream.ts';

type Context = DriverContext<HttpEventPort, HttpEventAddress>;

/** One port: a listener for devices that post, and a stream, a back-fill and a client for each device that we go to. */
export class HttpPort implements RunningPort {
  readonly #context: Context;
  readonly #intake: Intake;
  readonly #outbox: Outbox;
  readonly #clients = new Map<string, DeviceClient>();
  readonly #streams = new Map<string, StreamLink>();
  readonly #backfills = new Map<string, Backfill>();
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(limits.reconnectFirstMs, limits.reconnectLastMs, systemChance);
  #listener: Listener | null = null;
  #turn: Promise<void> = Promise.resolve();
  #retry: Timer | null = null;
  #listensOn: number | null = null;

  constructor(context: Context) {
    this.#context = context;
    this.#intake = new Intake(context);
    this.#outbox = new Outbox(context.clock);
    const { egress, clock, folder = '.', snapshot } = context;
    for (const device of context.devices) {
      const { address } = device;
      if (address.host === undefined) continue;
      const { stream, backfill } = meaningOf(device.profile).transport;
      const client = new DeviceClient({ address, folder, egress, clock });
      this.#clients.set(device.id, client);
      const parts = { device, client, intake: this.#intake, clock, chance: systemChance };
      if (backfill) this.#backfills.set(device.id, new Backfill(parts));
      if (stream)
        this.#streams.set(
          device.id,
          new StreamLink({ ...parts, snapshot, onChange: (isUp) => this.#streamChanged(device, isUp) }),
        );
    }
    this.#intake.onGap = (device) => this.#backfills.get(device.id)?.wake();
  }

  /** The TCP port listened on; null while nothing listens. */
  get listensOn(): number | null {
    return this.#listensOn;
  }

  async start(): Promise<this> {
    if (this.#context.port.listen !== undefined) await this.#listen();
    else this.#showWire();
    for (const stream of this.#streams.values()) stream.start();
    for (const backfill of this.#backfills.values()) backfill.start();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#retry?.cancel();
    this.#outbox.stop();
    await this.#turn;
    await this.#listener?.close();
    this.#listener = null;
    await Promise.all([...this.#streams.values(), ...this.#backfills.values()].map((each) => each.stop()));
    await this.#intake.settledAll();
    this.#intake.wire('down', { zh: '端口已停止', en: 'The port was stopped' });
  }

  state(): PortState {
    return this.#intake.state();
  }

  counters(): Readonly<Record<string, number>> {
    return this.#intake.counters.read();
  }

  exchanges(device: string): readonly Exchange[] {
    return this.#intake.exchanges.of(device);
  }

  picture(id: string, { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number }): Promise<PictureOutcome> {
    const { still } = meaningOf(this.#device(id).profile).transport;
    const client = this.#clients.get(id);
    if (still === undefined || client === undefined) return Promise.resolve(noStill);
    const { clock } = this.#context;
    return takeStill(still, { mostBytes: maxBytes, timeoutMs }, { client, clock, signal: this.#stopping.signal });
  }

  act(act: Act): Promise<ActOutcome> {
    const device = this.#device(act.device);
    const { clock } = this.#context;
    const client = this.#clients.get(device.id);
    const parts = { client, outbox: this.#outbox, intake: this.#intake, clock, signal: this.#stopping.signal };
    return carryOut(device, act, parts);
  }

  #device(id: string): HttpDevice {
    const device = this.#context.devices.find((each) => each.id === id);
    if (!device) throw new Error(`device ${id} is not on port ${this.#context.id}`);
    return device;
  }

  #listen(): Promise<void> {
    this.#turn = this.#open();
    return this.#turn;
  }

  async #open(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    let listener: Listener | null = null;
    try {
      const service = this.#service();
      listener = new Listener({
        settings: await this.#settings(),
        intake: this.#intake,
        clock: this.#context.clock,
        serve: (request, response, remote) => service.serve(request, response, remote),
        onDeath: (error) => this.#died(listener, error),
      });
      this.#listensOn = await listener.open();
      this.#listener = listener;
      this.#backoff.reset();
      this.#showWire();
    } catch (error) {
      await listener?.close();
      this.#fail(error as Error);
    }
  }

  #died(listener: Listener | null, error: Error): void {
    if (this.#stopping.signal.aborted || listener === null || listener !== this.#listener) return;
    this.#listener = null;
    this.#listensOn = null;
    this.#turn = listener.close().then(() => this.#fail(error));
  }

  #fail(error: Error): void {
    this.#context.log.error({ err: error, port: this.#context.id }, 'http listener is down');
    const isOurs = error instanceof DeviceKeyError || error instanceof TlsFileError;
    const { zh, en } = isOurs ? error : listenProblem(error, this.#context.port.listen ?? '');
    this.#intake.wire('down', { zh, en });
    if (this.#stopping.signal.aborted) return;
    this.#retry = this.#context.clock.after(this.#backoff.waitMs(), () => void this.#listen());
  }

  async #settings(): Promise<ListenerSettings> {
    const { port, folder = '.' } = this.#context;
    const { tls } = port;
    return {
      ...splitHostPort(port.listen ?? ''),
      connections: port.connections ?? limits.connections,
      connectionsPerAddress: port.connectionsPerAddress ?? limits.connectionsPerAddress,
      ...(tls && { tls: await readTlsFiles(folder, tls.certFile, tls.keyFile) }),
    };
  }

  #service(): Service {
    const { port, devices, clock, snapshot, folder = '.' } = this.#context;
    const key = port.deviceKeyFile === undefined ? null : deviceKey(resolve(folder, port.deviceKeyFile));
    const passwordOf = ({ address }: HttpDevice) => {
      const read = address.login && readSecret(folder, address.login.passwordFile);
      if (read && 'wrong' in read) this.#intake.refuse('senders_refused', address.login?.username ?? '', read.wrong.en);
      return read && 'secret' in read ? read.secret : null;
    };
    const senders = new Senders({ senders: port.senders, key, devices, passwordOf, clock });
    const routes = new Routes(devices);
    return new Service({ routes, senders, intake: this.#intake, outbox: this.#outbox, clock, snapshot });
  }

  #streamChanged(device: HttpDevice, isUp: boolean): void {
    if (isUp) this.#backfills.get(device.id)?.catchUp();
    this.#showWire();
  }

  /** A listener is up when it listens; a port that only goes to devices, when it reaches one of them. */
  #showWire(): void {
    if (this.#stopping.signal.aborted) return;
    const links = [...this.#streams.values()];
    this.#intake.counters.set('streams_up', links.filter(({ isUp }) => isUp).length);
    if (this.#context.port.listen !== undefined) {
      if (this.#listener) this.#intake.wire('up');
      return;
    }
    const trouble = links.map((link) => link.trouble).find((each) => each !== null);
    if (links.length === 0 || links.some(({ isUp }) => isUp)) this.#intake.wire('up');
    else if (links.some((link) => link.trouble === null) || !trouble) this.#intake.wire('connecting');
    else this.#intake.wire('down', { zh: trouble.zh, en: trouble.en });
  }
}

const noStill: PictureOutcome = {
  missing: 'no-source',
  zh: '这种设备的档案没有写明从哪里取图，或现场文件没有写它的 host。',
  en: 'The profile of this device does not say where to get a picture, or the site file does not say its host.',
};
