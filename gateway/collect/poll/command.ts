import type { Clock } from '../../clock.ts';
import type { Manner, Read } from '../line/dialect.ts';
import type { ActOutcome } from '../driver.ts';
import type { Outcome } from './outcome.ts';
import type { Slave } from './slave.ts';
import { takeFrom } from './take.ts';

export interface CommandOptions<A extends Manner> {
  readonly slave: Slave<A>;
  readonly read: Read<A>;
  readonly deadlineMono: number;
  readonly clock: Clock;
  /** The slave answered. */
  readonly heard: (at: number) => void;
}

/** Requests that one command may come to. */
const longestChain = 64;

type Failed = Exclude<ActOutcome, { state: 'sent' }>;

/** Carries out one command, request by request, in front of all polls. Never rejects. */
export async function carryOut<A extends Manner>(options: CommandOptions<A>): Promise<ActOutcome> {
  const { read, clock, heard } = options;
  /** Something that carries out a part of the command has been confirmed. */
  let isBegun = false;
  let ask = read.first();
  for (let n = 0; n < longestChain; n += 1) {
    const outcome = await askHarmlessAgain(options, ask);
    if (outcome.kind === 'silent') return silent(outcome, ask, isBegun);
    const taken = takeFrom(read, outcome.answer);
    if ('exception' in taken) {
      const { detail, text, isAbsent } = taken.exception;
      if (isAbsent === true) return isBegun ? partly(detail) : unknown(detail);
      heard(outcome.at);
      return isBegun
        ? partly(detail)
        : refused('refused-by-device', text ?? { zh: `设备拒绝了（${detail}）。`, en: `The device refused it (${detail}).` });
    }
    heard(outcome.at);
    isBegun ||= ask.isPreparation !== true;
    if (!('next' in taken)) return { state: 'sent' };
    if ((ask.restMs ?? 0) > 0) await clock.sleep(ask.restMs ?? 0);
    ask = taken.next;
  }
  return partly(`${longestChain} answers, and still more to come`);
}

/** Only what may be done twice is asked twice; anything else that was not answered may have been done. */
async function askHarmlessAgain<A extends Manner>(options: CommandOptions<A>, ask: A): Promise<Outcome> {
  const tries = ask.isHarmless === true ? options.slave.retries : 0;
  for (let left = tries; ; left -= 1) {
    const outcome = await askOnce(options, ask);
    if (left <= 0 || outcome.kind === 'answer' || (outcome.why !== 'timeout' && outcome.why !== 'refused')) return outcome;
  }
}

function askOnce<A extends Manner>({ slave, deadlineMono }: CommandOptions<A>, ask: A): Promise<Outcome> {
  return new Promise((done) => slave.bus.submit({ ask, party: slave, urgent: true, deadlineMono, done }));
}

function silent({ why, detail }: Extract<Outcome, { kind: 'silent' }>, ask: Manner, isBegun: boolean): ActOutcome {
  const isUnsent = why === 'unreachable' || why === 'expired' || why === 'withheld';
  if (isBegun && (isUnsent || ask.isPreparation === true)) return partly(detail);
  switch (why) {
    case 'expired':
      return {
        state: 'expired',
        code: 'expired',
        zh: '超过了有效时间，没有发出。需要时请重新下令。',
        en: 'It was too old and was not sent. Give the command again if it is still wanted.',
      };
    case 'unreachable':
      return refused('unreachable', { zh: `没有发出：线路不通（${detail}）。`, en: `Not sent: the wire is down (${detail}).` });
    case 'withheld':
      return refused('late-answer-pending', {
        zh: '没有发出：前一条命令的应答可能还在路上，会与这一条混淆。请几秒后再试。',
        en: 'Not sent: the answer to an earlier command may still come and be taken for its own. Try again in a few seconds.',
      });
    case 'timeout':
    case 'refused':
    case 'closed':
    case 'stopped':
      // An unlocking alone does nothing.
      return ask.isPreparation === true ? refused('no-answer', noAnswer(detail)) : unknown(detail);
  }
}

function noAnswer(detail: string): { zh: string; en: string } {
  return {
    zh: `设备没有应答解锁（${detail}），命令没有发出。`,
    en: `The device did not answer the unlocking (${detail}); the command itself was not sent.`,
  };
}

function refused(code: string, { zh, en }: { zh: string; en?: string | undefined }): Failed {
  return { state: 'refused', code, zh, en: en ?? zh };
}

function unknown(detail: string): Failed {
  return {
    state: 'unknown',
    code: 'no-answer',
    zh: `已发出，但没有收到确认（${detail}）：可能执行了，也可能没有。请查看设备状态。`,
    en: `Sent, but not confirmed (${detail}): it may or may not have been carried out. Look at the device.`,
  };
}

function partly(detail: string): Failed {
  return {
    state: 'unknown',
    code: 'partly-done',
    zh: `命令由几步组成，只完成了一部分（${detail}）。请查看设备状态。`,
    en: `The command has several steps and only a part of them was done (${detail}). Look at the device.`,
  };
}
