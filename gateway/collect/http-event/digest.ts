import { createHash, timingSafeEqual } from 'node:crypto';

/** HTTP Digest Access Authentication, RFC 7616: MD5 and SHA-256, also `-sess`, with `qop=auth` or none (RFC 2069). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: Algorithm;
  readonly opaque: string | undefined;
  readonly hasQop: boolean;
  readonly isStale: boolean;
}

export type Algorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess';
const strongestFirst: readonly Algorithm[] = ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess'];

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** One schema of a `WWW-Authenticate` or `Authorization` header with its parameters. */
export interface Schema {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /\s{0,8}([A-Za-z0-9!#$%&'*+.^_`|~-]{1,64})/y;
const value = /\s{0,8}=\s{0,8}(?:"((?:[^"\\]|\\.){0,1000})"|([^",\s]{0,1000}))/y;

/** Splits a header (RFC 7235 §2.1, Appendix C); several challenges may share one. What is not understood ends it. */
export function parseSchemas(header: string): Schema[] {
  const text = header.slice(0, 4_096);
  const schemas: { name: string; parameters: Map<string, string> }[] = [];
  for (let place = 0; place < text.length;) {
    const word = matchAt(token, text, place);
    if (word === null) break;
    const name = word[1] ?? '';
    place = token.lastIndex;
    const given = matchAt(value, text, place);
    if (given !== null) {
      place = value.lastIndex;
      schemas.at(-1)?.parameters.set(name.toLowerCase(), given[1]?.replaceAll(/\\(.)/g, '$1') ?? given[2] ?? '');
    } else schemas.push({ name: name.toLowerCase(), parameters: new Map() });
    place += /^[\s,]{0,64}/.exec(text.slice(place, place + 64))?.[0].length ?? 0;
  }
  return schemas;
}

function matchAt(pattern: RegExp, text: string, place: number): RegExpExecArray | null {
  pattern.lastIndex = place;
  return pattern.exec(text);
}

/** The strongest challenge we can answer; undefined where there is none. */
export function challengeOf(headers: readonly string[]): Challenge | undefined {
  const challenges = headers.flatMap(parseSchemas).flatMap(({ name, parameters }) => {
    const challenge = name === 'digest' ? challengeFrom(parameters) : undefined;
    return challenge ? [challenge] : [];
  });
  return strongestFirst.map((each) => challenges.find(({ algorithm }) => algorithm === each)).find(Boolean);
}

function challengeFrom(parameters: ReadonlyMap<string, string>): Challenge | undefined {
  const [realm, nonce, qop] = [parameters.get('realm'), parameters.get('nonce'), parameters.get('qop')];
  const algorithm = algorithmOf(parameters.get('algorithm'));
  const offered = qop?.split(',').map((each) => each.trim().toLowerCase());
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  if (offered !== undefined && !offered.includes('auth')) return undefined;
  const isStale = parameters.get('stale')?.toLowerCase() === 'true';
  return { realm, nonce, algorithm, opaque: parameters.get('opaque'), hasQop: offered !== undefined, isStale };
}

function algorithmOf(said: string | undefined): Algorithm | undefined {
  return said === undefined ? 'MD5' : strongestFirst.find((each) => each.toLowerCase() === said.toLowerCase());
}

export interface Asked {
  readonly method: string;
  /** As in the request line. */
  readonly uri: string;
  readonly nonceCount: number;
  readonly clientNonce: string;
}

/** The `Authorization` header that answers a challenge (RFC 7616 §3.4). */
export function answerTo(challenge: Challenge, login: Login, asked: Asked): string {
  const { realm, nonce, algorithm, opaque, hasQop } = challenge;
  const count = asked.nonceCount.toString(16).padStart(8, '0');
  const response = responseOf({ ...asked, algorithm, realm, nonce, count, hasQop }, login);
  const parts = [
    `username=${quoted(login.username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(asked.uri)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(hasQop ? ['qop=auth', `nc=${count}`, `cnonce=${quoted(asked.clientNonce)}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${parts.join(', ')}`;
}

interface Inputs {
  readonly algorithm: Algorithm;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly count: string;
  readonly clientNonce: string;
  readonly hasQop: boolean;
}

function responseOf(inputs: Inputs, { username, password }: Login): string {
  const { algorithm, realm, nonce, method, uri, count, clientNonce, hasQop } = inputs;
  const hash = (text: string) =>
    createHash(algorithm.startsWith('SHA') ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const secret = hash(`${username}:${realm}:${password}`);
  const first = algorithm.endsWith('-sess') ? hash(`${secret}:${nonce}:${clientNonce}`) : secret;
  const second = hash(`${method}:${uri}`);
  return hash(hasQop ? `${first}:${nonce}:${count}:${clientNonce}:auth:${second}` : `${first}:${nonce}:${second}`);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}

/** What an `Authorization: Digest` header claims; undefined where something of it is missing. */
export interface Claim {
  readonly username: string;
  readonly nonce: string;
  readonly count: number;
  /** Whether it could only have been made with the password. */
  proves(password: string): boolean;
}

export function claimOf(header: string, method: string, uri: string, realm: string): Claim | undefined {
  const schema = parseSchemas(header)[0];
  if (schema?.name !== 'digest') return undefined;
  const said = (name: string) => schema.parameters.get(name);
  const algorithm = algorithmOf(said('algorithm'));
  const [username, nonce, response, count = '', clientNonce = ''] = [
    said('username'),
    said('nonce'),
    said('response'),
    said('nc'),
    said('cnonce'),
  ];
  if (username === undefined || nonce === undefined || response === undefined || algorithm === undefined) return undefined;
  if (said('realm') !== realm || said('uri') !== uri || said('qop') !== 'auth' || !/^[0-9a-f]{8}$/i.test(count)) return undefined;
  const inputs = { algorithm, realm, nonce, method, uri, count, clientNonce, hasQop: true };
  return {
    username,
    nonce,
    count: Number.parseInt(count, 16),
    proves(password) {
      const wanted = Buffer.from(responseOf(inputs, { username, password }));
      const given = Buffer.from(response.toLowerCase());
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
  };
}
