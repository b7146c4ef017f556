import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';

interface Open {
  /** The access file's stamp when it was opened: a new password ends it. */
  readonly stamp: string;
  readonly openedMono: number;
  usedMono: number;
}

/** Sessions live in memory: a restart signs everybody out. Kept by the hash of their token, so many and no more. */
export class Sessions {
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new session's token: 256 bits that only its browser knows. */
  open(stamp: string): string {
    const token = randomBytes(32).toString('base64url');
    const oldest = this.#open.size >= limits.sessions ? this.#open.keys().next() : undefined;
    if (oldest && !oldest.done) this.#open.delete(oldest.value);
    const mono = this.#clock.mono();
    this.#open.set(hashOf(token), { stamp, openedMono: mono, usedMono: mono });
    return token;
  }

  /** Whether it is in force, which counts as a use of it. */
  use(token: string, stamp: string): boolean {
    const key = hashOf(token);
    const session = this.#open.get(key);
    if (!session) return false;
    const mono = this.#clock.mono();
    const isOver = mono - session.usedMono > limits.sessionIdleMs || mono - session.openedMono > limits.sessionMostMs;
    if (isOver || session.stamp !== stamp) {
      this.#open.delete(key);
      return false;
    }
    session.usedMono = mono;
    return true;
  }

  close(token: string): void {
    this.#open.delete(hashOf(token));
  }
}

/** What unsafe requests carry in a header: derived from the session, so another site cannot know it. */
export function csrfOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
