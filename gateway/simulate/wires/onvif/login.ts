import { createHash, randomBytes } from 'node:crypto';

export interface CameraLogin {
  readonly username: string;
  readonly password: string;
}

/** Seconds that a token may be away from the camera's own time. */
const tokenSeconds = 5;
const remembered = 1_000;

/** What a simulated camera thinks of who speaks to it. It counts the wrong ones, as those do that lock an account. */
export class CameraGuard {
  readonly #login: CameraLogin;
  readonly #nonces = new Set<string>();
  #challenge = '';
  #count = 0;
  /** How often a name or password was wrong; a token of another time or used twice counts as well. */
  wrong = 0;

  constructor(login: CameraLogin) {
    this.#login = login;
  }

  /** A WS-Security UsernameToken in the text of an envelope. `at`: by the camera's clock, milliseconds. */
  isGoodToken(envelope: string, at: number): boolean {
    const said = (name: string) => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(envelope)?.[1] ?? '';
    const [username, digest, nonce, created] = [said('Username'), said('Password'), said('Nonce'), said('Created')];
    if (username === '') return false;
    const hash = createHash('sha1')
      .update(Buffer.from(nonce, 'base64'))
      .update(created + this.#login.password);
    const isOfNow = Math.abs(Date.parse(created) - at) <= tokenSeconds * 1000;
    const isGood = username === this.#login.username && hash.digest('base64') === digest && isOfNow && this.#isNew(nonce);
    if (!isGood) this.wrong += 1;
    return isGood;
  }

  /** HTTP digest with qop=auth (RFC 7616). */
  isGoodDigest(authorization: string | undefined, method: string, uri: string): boolean {
    if (authorization === undefined || !authorization.startsWith('Digest ')) return false;
    const said = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
    const { username, password } = this.#login;
    const md5 = (...parts: string[]) => createHash('md5').update(parts.join(':')).digest('hex');
    const proof = md5(md5(username, 'camera', password), said('nonce'), said('nc'), said('cnonce'), 'auth', md5(method, uri));
    // A nonce that was exchanged for a newer one is no wrong password.
    if (said('nonce') !== this.#challenge || Number.parseInt(said('nc'), 16) <= this.#count) return false;
    const isGood = said('username') === username && said('uri') === uri && said('response') === proof;
    if (isGood) this.#count += 1;
    else this.wrong += 1;
    return isGood;
  }

  challenge(): string {
    this.#challenge = randomBytes(12).toString('hex');
    this.#count = 0;
    return `Digest realm="camera", qop="auth", nonce="${this.#challenge}", algorithm=MD5`;
  }

  #isNew(nonce: string): boolean {
    if (nonce === '' || this.#nonces.has(nonce)) return false;
    if (this.#nonces.size >= remembered) this.#nonces.clear();
    this.#nonces.add(nonce);
    return true;
  }
}
