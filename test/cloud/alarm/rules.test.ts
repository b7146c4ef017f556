import { describe, expect, it } from 'vitest';
import type { Alarm, AlarmMove, Disposition, IsaState } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Latch, Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { endAck, endService, endShelf, suppress, unsuppress } from '../../../cloud/alarm/cause.ts';
import { isaState, isOpenEpisode, withIsa } from '../../../cloud/alarm/isa.ts';
import { applyMove } from '../../../cloud/alarm/move.ts';
import { applyTransition, type TransitionContext } from '../../../cloud/alarm/transition.ts';

const t0 = Date.UTC(2026, 10, 23, 2);
const minute = 60_000;
const li = { id: 'u-li', name: '李调度' };

function transition(kind: Transition['kind'], more: Partial<Transition> = {}): Transition {
  return {
    alarm: 'smoke',
    kind,
    episode: 1,
    severity: 'major',
    hazard: 'fire',
    latch: 'none',
    name: { zh: '烟雾报警', en: 'smoke' },
    reason: { code: 'state-entered' },
    at: t0,
    ...more,
  };
}

function context(more: Partial<TransitionContext> = {}): TransitionContext {
  return {
    id: 'alm-1',
    gateway: 'gw-1',
    device: 'smoke-502',
    deviceName: { zh: '厨房烟感' },
    area: 'xf/3/2/502',
    receivedAt: t0 + 100,
    newEpoch: false,
    ...more,
  };
}

/**
 * Words of a life: `raise 1 major`, `change 1 critical`, `clear 1`, `ack 5`, `unack`, `reset`, `shelve 5 once`, `unshelve`,
 * `out-of-service 60`, `in-service`, `quiet cause`, `loud cause`.
 */
function live(
  words: readonly string[],
  given: { hazard?: Hazard; latch?: Latch } = {},
): { alarm: Alarm | null; effects: string[]; last: string } {
  let state: { alarm: Alarm | null; effects: string[]; last: string } = { alarm: null, effects: [], last: '' };
  for (const word of words) state = step(state.alarm, word.split(' '), given);
  return state;
}

const kinds = { raise: 'raised', change: 'changed', clear: 'cleared' } as const;

function step(alarm: Alarm | null, [verb = '', first, second]: string[], given: { hazard?: Hazard; latch?: Latch }) {
  if (verb in kinds) {
    const kind = kinds[verb as keyof typeof kinds];
    const severity = (second ?? 'major') as Severity;
    const result = applyTransition(alarm, transition(kind, { ...given, episode: Number(first), severity }), context());
    return { alarm: result.alarm, effects: result.effects.map((effect) => effect.do), last: result.reason as string };
  }
  if (!alarm) throw new Error(`${verb} of nothing`);
  if (verb === 'quiet' || verb === 'loud') {
    const cause = first ?? 'maintenance';
    const result = verb === 'quiet' ? suppress(alarm, cause) : unsuppress(alarm, cause, t0);
    return { alarm: result.alarm, effects: result.effects.map((effect) => effect.do), last: verb };
  }
  const until = first === undefined ? undefined : t0 + Number(first) * minute;
  const once = second === 'once' || undefined;
  const result = applyMove(alarm, {
    move: verb as AlarmMove,
    by: li,
    at: t0,
    version: alarm.version,
    reason: '检修',
    until,
    once,
  });
  if ('refused' in result) return { alarm, effects: [] as string[], last: `refused ${result.refused.code}` };
  return { alarm: result.alarm, effects: result.effects.map((effect) => effect.do), last: verb };
}

interface Case {
  readonly does: string;
  readonly words: readonly string[];
  readonly hazard?: Hazard;
  readonly latch?: Latch;
  readonly isa: IsaState;
  readonly last?: string;
  readonly occurrences?: number;
  readonly told?: boolean;
}

function table(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    it.each(cases)('$does: $words', ({ words, isa, last, occurrences, told, hazard, latch }) => {
      const state = live(words, { ...(hazard ? { hazard } : {}), ...(latch ? { latch } : {}) });
      expect(state.alarm?.isa).toBe(isa);
      if (last !== undefined) expect(state.last).toBe(last);
      if (occurrences !== undefined) expect(state.alarm?.occurrences).toBe(occurrences);
      if (told !== undefined) expect(state.effects.includes('notify')).toBe(told);
    });
  });
}

