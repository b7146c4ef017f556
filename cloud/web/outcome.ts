import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Outcome } from './needs.ts';
import { Refusal, type ProblemCode } from './problem.ts';

/** What a refusal of the records is over HTTP; whatever is not listed is a rule that says no: 422. */
const refusalCodes: Readonly<Record<string, ProblemCode>> = {
  'not-found': 'not-found',
  'version-conflict': 'version',
  'not-allowed': 'wrong-state',
  'still-active': 'wrong-state',
  'reason-needed': 'reason-needed',
  'key-reused': 'key-reused',
  'second-person': 'not-yours',
  'not-yours': 'not-yours',
};

/** Answers that only say again what an earlier request with the same key has done. */
const repeats = new WeakSet<object>();

/** What the answer to a repeated command carries, so that whoever sends late or twice knows that nothing was done now. */
const repeatHeader = 'idempotency-repeated';

/** Marks an answer as one to a repeated command. */
export function markRepeat<T>(value: T, repeated: boolean): T {
  if (repeated && typeof value === 'object' && value !== null) repeats.add(value);
  return value;
}

/** Says on the answer, and in the audit, that a command was carried out before and does nothing now. */
export function sayRepeats(app: FastifyInstance): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (typeof payload !== 'object' || payload === null || !repeats.has(payload)) return payload;
    request.note['repeated'] = true;
    void reply.header(repeatHeader, 'true');
    return payload;
  });
}

/** The value of an outcome, or the refusal as a problem with the object as it is now. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return markRepeat(outcome.value, outcome.repeated);
  const { refusal, current } = outcome;
  const code = refusalCodes[refusal.code] ?? 'refused';
  if (code === 'not-found') throw new Refusal('not-found');
  throw new Refusal(code, { named: refusal.code, sentence: refusal.message, ...(current === null ? {} : { current }) });
}

/** Life safety never waits for a rate limit: the first answers to an alarm come through however busy this person is. */
export function isFirstAnswer(request: FastifyRequest): boolean {
  const { move } = request.body as { move?: string };
  return move === 'ack' || move === 'confirm' || move === 'dispatch';
}
