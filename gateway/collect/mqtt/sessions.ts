import type { Clock } from '../../clock.ts';
import type { Speaker } from './admission.ts';
import { limits } from './limits.ts';

/** A live connection, as far as the rules need it. */
export interface Session {
  readonly speaker: Speaker;
  readonly clientId: string;
  /** Closes the connection and calls back when it is gone. */
  close(done: () => void): void;
}

export type Entry =
  | { verdict: 'enter' }
  | { verdict: 'replace'; old: Session; again: boolean }
  | { verdict: 'refuse'; why: string };

/**
 * One live session per identity: a login, or the client id where no login is asked for. The newer one wins, because
 * the older is most often a connection that died unseen; but two devices that push each other out are stopped.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Session>();
  readonly #byClientId = new Map<string, Session>();
  readonly #takeOvers = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is to happen with a newcomer; changes nothing but the memory of takings-over. */
  knock(key: string, session: Session): Entry {
    const namesake = this.#byClientId.get(session.clientId);
    if (namesake && namesake.speaker.login !== session.speaker.login) {
      return { verdict: 'refuse', why: `client id ${session.clientId} is in use by login ${namesake.speaker.login}` };
    }
    const old = this.#byKey.get(key);
    if (!old) return { verdict: 'enter' };
    const before = this.#takenOver(key);
    if (before >= limits.takeOvers) return { verdict: 'refuse', why: `two devices use the identity ${key}` };
    return { verdict: 'replace', old, again: before > 0 };
  }

  enter(key: string, session: Session): void {
    this.#byKey.set(key, session);
    this.#byClientId.set(session.clientId, session);
  }

  leave(key: string, session: Session): void {
    if (this.#byKey.get(key) === session) this.#byKey.delete(key);
    if (this.#byClientId.get(session.clientId) === session) this.#byClientId.delete(session.clientId);
  }

  /** How often the key was taken over within the window; counts this time too, unless it is one too many. */
  #takenOver(key: string): number {
    const now = this.#clock.mono();
    const recent = (this.#takeOvers.get(key) ?? []).filter((at) => now - at < limits.takeOverWindowMs);
    if (recent.length >= limits.takeOvers) return recent.length;
    this.#takeOvers.delete(key);
    this.#takeOvers.set(key, [...recent, now]);
    // Keys may be made up by clients: the oldest is forgotten first.
    if (this.#takeOvers.size > limits.connections) this.#takeOvers.delete(this.#takeOvers.keys().next().value as string);
    return recent.length;
  }
}