table('rule 1: one open episode per device and alarm', [
  { does: 'opens', words: ['raise 1'], isa: 'unacked', last: 'opened', occurrences: 1, told: true },
  {
    does: 'takes the same raise once',
    words: ['raise 1', 'raise 1'],
    isa: 'unacked',
    last: 'already-active',
    occurrences: 1,
    told: false,
  },
  {
    does: 'counts a return before anybody looked',
    words: ['raise 1', 'clear 1', 'raise 2'],
    isa: 'unacked',
    last: 'reactivated',
    occurrences: 2,
  },
  {
    does: 'counts a raise whose clear was lost',
    words: ['raise 1', 'raise 2'],
    isa: 'unacked',
    last: 'reactivated',
    occurrences: 2,
  },
  {
    does: 'opens a new one when the last is done with',
    words: ['raise 1', 'ack', 'clear 1', 'raise 2'],
    isa: 'unacked',
    last: 'opened',
    occurrences: 1,
  },
  { does: 'ignores an older episode', words: ['raise 2', 'clear 1'], isa: 'unacked', last: 'late-episode' },
  { does: 'clears once', words: ['raise 1', 'clear 1', 'clear 1'], isa: 'returned-unacked', last: 'already-cleared' },
]);

table('rule 2: suppression hides notification, never evaluation, and never blocks a clear', [
  { does: 'hides', hazard: 'water', words: ['raise 1', 'quiet'], isa: 'suppressed' },
  { does: 'clears underneath', hazard: 'water', words: ['raise 1', 'ack', 'quiet', 'clear 1', 'loud'], isa: 'normal' },
  {
    does: 'counts underneath, quietly',
    hazard: 'water',
    words: ['raise 1', 'quiet', 'clear 1', 'raise 2'],
    isa: 'suppressed',
    occurrences: 2,
    told: false,
  },
  {
    does: 'tells at once when the last cause goes',
    hazard: 'water',
    words: ['raise 1', 'quiet a', 'quiet b', 'loud a', 'loud b'],
    isa: 'unacked',
    told: true,
  },
  {
    does: 'stays quiet while another cause holds',
    hazard: 'water',
    words: ['raise 1', 'quiet a', 'quiet b', 'loud a'],
    isa: 'suppressed',
    told: false,
  },
  {
    does: 'says nothing of what was acknowledged',
    hazard: 'water',
    words: ['raise 1', 'ack', 'quiet', 'loud'],
    isa: 'acked',
    told: false,
  },
  {
    does: 'clears a shelved alarm',
    hazard: 'water',
    words: ['raise 1', 'shelve 60', 'clear 1', 'unshelve'],
    isa: 'returned-unacked',
    told: true,
  },
]);

table('rule 3: the end of a suppression restores the state that was there before it', [
  { does: 'acked', hazard: 'water', words: ['raise 1', 'ack', 'quiet', 'loud'], isa: 'acked' },
  { does: 'unacked', hazard: 'water', words: ['raise 1', 'quiet', 'loud'], isa: 'unacked' },
  {
    does: 'latched',
    hazard: 'water',
    latch: 'until-reset',
    words: ['raise 1', 'ack', 'clear 1', 'quiet', 'loud'],
    isa: 'latched',
  },
]);

table('rule 4: life safety is not shelved past ten minutes and not hidden while active', [
  { does: 'allows ten minutes', words: ['raise 1', 'shelve 10'], isa: 'shelved', last: 'shelve' },
  { does: 'refuses eleven', words: ['raise 1', 'shelve 11'], isa: 'unacked', last: 'refused shelf-too-long' },
  {
    does: 'refuses eleven of an SOS',
    hazard: 'person',
    words: ['raise 1', 'shelve 11'],
    isa: 'unacked',
    last: 'refused shelf-too-long',
  },
  { does: 'allows a day of a leak', hazard: 'water', words: ['raise 1', 'shelve 1440'], isa: 'shelved' },
  {
    does: 'never allows for ever',
    hazard: 'water',
    words: ['raise 1', 'shelve 1441'],
    isa: 'unacked',
    last: 'refused shelf-too-long',
  },
  { does: 'shows an active fire through a suppression', words: ['raise 1', 'quiet'], isa: 'unacked' },
  {
    does: 'tells of a fire through a suppression',
    words: ['raise 1', 'quiet', 'clear 1', 'raise 2'],
    isa: 'unacked',
    told: true,
  },
]);

