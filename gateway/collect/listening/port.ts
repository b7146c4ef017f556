import { type Server, type Socket, createServer } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { Timer } from '../../clock.ts';
import type { Act, ActOutcome, DriverContext, Exchange, PortState, RunningPort } from '../driver.ts';
import { listenOn, listenProblem, splitHostPort } from '../listen.ts';
import { TlsFileError } from '../tls-files.ts';
import { Admission, plainAddress } from './admission.ts';
import { Book } from './book.ts';
import { Claims } from './claims.ts';
import { Connection } from './connection.ts';
import { Keeper } from './keeper.ts';
import { limits } from './limits.ts';
import type { ListeningSettings } from './settings.ts';
import type { Dialect } from './talk.ts';
import { tlsServer } from './tls.ts';

type Context = DriverContext<ListeningSettings, unknown>;

/**
 * One guarded TCP server: who may come in, what a stranger may cost, one connection per device, frames acked only when kept.
 * When it cannot listen it tries again, later and later.
 */
export class ListeningPort<F> implements RunningPort {
  readonly #context: Context;
  readonly #dialect: Dialect<F>;
  readonly #book: Book;
  readonly #claims: Claims;
  readonly #keeper: Keeper;
  readonly #admission: Admission;
  readonly #connections = new Set<Connection<F>>();
  #server: Server | null = null;
  #tls: TlsServer | null = null;
  /** Peers whose TLS handshake is under way, and why the last one failed. */
  readonly #shaking = new Set<string>();
  #tlsError: Error | null = null;
  #sweeper: Timer | null = null;
  #retry: Timer | null = null;
  #waitMs: number = limits.restartFirstMs;
  #stopped = false;
  #turn: Promise<void> = Promise.resolve();
  #listensOn: number | null = null;

  constructor(context: Context, dialect: Dialect<F>) {
    const { clock, log } = context;
    this.#context = context;
    this.#dialect = dialect;
    this.#book = new Book(context);
    this.#claims = new Claims(clock);
    this.#keeper = new Keeper((frames, keep) => context.emit(frames, keep), this.#book, clock, log);
    this.#admission = new Admission(context.port);
  }

  /** The TCP port listened on; null while it is not up. */
  get listensOn(): number | null {
    return this.#listensOn;
  }

  async start(): Promise<this> {
    await this.#begin();
    this.#sweep();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    await this.#turn;
    const closed = this.#closeServer();
    const late = this.#context.clock.after(limits.stopMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await Promise.all([...this.#connections].map((connection) => connection.finish()));
    await closed;
    late.cancel();
    this.#sweeper?.cancel();
    this.#book.wire('down', { zh: '端口已停止', en: 'The port was stopped' });
  }

  state(): PortState {
    return this.#book.state();
  }

  counters(): Readonly<Record<string, number>> {
    return this.#book.counters.read();
  }

  exchanges(device: string): readonly Exchange[] {
    return this.#book.exchanges(device);
  }

  async act(act: Act): Promise<ActOutcome> {
    const holder = this.#claims.holder(act.device);
    if (holder instanceof Connection) return holder.act(act);
    return {
      state: 'refused',
      code: 'not-connected',
      zh: '设备没有连接到网关，命令没有发出。请检查设备的电源和网络。',
      en: 'The device is not connected to the gateway; the command was not sent. Check its power and network.',
    };
  }

  #begin(): Promise<void> {
    this.#turn = this.#open();
    return this.#turn;
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    const { port, folder = '.' } = this.#context;
    try {
      this.#tls = port.tls ? await tlsServer(port.tls, folder, (socket) => this.#secured(socket)) : null;
      this.#tls?.on('tlsClientError', (error, socket) => {
        this.#tlsError = error;
        socket.destroy();
      });
      this.#listensOn = await this.#listen();
      this.#waitMs = limits.restartFirstMs;
      this.#book.wire('up');
    } catch (error) {
      await this.#closeServer();
      this.#fail(error as Error);
    }
  }

  async #listen(): Promise<number> {
    const server = createServer((socket) => this.#knocked(socket));
    this.#server = server;
    const port = await listenOn(server, splitHostPort(this.#context.port.listen));
    server.on('error', (error) => this.#died(server, error));
    return port;
  }

  #died(server: Server, error: Error): void {
    // Out of file descriptors and the like: those who are in stay in, and the next one is tried again.
    if (server.listening) return this.#context.log.warn({ err: error }, 'a connection could not be taken');
    if (this.#stopped || server !== this.#server) return;
    this.#book.counters.add('restarts');
    this.#server = null;
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.#listensOn = null;
    this.#context.log.error({ err: error, port: this.#context.id }, 'cannot listen');
    const { zh, en } = error instanceof TlsFileError ? error : listenProblem(error, this.#context.port.listen);
    this.#book.wire('down', { zh, en });
    if (this.#stopped) return;
    this.#retry = this.#context.clock.after(this.#waitMs, () => void this.#begin());
    this.#waitMs = Math.min(this.#waitMs * 2, limits.restartLastMs);
  }

  async #closeServer(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#listensOn = null;
    if (server?.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  // ── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  #knocked(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    const refusal = this.#stopped ? 'full' : this.#admission.enter(address);
    if (refusal !== undefined) {
      this.#book.refuse(
        'connections_refused',
        address,
        refusal === 'full' ? 'too many connections' : 'its address is not allowed',
      );
      socket.on('error', () => socket.destroy());
      socket.resetAndDestroy();
      return;
    }
    socket.once('close', () => {
      this.#admission.leave(address);
      this.#book.counters.set('connections', this.#admission.count);
    });
    this.#book.counters.set('connections', this.#admission.count);
    if (!this.#tls) return this.#serve(socket, address);
    this.#shakeHands(this.#tls, socket, address);
  }

  #shakeHands(tls: TlsServer, socket: Socket, address: string): void {
    const peer = peerOf(socket);
    this.#shaking.add(peer);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (!this.#shaking.delete(peer)) return;
      const { code = 'no handshake' } = (this.#tlsError ?? {}) as NodeJS.ErrnoException;
      this.#book.refuse('strangers_refused', address, `TLS failed (${code})`);
      this.#tlsError = null;
    });
    // The way to let a TLS server take over a socket that another server has accepted.
    tls.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    this.#shaking.delete(peerOf(socket));
    if (this.#stopped) socket.destroy();
    else this.#serve(socket, plainAddress(socket.remoteAddress));
  }

  #serve(socket: Socket, address: string): void {
    const { clock, log, port } = this.#context;
    const connection = new Connection(socket, address, {
      dialect: this.#dialect,
      silentAfterMs: port.silentAfter ?? this.#dialect.silentAfterMs,
      claims: this.#claims,
      book: this.#book,
      keeper: this.#keeper,
      clock,
      log,
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
  }

  #sweep(): void {
    this.#sweeper = this.#context.clock.after(limits.sweepMs, () => {
      for (const connection of this.#connections) connection.sweep();
      if (!this.#stopped) this.#sweep();
    });
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
