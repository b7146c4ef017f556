import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { hashSecret } from '../mqtt/secret.ts';
import { claimOf, type Claim } from './digest.ts';
import { limits } from './limits.ts';
import type { HttpDevice } from './port.ts';
import type { Match, Route } from './routes.ts';

/** What a request says of its sender. */
export interface Knock {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  readonly remote: string;
  readonly authorization: string | undefined;
  readonly deviceKey: string | undefined;
}

export type Recognised =
  | { readonly device: HttpDevice; readonly route: Route }
  | { readonly challenges: readonly string[]; readonly why: string; readonly hasTried: boolean }
  | { readonly refused: string };

export interface SenderRules {
  readonly senders: 'known' | 'pinned';
  /** For device keys; null where no device has one. */
  readonly key: Buffer | null;
  readonly devices: readonly HttpDevice[];
  /** The password of a device's own login, read when it is needed. */
  passwordOf(device: HttpDevice): string | null;
  readonly clock: Clock;
}

const realm = 'yihu';

/** Who is speaking: by a key of 256 bits, by a digest login, or, on a port for old devices, by the address it comes from. */
export class Senders {
  readonly #rules: SenderRules;
  readonly #byKey = new Map<string, HttpDevice>();
  readonly #nonces: Nonces;

  constructor(rules: SenderRules) {
    this.#rules = rules;
    this.#nonces = new Nonces(rules.clock);
    for (const device of rules.devices) if (device.address.key !== undefined) this.#byKey.set(device.address.key, device);
  }

  recognise(knock: Knock, matches: readonly Match[]): Recognised {
    if (this.#rules.senders === 'pinned') return byAddress(knock, matches);
    const device = this.#byKeys(knock, matches);
    for (const match of matches) {
      const own = device.find((each) => fits(each, match, knock));
      if (own) return { device: own, route: match.route };
    }
    return this.#byLogin(knock, matches);
  }

  /** The devices whose keys the request shows: in its path, in a header, or as a password. */
  #byKeys({ authorization = '', deviceKey }: Knock, matches: readonly Match[]): HttpDevice[] {
    const { key } = this.#rules;
    if (key === null) return [];
    const shown = [...matches.map((match) => match.key), deviceKey, bearerOf(authorization), basicOf(authorization)?.password];
    const secrets = new Set(shown.filter((each) => each !== undefined && each !== ''));
    return [...secrets].flatMap((secret) => this.#byKey.get(hashSecret(key, secret as string)) ?? []);
  }

  #byLogin(knock: Knock, matches: readonly Match[]): Recognised {
    const withLogin = matches.filter(({ route }) => route.devices.some(({ address }) => address.login !== undefined));
    if (withLogin.length === 0) return { refused: 'unknown device or wrong key' };
    const { authorization } = knock;
    if (authorization === undefined) return this.#challenge(false, 'no login', false);
    const claim = claimOf(authorization, knock.method, knock.target, realm);
    if (!claim) return this.#challenge(false, 'a login that is not understood', true);
    const verdict = this.#nonces.judge(claim.nonce);
    if (verdict === 'strange') return this.#challenge(false, 'a login with a nonce that is not ours', true);
    const proven = this.#proven(claim, knock, withLogin);
    if (!proven) return this.#challenge(false, 'unknown login or wrong password', true);
    // Only who knows the password is told that the nonce is old, or used a count up.
    if (verdict === 'old' || !this.#nonces.spend(claim.nonce, claim.count)) return this.#challenge(true, 'stale', false);
    return proven;
  }

  #proven(claim: Claim, knock: Knock, matches: readonly Match[]): { device: HttpDevice; route: Route } | undefined {
    for (const match of matches) {
      for (const device of match.route.devices) {
        if (device.address.login?.username !== claim.username || !fits(device, match, knock)) continue;
        const password = this.#rules.passwordOf(device);
        if (password !== null && claim.proves(password)) return { device, route: match.route };
      }
    }
    return undefined;
  }

  #challenge(isStale: boolean, why: string, hasTried: boolean): Recognised {
    const nonce = this.#nonces.make();
    const challenges = ['SHA-256', 'MD5'].map(
      (algorithm) =>
        `Digest realm="${realm}", qop="auth", algorithm=${algorithm}, nonce="${nonce}"${isStale ? ', stale=true' : ''}`,
    );
    return { challenges, why, hasTried };
  }
}

/** Whether the device may make this request from there: its profile has the route, its identity is the one named. */
function fits(device: HttpDevice, { route, identity }: Match, { remote }: Knock): boolean {
  const { address } = device;
  return (
    route.devices.includes(device) &&
    (identity === undefined || identity === address.identity) &&
    (address.from === undefined || address.from.includes(remote))
  );
}

function byAddress(knock: Knock, matches: readonly Match[]): Recognised {
  for (const match of matches) {
    const own = match.route.devices.filter((device) => device.address.from !== undefined && fits(device, match, knock));
    if (own.length === 1) return { device: own[0] as HttpDevice, route: match.route };
  }
  return { refused: `no device of this port sends from ${knock.remote}` };
}

function bearerOf(authorization: string): string | undefined {
  return /^bearer\s+(\S{1,256})$/i.exec(authorization)?.[1];
}

function basicOf(authorization: string): { password: string } | undefined {
  const encoded = /^basic\s+([A-Za-z0-9+/=]{1,512})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { password: text.slice(colon + 1) };
}

/** Nonces that prove by themselves that we made them, and whose counts are used once each (RFC 7616 §3.3, §5.4). */
class Nonces {
  readonly #clock: Clock;
  readonly #secret = randomBytes(32);
  readonly #counts = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  make(): string {
    const body = `${Math.round(this.#clock.mono())}.${randomBytes(9).toString('base64url')}`;
    return `${body}.${this.#seal(body)}`;
  }

  judge(nonce: string): 'ours' | 'old' | 'strange' {
    const cut = nonce.lastIndexOf('.');
    const given = Buffer.from(nonce.slice(cut + 1));
    const wanted = Buffer.from(this.#seal(nonce.slice(0, cut)));
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'strange';
    return this.#clock.mono() - Number.parseInt(nonce, 10) > limits.nonceMs ? 'old' : 'ours';
  }

  /** False where the count was used before: a request that somebody has recorded. */
  spend(nonce: string, count: number): boolean {
    if (count <= (this.#counts.get(nonce) ?? 0)) return false;
    this.#counts.delete(nonce);
    this.#counts.set(nonce, count);
    if (this.#counts.size > limits.nonces) this.#counts.delete(this.#counts.keys().next().value as string);
    return true;
  }

  #seal(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('base64url').slice(0, 22);
  }
}