describe('rule 4: no alarm is shelved again and again for ever', () => {
  const people = { li, wang: { id: 'u-wang', name: '王芳' }, zhao: { id: 'u-zhao', name: '赵敏' } };
  type Word = readonly [who: keyof typeof people, atMinute: number, minutes: number];

  /** Each is asked for at its minute; a shelf whose end has come is ended by the clock before. */
  function shelved(hazard: Hazard, words: readonly Word[]): { alarm: Alarm | null; said: string } {
    let { alarm } = live(['raise 1'], { hazard });
    let said = '';
    for (const [who, atMinute, minutes] of words) {
      const at = t0 + atMinute * minute;
      alarm = alarm && (endShelf(alarm, at)?.alarm ?? alarm);
      if (!alarm) throw new Error('there is no alarm');
      const asked = { by: people[who], at, version: alarm.version, reason: '检修' };
      const result = applyMove(
        alarm,
        minutes === 0 ? { move: 'unshelve', ...asked } : { move: 'shelve', until: at + minutes * minute, ...asked },
      );
      said = 'refused' in result ? result.refused.code : 'taken';
      if ('refused' in result) expect(result.refused.message.zh.length).toBeLessThanOrEqual(120);
      else alarm = result.alarm;
    }
    return { alarm, said };
  }

  it.each<[string, Hazard, readonly Word[], string]>([
    [
      'one person, twice five minutes',
      'fire',
      [
        ['li', 0, 5],
        ['li', 6, 5],
      ],
      'taken',
    ],
    [
      'and a third time',
      'fire',
      [
        ['li', 0, 5],
        ['li', 6, 5],
        ['li', 12, 1],
      ],
      'second-person',
    ],
    [
      'a second person after that',
      'fire',
      [
        ['li', 0, 10],
        ['wang', 11, 10],
      ],
      'taken',
    ],
    [
      'the first again after the second',
      'fire',
      [
        ['li', 0, 10],
        ['wang', 11, 10],
        ['li', 22, 10],
      ],
      'taken',
    ],
    [
      'half an hour and a minute',
      'fire',
      [
        ['li', 0, 10],
        ['wang', 11, 10],
        ['li', 22, 10],
        ['zhao', 33, 1],
      ],
      'shelf-spent',
    ],
    [
      'longer while it lies there',
      'gas',
      [
        ['li', 0, 10],
        ['li', 9, 10],
      ],
      'second-person',
    ],
    [
      'taken down at once it has cost nothing',
      'fire',
      [
        ['li', 0, 10],
        ['li', 0, 0],
        ['li', 1, 10],
      ],
      'taken',
    ],
    ['a leak, eight days', 'water', [0, 1, 2, 3, 4, 5, 6, 7].map((day): Word => ['li', day * 1441, 1440]), 'shelf-spent'],
    ['a leak, seven days', 'water', [0, 1, 2, 3, 4, 5, 6].map((day): Word => ['li', day * 1441, 1440]), 'taken'],
  ])('%s', (_what, hazard, words, said) => expect(shelved(hazard, words).said).toBe(said));

  it('a refusal leaves it as it was and names what is left', () => {
    const { alarm } = shelved('fire', [
      ['li', 0, 10],
      ['wang', 11, 10],
    ]);
    expect(alarm?.shelved).toEqual({ ms: 20 * minute, by: 'u-wang', byOneMs: 10 * minute });
    const at = t0 + 22 * minute;
    const asked = { move: 'shelve' as const, by: li, at, until: at + 10 * minute, reason: '检修' };
    expect(alarm && applyMove(alarm, { ...asked, version: alarm.version })).toMatchObject({
      alarm: { shelved: { ms: 30 * minute } },
    });
    const again = live(['raise 1', 'clear 1', 'ack', 'raise 2'], { hazard: 'fire' });
    expect(again.alarm?.shelved).toBeUndefined();
  });
});

table('out of service', [
  { does: 'is told to nobody', hazard: 'water', words: ['raise 1', 'out-of-service 60'], isa: 'out-of-service', told: false },
  {
    does: 'goes on underneath',
    hazard: 'water',
    words: ['raise 1', 'out-of-service 60', 'clear 1', 'raise 2'],
    isa: 'out-of-service',
    occurrences: 2,
    told: false,
  },
  {
    does: 'gives back what was there',
    hazard: 'water',
    words: ['raise 1', 'ack', 'out-of-service 60', 'in-service'],
    isa: 'acked',
    told: false,
  },
  {
    does: 'tells of what is left',
    hazard: 'water',
    words: ['raise 1', 'out-of-service 60', 'in-service'],
    isa: 'unacked',
    told: true,
  },
  {
    does: 'never takes an active fire out of sight',
    words: ['raise 1', 'out-of-service 60'],
    isa: 'unacked',
    last: 'refused still-active',
  },
  {
    does: 'ends within 30 days',
    hazard: 'water',
    words: ['raise 1', 'out-of-service 43201'],
    isa: 'unacked',
    last: 'refused shelf-too-long',
  },
]);

