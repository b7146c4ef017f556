import { describe, expect, it } from 'vitest';
import { chains } from '../../../cloud/notify/chains.ts';
import { afterAttempt } from '../../../cloud/notify/delivery.ts';
import { chainFor, decideStep, nextRound } from '../../../cloud/notify/escalate.ts';

const at = Date.UTC(2026, 10, 23, 2);
const minute = 60_000;

describe('rule 8: a failed delivery is visible and the chain goes on; nothing returns silently', () => {
  it('an attempt that failed says why, and is tried again or makes room for the next channel', () => {
    const reason = { zh: '服务商无应答', en: 'The provider is down' };
    const again = afterAttempt(
      { attempts: 1, lifeSafety: true, expiresAt: at + minute },
      { state: 'try-again', code: 'down', reason },
      at,
    );
    expect(again).toMatchObject({ state: 'queued', code: 'down', reason });
    const never = afterAttempt(
      { attempts: 1, lifeSafety: true, expiresAt: at + minute },
      { state: 'never', code: 'number', reason },
      at,
    );
    expect(never).toMatchObject({ state: 'failed', code: 'number', reason });
  });

  it.each(chains.map((chain) => [chain.id, chain] as const))('the chain %s never ends by itself', (_id, { hazards, steps }) => {
    const [hazard] = hazards;
    if (!hazard) throw new Error('a chain of nothing');
    const rungs = chainFor(hazard, at);
    expect(rungs.slice(0, -1).map(({ step, rung }) => nextRound(step, rung, at))).toEqual(steps.slice(0, -1).map(() => null));
    let next = rungs.at(-1) ?? null;
    for (let round = 1; round <= 100; round += 1) {
      next = next && nextRound(next.step, next.rung, next.dueAt);
      expect(next).toMatchObject({ step: steps.length + round, rung: { again: round, tell: steps.at(-1)?.tell } });
    }
    const subject = { state: 'open', ackedAt: null, hazard, openedAt: at, quiet: false } as const;
    expect(decideStep(subject, 4, at + minute, next?.rung)).toMatchObject({
      act: 'escalate',
      data: { step: steps.length, again: 100 },
    });
    expect(decideStep({ ...subject, ackedAt: at }, 4, at, next?.rung)).toEqual({ act: 'stop', reason: 'answered' });
  });
});
