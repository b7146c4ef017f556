import { connect, type Pdu, type Session } from 'smpp';
import type { Clock, Timer } from '../../clock.ts';

export interface SmppOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly password: string;
  readonly clock: Clock;
  /** A `deliver_sm` came: a receipt or a reply. It is answered after this returns. */
  readonly onDeliver: (pdu: Pdu) => void;
}

type Heard<T> = { readonly said: T } | { readonly failed: string };
export type Answer = Heard<Pdu>;

const answerMs = 10_000;
const enquireMs = 30_000;
const maxBackoffMs = 30_000;
/** Messages under way at once. */
const window = 32;

/**
 * One bound session (SMPP 3.4), made when it is needed and again when it breaks. The library leaves a session half dead after
 * some errors, so anything odd ends it: every request has its own time-out, and a link that does not answer is thrown away.
 */
export class SmppConnection {
  readonly #options: SmppOptions;
  #session: Promise<Session> | null = null;
  #live: Session | null = null;
  #enquiry: Timer | null = null;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #underWay = 0;
  #closed = false;
  readonly #pending = new Set<(failed: string) => void>();

  constructor(options: SmppOptions) {
    this.#options = options;
  }

  /** Sends one `submit_sm`; says what came of it and never rejects. */
  async submit(fields: Readonly<Record<string, unknown>>): Promise<Answer> {
    if (this.#closed) return { failed: 'closed' };
    if (this.#underWay >= window) return { failed: 'window-full' };
    this.#underWay += 1;
    try {
      const session = await this.#bound();
      return await this.#await<Pdu>(session, (answered) => session.submit_sm(fields, answered));
    } catch (error) {
      return { failed: error instanceof Error ? error.message : 'not-bound' };
    } finally {
      this.#underWay -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#live;
    if (session) await this.#await<Pdu>(session, (answered) => session.unbind(answered), 1_000);
    this.#drop(session, 'closed');
  }

  #bound(): Promise<Session> {
    const { clock } = this.#options;
    if (this.#session) return this.#session;
    if (clock.mono() < this.#notBefore) return Promise.reject(new Error('waiting-to-reconnect'));
    this.#session = this.#bind();
    this.#session.catch(() => undefined);
    return this.#session;
  }

  async #bind(): Promise<Session> {
    const { host, port, tls, systemId, password, onDeliver } = this.#options;
    const session = connect({ host, port, tls, ...(tls && { servername: host }) });
    this.#live = session;
    session.on('error', (error: Error) => this.#drop(session, error.message));
    session.on('close', () => this.#drop(session, 'the connection was closed'));
    session.on('deliver_sm', (pdu: Pdu) => {
      onDeliver(pdu);
      session.send(pdu.response());
    });
    session.on('enquire_link', (pdu: Pdu) => void session.send(pdu.response()));
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response());
      this.#drop(session, 'the peer unbound');
    });
    const connected = await this.#await<void>(session, (up) => {
      session.once(tls ? 'secureConnect' : 'connect', () => up());
      return true;
    });
    if ('failed' in connected) return this.#fail(session, connected.failed);
    const bind = { system_id: systemId, password, interface_version: 0x34 };
    const answer = await this.#await<Pdu>(session, (answered) => session.bind_transceiver(bind, answered));
    if ('failed' in answer) return this.#fail(session, answer.failed);
    if (answer.said.command_status !== 0) return this.#fail(session, `bind refused (${answer.said.command_status})`);
    this.#failures = 0;
    this.#keepAlive(session);
    return session;
  }

  #fail(session: Session, why: string): never {
    this.#drop(session, why);
    throw new Error(why);
  }

  /** What the peer says to `start`, within its time and while the session lives; `start` returns whether it went out. */
  #await<T>(session: Session, start: (done: (said: T) => void) => boolean, withinMs = answerMs): Promise<Heard<T>> {
    return new Promise((resolve) => {
      const fail = (failed: string) => {
        timer.cancel();
        this.#pending.delete(fail);
        resolve({ failed });
      };
      const timer = this.#options.clock.after(withinMs, () => {
        fail('no answer in time');
        this.#drop(session, 'no answer in time');
      });
      this.#pending.add(fail);
      const isOut = start((said) => {
        timer.cancel();
        this.#pending.delete(fail);
        resolve({ said });
      });
      if (!isOut) fail('not connected');
    });
  }

  #keepAlive(session: Session): void {
    this.#enquiry = this.#options.clock.after(enquireMs, () => {
      void this.#await<Pdu>(session, (answered) => session.enquire_link(answered)).then((answer) => {
        if ('said' in answer && this.#live === session) this.#keepAlive(session);
      });
    });
  }

  #drop(session: Session | null, why: string): void {
    if (session === null || this.#live !== session) return;
    this.#live = null;
    this.#session = null;
    this.#enquiry?.cancel();
    session.destroy();
    this.#failures += 1;
    this.#notBefore = this.#options.clock.mono() + Math.min(maxBackoffMs, 500 * 2 ** Math.min(this.#failures, 6));
    for (const fail of this.#pending) fail(why);
  }
}
