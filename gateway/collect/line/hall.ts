import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../../clock.ts';
import type { Refusal } from '../driver.ts';
import type { Problem } from '../poll/outcome.ts';
import { Stranger } from './stranger.ts';

/** A line that waits for its unit. */
export interface Guest {
  readonly registration: Uint8Array;
  /** Its unit has come, or come again: an older connection is not to be used any more. `rest`: what it said right behind. */
  arrived(socket: Socket, rest: Buffer): void;
}

/** Connections that have not said who they are. */
const mostStrangers = 64;
const refusalsKept = 16;
/** A port that cannot be listened on is tried again. */
const againMs = 5_000;
/** While a longer registration could still come. */
const longerMs = 300;

/** 接入厅: one listening socket for all lines whose units dial in there; the registration says whose a connection is. */
export class Hall {
  readonly #host: string;
  readonly #port: number;
  readonly #clock: Clock;
  readonly #guests = new Set<Guest>();
  readonly #strangers = new Set<Stranger>();
  #server: Server | undefined;
  #again: Timer | undefined;
  #problem: Problem | undefined;
  #refusals: Refusal[] = [];

  constructor(host: string, port: number, clock: Clock) {
    this.#host = host;
    this.#port = port;
    this.#clock = clock;
  }

  /** Why it cannot be listened on. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get isEmpty(): boolean {
    return this.#guests.size === 0;
  }

  /** Who was not let in, oldest first. */
  refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** The TCP port listened on, once it is. */
  get listensOn(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  /** @throws where another line waits for the same registration. */
  enter(guest: Guest): void {
    if ([...this.#guests].some(({ registration }) => Buffer.from(registration).equals(guest.registration)))
      throw new Error('another line waits for the same registration here; each unit needs one of its own');
    this.#guests.add(guest);
    if (this.#server === undefined) this.#listen();
  }

  /** Resolves when, with the last guest, the socket is let go of. */
  async leave(guest: Guest): Promise<void> {
    this.#guests.delete(guest);
    if (!this.isEmpty) return;
    this.#again?.cancel();
    for (const stranger of this.#strangers) stranger.end();
    const server = this.#server;
    this.#server = undefined;
    if (server?.listening === true) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #listen(): void {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, (socket) =>
      this.#meet(socket),
    );
    this.#server = server;
    server.on('error', (error: NodeJS.ErrnoException) => this.#failed(server, error.code ?? error.message));
    server.on('listening', () => (this.#problem = undefined));
    server.listen(this.#port, this.#host);
  }

  #failed(server: Server, code: string): void {
    if (this.#server !== server) return;
    const where = `${this.#host}:${this.#port}`;
    this.#problem = {
      zh: `不能在 ${where} 监听（${code}）。请检查端口是否被占用、地址是否属于本机。`,
      en: `Cannot listen on ${where} (${code}). Check that the port is free and the address is this machine's.`,
    };
    server.close();
    this.#again = this.#clock.after(againMs, () => {
      if (!this.isEmpty) this.#listen();
    });
  }

  #meet(socket: Socket): void {
    const from = socket.remoteAddress ?? '?';
    if (this.#strangers.size >= mostStrangers) {
      this.#refuse(from, 'too many connections that have not registered');
      socket.destroy();
      return;
    }
    const stranger: Stranger = new Stranger(socket, this.#clock, {
      heard: (bytes) => this.#recognise(stranger, bytes),
      gone: (why, bytes) => {
        this.#strangers.delete(stranger);
        if (why !== undefined) this.#refuse(`${from}${shown(bytes)}`, why);
      },
    });
    this.#strangers.add(stranger);
  }

  /** The longest registration that is there wins; while a longer one may be on its way, it is waited for a little. */
  #recognise(stranger: Stranger, bytes: Buffer, isFinal = false): void {
    const fits = [...this.#guests].filter(({ registration }) => bytes.subarray(0, registration.length).equals(registration));
    const [guest] = fits.toSorted((a, b) => b.registration.length - a.registration.length);
    const mayGrow = [...this.#guests].some(
      ({ registration }) => registration.length > bytes.length && bytes.equals(registration.subarray(0, bytes.length)),
    );
    if (guest === undefined && mayGrow) return;
    if (guest === undefined) return stranger.refuse('an unknown registration');
    if (mayGrow && !isFinal) return stranger.wait(longerMs, (later) => this.#recognise(stranger, later, true));
    const rest = Buffer.from(bytes.subarray(guest.registration.length));
    this.#strangers.delete(stranger);
    guest.arrived(stranger.letIn(), rest);
  }

  #refuse(what: string, why: string): void {
    // Whoever knocks again and again has one line, and does not push the others out.
    const others = this.#refusals.filter((each) => each.what !== what || each.why !== why);
    this.#refusals = [...others.slice(1 - refusalsKept), { at: this.#clock.now(), what, why }];
  }
}

/** The first bytes of somebody unknown, as text and in hex. */
function shown(bytes: Buffer): string {
  if (bytes.length === 0) return '';
  const head = bytes.subarray(0, 48);
  const text = head.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '·');
  return ` "${text}" (${head.toString('hex').replaceAll(/..(?=.)/g, '$& ')}${bytes.length > head.length ? ' …' : ''})`;
}

const halls = new Map<string, Hall>();

/** The hall of an address in this process: lines that listen on the same one share it. Port 0 is never shared. */
export function hallAt(host: string, port: number, clock: Clock): Hall {
  const key = `${host}:${port}`;
  const known = port === 0 ? undefined : halls.get(key);
  if (known !== undefined && !known.isEmpty) return known;
  const hall = new Hall(host, port, clock);
  if (port !== 0) halls.set(key, hall);
  return hall;
}
