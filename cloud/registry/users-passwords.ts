import { hash, verify } from '@node-rs/argon2';
import { randomInt } from 'node:crypto';
import { limits } from '../limits.ts';

/** argon2id as OWASP's first choice states it: 19 MiB, two passes, one lane. About 20 ms of one core each. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Too many people are signing in at this moment; the caller answers 503. */
export class HashingBusy extends Error {
  readonly code = 'hashing-busy';
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Constant-time in what it tells: an unknown account (null) costs as much as a wrong password. */
  verify(stored: string | null, password: string): Promise<boolean>;
}

/** At most `hashesAtOnce` hashes run, `hashesWaiting` wait; past that HashingBusy, so that a flood of sign-ins cannot take the cores. */
export function createPasswords(): Passwords {
  const inTurn = createGate(limits.hashesAtOnce, limits.hashesWaiting);
  let decoy: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    async verify(stored, password) {
      return inTurn(async () => {
        decoy ??= hash(randomPassword(), cost);
        const matches = await verify(stored ?? (await decoy), password);
        return matches && stored !== null;
      });
    },
  };
}

function createGate(width: number, queue: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const enter = async (): Promise<void> => {
    if (running < width) return void (running += 1);
    if (waiting.length >= queue) throw new HashingBusy('too many passwords are being checked');
    // The place is handed over by the one who leaves, so `running` does not move here.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  return async (run) => {
    await enter();
    try {
      return await run();
    } finally {
      leave();
    }
  };
}

const alphabet = 'abcdefghjkmnpqrstvwxyz23456789';

/** Four groups of four letters and digits nobody confuses when reading aloud: 78 bits. */
export function randomPassword(): string {
  const letters = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]);
  return [0, 4, 8, 12].map((start) => letters.slice(start, start + 4).join('')).join('-');
}

/** Words every attacker tries first here; a password that is mostly one of them is refused. */
const obvious = ['password', 'yihu', 'admin', 'qwerty', '123456', 'woaini', 'iloveyou', '111111', 'abc123', 'letmein', 'xingfu'];

/** What is wrong with a new password, as a code; null where it may be used. No rules about kinds of characters. */
export function passwordProblem(password: string, account: string): 'too-short' | 'too-long' | 'too-simple' | null {
  if (Array.from(password).length < limits.passwordLength) return 'too-short';
  if (Buffer.byteLength(password) > limits.passwordLengthMax) return 'too-long';
  const lower = password.toLowerCase();
  const rest = [account.toLowerCase(), ...obvious].reduce((left, word) => left.replaceAll(word, ''), lower);
  return new Set(rest).size < 5 ? 'too-simple' : null;
}
