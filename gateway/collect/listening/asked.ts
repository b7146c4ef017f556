import type { Clock, Timer } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { limits } from './limits.ts';

interface Waiting {
  readonly timer: Timer;
  readonly settle: (outcome: ActOutcome) => void;
}

/** Commands that were sent on one connection and wait for their answer, by what the answer will carry. */
export class Asked {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends, unless it is too late, and waits for `answer` with the same key. */
  ask(key: string, act: Act, withinMs: number, send: () => void): Promise<ActOutcome> {
    if (this.#clock.mono() > act.deadlineMono) return Promise.resolve(expired);
    if (this.#waiting.has(key) || this.#waiting.size >= limits.commandsWaiting) return Promise.resolve(busy);
    return new Promise((resolve) => {
      const settle = (outcome: ActOutcome): void => {
        this.#waiting.get(key)?.timer.cancel();
        this.#waiting.delete(key);
        resolve(outcome);
      };
      this.#waiting.set(key, { timer: this.#clock.after(withinMs, () => settle(noAnswer)), settle });
      send();
    });
  }

  /** An answer that nobody waits for any more says nothing. */
  answer(key: string, outcome: ActOutcome): void {
    this.#waiting.get(key)?.settle(outcome);
  }

  /** The connection is gone. */
  gone(): void {
    for (const { settle } of this.#waiting.values()) settle(noAnswer);
  }
}

const expired: ActOutcome = {
  state: 'expired',
  code: 'too-late',
  zh: '命令已过期，没有发出。',
  en: 'The command was too old and was not sent.',
};

const busy: ActOutcome = {
  state: 'refused',
  code: 'busy',
  zh: '设备还在处理前面的命令，这一条没有发出；请稍后再试。',
  en: 'The device is still busy with earlier commands; this one was not sent. Try again shortly.',
};

const noAnswer: ActOutcome = {
  state: 'unknown',
  code: 'no-answer',
  zh: '设备没有应答，不知道是否已执行；请到现场核对。',
  en: 'The device did not answer; it may or may not have been carried out. Check on site.',
};

/** A device that is connected but has not said anything that a command could go out with. */
export const notBefore: ActOutcome = {
  state: 'refused',
  code: 'not-known-yet',
  zh: '设备连接后还没有上报过，命令没有发出；请稍后再试。',
  en: 'The device has not reported since it connected; the command was not sent. Try again shortly.',
};