table('a shelf for once', [
  {
    does: 'ends when the alarm clears',
    hazard: 'water',
    words: ['raise 1', 'shelve 60 once', 'clear 1'],
    isa: 'returned-unacked',
  },
  {
    does: 'does not hide the next one',
    hazard: 'water',
    words: ['raise 1', 'shelve 60 once', 'clear 1', 'raise 2'],
    isa: 'unacked',
    told: true,
  },
]);

table('what came and went while nobody was to be told', [
  {
    does: 'wakes nobody afterwards',
    hazard: 'water',
    words: ['raise 1', 'quiet', 'clear 1', 'loud'],
    isa: 'normal',
    told: false,
  },
]);

table('an acknowledgement', [
  { does: 'is undone by any rise in severity', words: ['raise 1 minor', 'ack', 'change 1 major'], isa: 'unacked', told: true },
  { does: 'stands when severity falls', words: ['raise 1 major', 'ack', 'change 1 minor'], isa: 'acked', told: false },
  {
    does: 'is undone by a rise below the peak too',
    words: ['raise 1 major', 'ack', 'change 1 warning', 'change 1 minor'],
    isa: 'unacked',
  },
  {
    does: 'is undone by re-activation',
    latch: 'until-reset',
    words: ['raise 1', 'ack', 'clear 1', 'raise 2'],
    isa: 'unacked',
    told: true,
  },
  { does: 'of an alarm that has just cleared does not re-open it', words: ['raise 1', 'clear 1', 'ack'], isa: 'normal' },
  {
    does: 'cannot be taken back once all is over',
    words: ['raise 1', 'clear 1', 'ack', 'unack'],
    isa: 'normal',
    last: 'refused not-allowed',
  },
  { does: 'can be taken back while active', words: ['raise 1', 'ack', 'unack'], isa: 'unacked', told: true },
  { does: 'is given once', words: ['raise 1', 'ack', 'ack'], isa: 'acked', last: 'refused not-allowed' },
]);

table('a latch', [
  { does: 'holds until reset', latch: 'until-reset', words: ['raise 1', 'ack', 'clear 1'], isa: 'latched' },
  {
    does: 'is not reset while active',
    latch: 'until-reset',
    words: ['raise 1', 'reset'],
    isa: 'unacked',
    last: 'refused still-active',
  },
  {
    does: 'is let go by a reset, which acknowledges',
    latch: 'until-reset',
    words: ['raise 1', 'clear 1', 'reset'],
    isa: 'normal',
  },
  { does: 'until-ack goes with the ack', latch: 'until-ack', words: ['raise 1', 'clear 1', 'ack'], isa: 'normal' },
  {
    does: 'until-ack goes with the clear where acked before',
    latch: 'until-ack',
    words: ['raise 1', 'ack', 'clear 1'],
    isa: 'normal',
  },
  {
    does: 'is nothing to reset where there is none',
    words: ['raise 1', 'clear 1', 'reset'],
    isa: 'returned-unacked',
    last: 'refused not-allowed',
  },
]);

describe('a move', () => {
  const alarm = live(['raise 1']).alarm;
  if (!alarm) throw new Error('no alarm');

  it('states the version it saw, and is refused where that has passed', () => {
    const result = applyMove(alarm, { move: 'ack', by: li, at: t0, version: alarm.version - 1 });
    expect(result).toMatchObject({ refused: { code: 'version-conflict' } });
  });

  it.each([
    ['without a reason', { until: t0 + minute }, 'reason-needed'],
    ['without an end', { reason: '检修' }, 'until-needed'],
    ['with an end in the past', { reason: '检修', until: t0 - 1 }, 'until-needed'],
  ])('does not shelve %s', (_name, given, code) => {
    expect(applyMove(alarm, { move: 'shelve', by: li, at: t0, version: alarm.version, ...given })).toMatchObject({
      refused: { code },
    });
  });

  it('refuses in both languages', () => {
    const result = applyMove(alarm, { move: 'reset', by: li, at: t0, version: alarm.version });
    if (!('refused' in result)) throw new Error('not refused');
    expect(result.refused.message).toMatchObject({ zh: expect.stringMatching(/[一-鿿]/), en: expect.stringMatching(/^[ -~]+$/) });
  });

  it('leaves the alarm it was given as it was', () => {
    const before = structuredClone(alarm);
    applyMove(alarm, { move: 'ack', by: li, at: t0, version: alarm.version });
    expect(alarm).toEqual(before);
  });
});

