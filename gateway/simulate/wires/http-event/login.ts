import { createHash, randomBytes } from 'node:crypto';

const realm = 'simulated';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Digest access authentication (RFC 7616) as a camera asks for it: MD5, qop auth, each nonce for a hundred requests. */
export class HttpLogin {
  readonly #login: Login;
  readonly #uses = new Map<string, number>();

  constructor(login: Login) {
    this.#login = login;
  }

  /** Null: let in. Else what to ask for in a 401. */
  challenge(method: string, target: string, authorization: string | undefined): string | null {
    const said = new Map([...(authorization ?? '').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map((m) => [m[1], m[2] ?? m[3]]));
    const nonce = said.get('nonce') ?? '';
    const uses = this.#uses.get(nonce);
    if (uses === undefined || !this.#isProof(said, method, target)) return this.#fresh('');
    if (uses >= 100 || Number.parseInt(said.get('nc') ?? '', 16) !== uses + 1) return this.#fresh(', stale="true"');
    this.#uses.set(nonce, uses + 1);
    return null;
  }

  #isProof(said: ReadonlyMap<string | undefined, string | undefined>, method: string, target: string): boolean {
    const { username, password } = this.#login;
    const whole = [
      md5(`${username}:${realm}:${password}`),
      said.get('nonce'),
      said.get('nc'),
      said.get('cnonce'),
      said.get('qop'),
    ];
    return said.get('uri') === target && said.get('response') === md5([...whole, md5(`${method}:${target}`)].join(':'));
  }

  #fresh(stale: string): string {
    const nonce = randomBytes(12).toString('hex');
    this.#uses.set(nonce, 0);
    for (const oldest of this.#uses.keys()) {
      if (this.#uses.size <= 100) break;
      this.#uses.delete(oldest);
    }
    return `Digest realm="${realm}", qop="auth", nonce="${nonce}"${stale}`;
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
