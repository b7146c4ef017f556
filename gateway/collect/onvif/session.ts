import { createHash, randomBytes } from 'node:crypto';
import type { XmlValue } from '../../xml.ts';
import type { Clock } from '../../clock.ts';
import type { Egress } from '../driver.ts';
import { DeviceClient } from '../http-event/client.ts';
import { readSecret } from '../http-event/credentials.ts';
import { troubles as httpTroubles } from '../http-event/trouble.ts';
import { type Addressed, envelope, type Fault, readEnvelope } from './envelope.ts';
import { limits } from './limits.ts';
import { names } from './names.ts';
import { type OnvifAddress, portOf } from './settings.ts';
import { usernameToken } from './token.ts';
import { at, words } from './tree.ts';
import { type Trouble, troubles } from './trouble.ts';

export interface SessionParts {
  readonly address: OnvifAddress;
  readonly folder: string;
  readonly egress: Egress | undefined;
  readonly clock: Clock;
}

export interface Call {
  readonly path: string;
  readonly body: string;
  readonly addressed?: Addressed;
  readonly timeoutMs?: number;
}

/** `text`: the answer as it came, for what must be sent back unchanged. */
export type Answered =
  | { readonly body: XmlValue; readonly text: string }
  | { readonly fault: Fault }
  | { readonly trouble: Trouble };

export type Unanswered = Exclude<Answered, { readonly body: XmlValue }>;

interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Calls to one camera. It is told who we are by a token with its own clock's time; where it does not take that, by HTTP
 * digest. A camera that counts neither is one whose password we do not have, and it is left alone before it locks us out.
 */
export class Session {
  readonly #parts: SessionParts;
  /** A client should not prove itself in both ways at once (ONVIF Core §5.9.1), so each has a client of its own. */
  readonly #bare: DeviceClient;
  readonly #digest: DeviceClient;
  /** The camera's clock minus ours, in milliseconds; null before it was asked. */
  #skewMs: number | null = null;
  #proof: 'token' | 'http' = 'token';
  /** The login that was good last. */
  #accepted: string | null = null;
  #refused: { readonly login: string; readonly untilMono: number } | null = null;

  constructor(parts: SessionParts) {
    const { host, port, fingerprint, username, passwordFile } = parts.address;
    this.#parts = parts;
    const bare = { host, port, fingerprint, auth: 'digest' as const };
    this.#bare = new DeviceClient({ ...parts, address: bare });
    this.#digest = new DeviceClient({ ...parts, address: { ...bare, username, passwordFile } });
  }

  /** The absolute address of a path, as WS-Addressing wants it. */
  addressOf(path: string): string {
    const { host, fingerprint } = this.#parts.address;
    return `${fingerprint === undefined ? 'http' : 'https'}://${host}:${portOf(this.#parts.address)}${path}`;
  }

  get skewMs(): number | null {
    return this.#skewMs;
  }

  /** Forgets what it learned of a camera that may have been started anew, or exchanged. */
  forget(): void {
    this.#skewMs = null;
  }

  /** Never rejects. */
  async call(call: Call, signal: AbortSignal): Promise<Answered> {
    const login = this.#login();
    if (login !== null && 'code' in login) return { trouble: login };
    if (login === null) return this.#once(call, null, signal);
    if (this.#skewMs === null) {
      const asked = await this.#askClock(signal);
      if (asked !== null) return { trouble: asked };
    }
    return this.#prove(call, login, signal);
  }