describe('re-alarm', () => {
  const acked = (words: readonly string[], given = {}) => {
    const { alarm } = live(words, given);
    if (!alarm) throw new Error('no alarm');
    return alarm;
  };

  it('tells again of a fire that somebody saw ten minutes ago and nobody took up', () => {
    const alarm = acked(['raise 1', 'ack']);
    expect(alarm.ack?.until).toBe(t0 + 10 * minute);
    expect(endAck(alarm, t0 + 10 * minute - 1, false)).toBeNull();
    const ended = endAck(alarm, t0 + 10 * minute, false);
    expect(ended?.alarm).toMatchObject({ ack: null, isa: 'unacked' });
    expect(ended?.effects.map((effect) => effect.do)).toEqual(['line', 'notify']);
  });

  it('leaves the acknowledgement for good where somebody is on it', () => {
    const ended = endAck(acked(['raise 1', 'ack']), t0 + 10 * minute, true);
    expect(ended).toMatchObject({ alarm: { isa: 'acked', ack: { by: li.id } }, effects: [] });
    expect(ended?.alarm.ack).not.toHaveProperty('until');
  });

  it('does not come to an alarm that has cleared, and not to a leak unless somebody asked for it', () => {
    expect(acked(['raise 1', 'ack', 'clear 1']).ack).not.toHaveProperty('until');
    expect(acked(['raise 1', 'ack'], { hazard: 'water' }).ack).not.toHaveProperty('until');
    expect(acked(['raise 1', 'ack 30'], { hazard: 'water' }).ack?.until).toBe(t0 + 30 * minute);
  });
});

describe('a verdict', () => {
  it('is given by a person, may be changed, and not twice the same', () => {
    const { alarm } = live(['raise 1']);
    if (!alarm) throw new Error('no alarm');
    const judge = (of: Alarm, disposition?: Disposition) =>
      applyMove(of, { move: 'judge', by: li, at: t0, version: of.version, disposition });
    expect(judge(alarm)).toMatchObject({ refused: { code: 'disposition-needed' } });
    const first = judge(alarm, 'false');
    if (!('alarm' in first)) throw new Error('refused');
    expect(first.alarm.disposition).toBe('false');
    expect(judge(first.alarm, 'false')).toMatchObject({ refused: { code: 'not-allowed' } });
    expect(judge(first.alarm, 'real')).toMatchObject({ alarm: { disposition: 'real' } });
  });
});

describe('a time out of service', () => {
  it('ends by the server clock, and tells of what is left', () => {
    const { alarm } = live(['raise 1', 'out-of-service 60'], { hazard: 'water' });
    if (!alarm) throw new Error('no alarm');
    expect(endService(alarm, t0 + 60 * minute - 1)).toBeNull();
    expect(endService(alarm, t0 + 60 * minute)).toMatchObject({ alarm: { outOfService: null, isa: 'unacked' } });
  });
});

describe('a shelf', () => {
  it('ends by the server clock and not before, and tells of what is left', () => {
    const { alarm } = live(['raise 1', 'shelve 5']);
    if (!alarm) throw new Error('no alarm');
    expect(endShelf(alarm, t0 + 5 * minute - 1)).toBeNull();
    const ended = endShelf(alarm, t0 + 5 * minute);
    expect(ended?.alarm).toMatchObject({ shelf: null, isa: 'unacked' });
    expect(ended?.effects.map((effect) => effect.do)).toContain('notify');
  });
});

describe('a new epoch of the gateway', () => {
  it('counts episodes anew, and its raise is not taken for an old one', () => {
    const { alarm } = live(['raise 7']);
    const result = applyTransition(alarm, transition('raised', { episode: 1 }), context({ newEpoch: true }));
    expect(result).toMatchObject({ reason: 'reactivated', alarm: { episode: 1, occurrences: 2 } });
  });
});

describe('the derived state', () => {
  it('is that of the gravest axis', () => {
    const { alarm } = live(['raise 1', 'shelve 5', 'quiet']);
    if (!alarm) throw new Error('no alarm');
    expect(isaState(alarm)).toBe('shelved');
    expect(withIsa({ ...alarm, outOfService: { until: t0, reason: 'x', by: 'y' } }).isa).toBe('out-of-service');
    expect(isOpenEpisode(alarm)).toBe(true);
  });
});