  /** The way that worked last goes first; before the password is doubted, the clock is asked again and the other way tried. */
  async #prove(call: Call, login: Login, signal: AbortSignal): Promise<Answered> {
    const first = await this.#once(call, login, signal);
    if (!isNotAuthorized(first)) return this.#accepts(login, first);
    // Its clock may have been set, or its battery be dead.
    const skewMs = this.#skewMs ?? 0;
    const asked = await this.#askClock(signal);
    if (asked !== null) return { trouble: asked };
    const isOtherTime = Math.abs((this.#skewMs ?? 0) - skewMs) > limits.skewMs;
    const ways: readonly ('token' | 'http')[] = isOtherTime ? ['token', 'http'] : [this.#proof === 'token' ? 'http' : 'token'];
    for (const proof of ways) {
      this.#proof = proof;
      const again = await this.#once(call, login, signal);
      if (!isNotAuthorized(again)) return this.#accepts(login, again);
    }
    this.#proof = 'token';
    return { trouble: this.#refuse(login) };
  }

  #accepts(login: Login, answered: Answered): Answered {
    if ('body' in answered) this.#accepted = keyOf(login);
    return answered;
  }

  /** A login that was good a moment ago may be tried once more; any other is not, until it changes or a long time is over. */
  #refuse(login: Login): Trouble {
    const key = keyOf(login);
    if (this.#accepted !== key) this.#refused = { login: key, untilMono: this.#parts.clock.mono() + limits.wrongLoginMs };
    this.#accepted = null;
    return troubles.wrongLogin();
  }

  #login(): Login | Trouble | null {
    const { address, folder, clock } = this.#parts;
    if (address.username === undefined || address.passwordFile === undefined) return null;
    const read = readSecret(folder, address.passwordFile);
    if ('wrong' in read) return httpTroubles.secret(read.wrong.zh, read.wrong.en);
    const login = { username: address.username, password: read.secret };
    if (this.#refused?.login === keyOf(login) && clock.mono() < this.#refused.untilMono) return troubles.wrongLogin();
    return login;
  }

  async #once(
    { path, body, addressed, timeoutMs = limits.callMs }: Call,
    login: Login | null,
    signal: AbortSignal,
  ): Promise<Answered> {
    const isToken = login !== null && this.#proof === 'token';
    const client = login === null || isToken ? this.#bare : this.#digest;
    const security = isToken ? this.#token(login) : '';
    const type = `application/soap+xml; charset=utf-8${addressed ? `; action="${addressed.action}"` : ''}`;
    const ask = { method: 'POST', path, type, body: envelope(body, security, addressed) } as const;
    const answer = await client.ask(ask, signal, timeoutMs);
    if ('code' in answer) return { trouble: answer };
    const read = readEnvelope(answer.text);
    if ('fault' in read) return read;
    if ('unread' in read)
      return { trouble: answer.status === 200 ? troubles.unread(read.unread) : httpTroubles.status(answer.status, true) };
    return { body: read.body, text: answer.text };
  }

  #token(login: Login): string {
    const at = this.#parts.clock.now() + (this.#skewMs ?? 0);
    return usernameToken({ ...login, nonce: randomBytes(16), at });
  }

  /** Null where it answered; one that keeps its clock to itself is taken to have ours. */
  async #askClock(signal: AbortSignal): Promise<Trouble | null> {
    const { clock, address } = this.#parts;
    const askedMono = clock.mono();
    const body = `<GetSystemDateAndTime xmlns="${names.device}"/>`;
    const answered = await this.#once({ path: address.path, body }, null, signal);
    if ('trouble' in answered && !isMereWord(answered.trouble)) return answered.trouble;
    const said = 'body' in answered ? dateIn(at(answered.body, 'GetSystemDateAndTimeResponse', 'SystemDateAndTime')) : undefined;
    this.#skewMs = said === undefined ? 0 : Math.round(said - (clock.now() - (clock.mono() - askedMono) / 2));
    return null;
  }
}

/** A camera that wants a login even for the time says so; that is no reason not to go on. */
function isMereWord({ code }: Trouble): boolean {
  return code === 'no-onvif' || code.startsWith('http-') || code.endsWith('-login');
}

/** ONVIF Core §8.3.5: hours to seconds and year to day of UTC. */
function dateIn(said: XmlValue | undefined): number | undefined {
  const [time, date] = [at(said, 'UTCDateTime', 'Time'), at(said, 'UTCDateTime', 'Date')];
  const read = (part: XmlValue | undefined, name: string) => Number(words(at(part, name)) ?? Number.NaN);
  const [year, month, day] = [read(date, 'Year'), read(date, 'Month'), read(date, 'Day')];
  const [hour, minute, second] = [read(time, 'Hour'), read(time, 'Minute'), read(time, 'Second')];
  const result = Date.UTC(year, month - 1, day, hour, minute, second);
  return Number.isFinite(result) ? result : undefined;
}

/** ONVIF Core §5.9.2: `ter:NotAuthorized`; WS-Security §12: `FailedAuthentication` and its kin. */
function isNotAuthorized(answered: Answered): boolean {
  if ('fault' in answered)
    return (
      /NotAuthori[sz]ed|FailedAuthentication|InvalidSecurity|FailedCheck|MessageExpired/i.test(answered.fault.code) ||
      /not authori[sz]ed/i.test(answered.fault.reason)
    );
  return 'trouble' in answered && answered.trouble.code.endsWith('-login');
}

function keyOf({ username, password }: Login): string {
  return createHash('sha256').update(`${username}\n${password}`).digest('hex');
}
