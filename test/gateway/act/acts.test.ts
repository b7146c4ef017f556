import { actMoves, actStates } from '@yihu/device-profiles/vocabulary/act.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../gateway/act/acts.ts';
import type { ActOutcome } from '../../../gateway/collect/driver.ts';
import { limits } from '../../../gateway/limits.ts';
import { Plant, order, settle } from './plant.ts';

const stateOf = (answer: Answer) => ('act' in answer ? answer.act.state : answer.refused.code);
const open = (id: string, more = {}) => order(id, { command: 'open', args: { door: 1 }, ...more });
const lock = (value: string) => [{ point: 'lock', value, quality: 'good', at: 0 } as const];

describe('an order', () => {
  it('is on disk before it is sent, and each state after it', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    const seen: string[] = [];
    plant.outcome = async (): Promise<ActOutcome> => {
      seen.push(...(await plant.said()));
      return { state: 'sent' };
    };
    expect(stateOf(await acts.order(order('o1')))).toBe('accepted');
    expect((await acts.settled('o1'))?.state).toBe('sent');
    expect(seen).toEqual(['o1 accepted']);
    expect(await plant.said()).toEqual(['o1 accepted', 'o1 sent']);
  });

  it('is confirmed when the device shows it, and only by what it shows after the sending', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    acts.heard('d1', lock('open'));
    await acts.order(open('o1'));
    await settle();
    expect(await plant.said()).toEqual(['o1 accepted', 'o1 sent']);
    acts.heard('d2', lock('open'));
    acts.heard('d1', [{ point: 'lock', value: 'open', quality: 'bad', at: 0 }]);
    acts.heard('d1', lock('closed'));
    await settle();
    expect(await plant.said()).toHaveLength(2);
    acts.heard('d1', lock('open'));
    expect(await acts.settled('o1')).toMatchObject({ state: 'confirmed', shown: 'open' });
  });

  it('whose effect is not shown in time has an unknown outcome, with what was seen last', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(open('o1'));
    await settle();
    acts.heard('d1', lock('closed'));
    await plant.clock.advance(5_000);
    expect(await acts.settled('o1')).toMatchObject({ state: 'unknown', shown: 'closed', reason: { code: 'not-shown' } });
  });

  it('is read back by the value it was given, whatever a conversion rounds away', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(order('o1', { command: 'set', args: { level: 33.3, mode: 'auto' } }));
    await settle();
    acts.heard('d1', [{ point: 'level', value: 33.30000001, quality: 'good', at: 0 }]);
    expect((await acts.settled('o1'))?.state).toBe('confirmed');
  });

  it.each(['refused', 'unknown', 'expired'] as const)('that the port calls %s is that, with the reason', async (state) => {
    const plant = new Plant();
    plant.outcome = () => ({ state, code: 'x', zh: '因为', en: 'because' });
    const acts = await plant.boot();
    await acts.order(order('o1'));
    expect(await acts.settled('o1')).toMatchObject({ state, reason: { code: 'x', zh: '因为', en: 'because' } });
  });

  it('whose port never answers is unknown in the end, and holds its device up no longer', async () => {
    const plant = new Plant();
    plant.outcome = ({ id }) => (id === 'o1' ? new Promise<never>(() => {}) : { state: 'sent' });
    const acts = await plant.boot();
    await acts.order(order('o1'));
    await plant.clock.advance(10_000 + limits.actOutcomeMs);
    expect((await acts.settled('o1'))?.reason?.code).toBe('no-outcome');
    await acts.order(order('o2'));
    expect((await acts.settled('o2'))?.state).toBe('sent');
  });

  it.each([
    [{ device: 'x' }, 'unknown-device'],
    [{ command: 'fly' }, 'unknown-command'],
    [{ command: 'constructor' }, 'unknown-command'],
    [{ command: 'open', args: { door: Number.NaN } }, 'malformed'],
    [{ command: 'open', args: { door: 'x'.repeat(301) } }, 'malformed'],
    [{ id: 'a b' }, 'malformed'],
    [{ by: ' ' }, 'malformed'],
  ])('%j is turned down without a record', async (more, code) => {
    const plant = new Plant();
    const acts = await plant.boot();
    expect(stateOf(await acts.order(order('o1', more)))).toBe(code);
    expect(await plant.said()).toEqual([]);
  });

  it.each([
    [{ command: 'open', args: {} }, 'door'],
    [{ command: 'open', args: { door: 5 } }, '4'],
    [{ command: 'open', args: { door: '1' } }, 'number'],
    [{ command: 'open', args: { door: 1, more: 1 } }, 'more'],
    [{ command: 'set', args: { level: 1, mode: 'fast' } }, 'auto, hand'],
    [{ command: 'beep', args: { x: 1 } }, 'x'],
  ])('%j is refused, on record, and never sent', async (more, word) => {
    const plant = new Plant();
    const acts = await plant.boot();
    const answer = await acts.order(order('o1', more));
    expect(answer).toMatchObject({ act: { state: 'refused', reason: { code: 'argument' } } });
    expect('act' in answer && answer.act.reason?.en).toContain(word);
    expect(plant.wire).toEqual([]);
    expect(await plant.said()).toEqual(['o1 refused']);
  });
});

describe('once and not twice', () => {
  it('the same order again is the order as it stands, also while the first is still being taken', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    const answers = await Promise.all([acts.order(order('o1')), acts.order(order('o1')), acts.order(order('o1'))]);
    expect(answers.map(stateOf)).toEqual(['accepted', 'accepted', 'accepted']);
    await acts.settled('o1');
    expect(stateOf(await acts.order(order('o1')))).toBe('sent');
    expect(plant.wire).toEqual(['d1 beep o1']);
  });

  it('also after a restart', async () => {
    const plant = new Plant();
    const first = await plant.boot();
    await first.order(order('o1'));
    await first.settled('o1');
    const second = await plant.boot();
    expect(stateOf(await second.order(order('o1')))).toBe('sent');
    expect(plant.wire).toHaveLength(1);
  });

  it('an id that named something else is refused', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(open('o1'));
    expect(stateOf(await acts.order(open('o1', { args: { door: 2 } })))).toBe('other-order');
    expect(stateOf(await acts.order(order('o1')))).toBe('other-order');
  });

  it('a device is told one thing at a time, others meanwhile', async () => {
    const plant = new Plant();
    const open = new Map<string, (outcome: ActOutcome) => void>();
    plant.outcome = ({ id }) => new Promise((resolve) => open.set(id, resolve));
    const acts = await plant.boot();
    for (const id of ['o1', 'o2']) await acts.order(order(id));
    await acts.order(order('o3', { device: 'd2' }));
    await settle();
    expect(plant.wire).toEqual(['d1 beep o1', 'd2 beep o3']);
    open.get('o1')?.({ state: 'sent' });
    await settle();
    expect(plant.wire).toEqual(['d1 beep o1', 'd2 beep o3', 'd1 beep o2']);
  });

  it('what waited too long behind another is not sent', async () => {
    const plant = new Plant();
    plant.outcome = async () => {
      await plant.clock.sleep(11_000);
      return { state: 'sent' };
    };
    const acts = await plant.boot();
    for (const id of ['o1', 'o2']) await acts.order(order(id));
    await plant.clock.advance(12_000);
    expect(await plant.said()).toEqual(['o1 accepted', 'o2 accepted', 'o1 sent', 'o2 expired']);
    expect(plant.wire).toHaveLength(1);
  });

  it('what was ordered too long ago elsewhere is not sent', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    const at = plant.clock.now();
    expect(stateOf(await acts.order(order('o1', { at: at - 10_001 })))).toBe('expired');
    expect(stateOf(await acts.order(order('o2', { at: at - 1_000, ttlMs: 500 })))).toBe('expired');
    expect(stateOf(await acts.order(order('o3', { at: at - 9_000, ttlMs: 60_000 })))).toBe('accepted');
    await settle();
    expect(plant.wire).toEqual(['d1 beep o3']);
  });

  it('more than may wait for one device are turned down', async () => {
    const plant = new Plant();
    plant.outcome = () => new Promise(() => {});
    const acts = await plant.boot();
    for (let i = 0; i < limits.deviceActs; i++) await acts.order(order(`o${i}`));
    expect(stateOf(await acts.order(order('late')))).toBe('busy');
    expect(stateOf(await acts.order(order('other', { device: 'd2' })))).toBe('accepted');
  });

  it('as many finished ones are remembered as may be, the oldest go', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    for (let i = 0; i <= limits.rememberedActs + 5; i++) {
      await acts.order(order(`o${i}`));
      await acts.settled(`o${i}`);
    }
    const keys = [...plant.rows.state().keys()].filter((key) => key.startsWith('act/'));
    expect(keys.length).toBeLessThanOrEqual(limits.rememberedActs + 1);
    expect(keys).not.toContain('act/o0');
  });
});

describe('two people', () => {
  const pump = (id: string, more = {}) => order(id, { command: 'pump', ...more });
  const cause = { linkage: 'fire', device: 's', alarm: 'smoke', episode: 1, on: 'raised' } as const;

  it('the second within a minute, and another one than the first', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    expect(stateOf(await acts.order(pump('o1')))).toBe('awaiting');
    expect(acts.waiting().map(({ id }) => id)).toEqual(['o1']);
    expect(stateOf(await acts.agree('o1', ' Wang '))).toBe('same-person');
    expect(stateOf(await acts.agree('o1', 'li'))).toBe('accepted');
    expect(await acts.settled('o1')).toMatchObject({ state: 'sent', by: ['wang', 'li'] });
    expect(stateOf(await acts.agree('o1', 'zhao'))).toBe('not-awaiting');
    expect(await plant.said()).toEqual(['o1 awaiting', 'o1 accepted', 'o1 sent']);
  });

  it('after a minute nobody can agree any more', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(pump('o1'));
    await plant.clock.advance(limits.secondPersonMs);
    expect(stateOf(await acts.agree('o1', 'li'))).toBe('not-awaiting');
    expect(await acts.settled('o1')).toMatchObject({ state: 'expired', reason: { code: 'no-second-person' } });
    expect(plant.wire).toEqual([]);
  });

  it('one no is enough', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(pump('o1'));
    expect(await acts.decline('o1', 'li')).toMatchObject({ act: { state: 'refused', reason: { code: 'declined' } } });
    expect(stateOf(await acts.agree('o1', 'zhao'))).toBe('not-awaiting');
    expect(plant.wire).toEqual([]);
  });

  it('a rule is nobody: what it asks for needs two people', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(pump('o1', { by: 'linkage/fire', cause, awaitMs: 600_000 }));
    await plant.clock.advance(300_000);
    expect(stateOf(await acts.agree('o1', 'wang'))).toBe('awaiting');
    expect(stateOf(await acts.agree('o1', 'wang'))).toBe('same-person');
    expect(stateOf(await acts.agree('o1', 'li'))).toBe('accepted');
    expect(await acts.settled('o1')).toMatchObject({ by: ['linkage/fire', 'wang', 'li'], cause });
  });

  it('unless the installer has declared that it needs none', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    expect(stateOf(await acts.order(pump('o1', { by: 'linkage/fire', cause, withoutConfirm: true })))).toBe('accepted');
  });

  it('two who agree at once send it once', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    await acts.order(pump('o1'));
    const answers = await Promise.all([acts.agree('o1', 'li'), acts.agree('o1', 'zhao')]);
    expect(answers.map(stateOf)).toEqual(['accepted', 'not-awaiting']);
    await acts.settled('o1');
    expect(plant.wire).toHaveLength(1);
  });
});

describe('interlocks', () => {
  const running = { device: 'd9', name: { zh: '消防泵运行', en: 'Fire pump runs' }, point: 'run', is: true } as const;
  const rig = async (unknown: 'block' | 'act') => {
    const plant = new Plant();
    plant.interlocks = [{ name: { zh: '联锁' }, device: 'd1', commands: ['beep'], unless: [{ ...running, unknown }] }];
    return { plant, acts: await plant.boot() };
  };

  it.each([
    [true, 'block', 'blocked'],
    [false, 'block', 'accepted'],
    [undefined, 'block', 'blocked'],
    [undefined, 'act', 'accepted'],
    [true, 'act', 'blocked'],
  ] as const)('a pump that runs: %s, unknown: %s → %s', async (value, unknown, expected) => {
    const { plant, acts } = await rig(unknown);
    if (value !== undefined) plant.values.set('d9.run', value);
    expect(stateOf(await acts.order(order('o1')))).toBe(expected);
    expect(stateOf(await acts.order(open('o2')))).toBe('accepted');
    expect(stateOf(await acts.order(order('o3', { device: 'd2' })))).toBe('accepted');
  });

  it('are looked at once more before the sending', async () => {
    const { plant, acts } = await rig('block');
    plant.values.set('d9.run', false);
    plant.outcome = async ({ id }) => {
      if (id === 'o1') plant.values.set('d9.run', true);
      return { state: 'sent' };
    };
    for (const id of ['o1', 'o2']) await acts.order(order(id));
    expect((await acts.settled('o2'))?.state).toBe('blocked');
    expect(plant.wire).toHaveLength(1);
  });
});

describe('a disk that takes nothing', () => {
  it('keeps an order from being taken, and so from being sent', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    plant.refuses = 'read-only';
    await expect(acts.order(order('o1'))).rejects.toMatchObject({ code: 'read-only' });
    await plant.clock.advance(60_000);
    expect(plant.wire).toEqual([]);
    plant.refuses = null;
    expect(stateOf(await acts.order(order('o1')))).toBe('accepted');
  });

  it('from the acceptance on: it is not sent, and that is said when the disk is back', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    plant.onCommit = (when) => {
      if (when === 'after') plant.refuses = 'disk-full';
    };
    await acts.order(order('o1'));
    await plant.clock.advance(5_000);
    expect(plant.wire).toEqual([]);
    [plant.refuses, plant.onCommit] = [null, null];
    await plant.clock.advance(20_000);
    expect(await plant.said()).toEqual(['o1 accepted', 'o1 refused']);
  });

  it('from the sending on: what became of it is said when the disk is back', async () => {
    const plant = new Plant();
    const acts = await plant.boot();
    plant.outcome = () => {
      plant.refuses = 'disk-full';
      return { state: 'sent' };
    };
    await acts.order(order('o1'));
    await plant.clock.advance(5_000);
    expect(plant.troubles.length).toBeGreaterThan(0);
    plant.refuses = null;
    await plant.clock.advance(20_000);
    expect(await plant.said()).toEqual(['o1 accepted', 'o1 sent']);
    expect(plant.wire).toHaveLength(1);
  });
});

describe('SIGKILL', () => {
  /** Commits of one order with read-back: accepted, mark, sent, confirmed. Killed before or after each. */
  const boundaries = [0, 1, 2, 3].flatMap((nth) => (['before', 'after'] as const).map((when) => [nth, when] as const));

  it.each(boundaries)('at commit %i, %s it is on disk: sent at most once, and what became of it is said', async (nth, when) => {
    const plant = new Plant();
    const first = await plant.boot();
    let count = 0;
    plant.onCommit = (moment) => {
      if (moment !== when) return;
      if (count++ === nth) plant.kill();
    };
    void first.order(open('o1'));
    await settle();
    first.heard('d1', lock('open'));
    await settle();
    plant.onCommit = null;
    const second = await plant.boot();
    await plant.clock.advance(120_000);
    const said = await plant.said();
    const last = said.at(-1);
    expect(plant.wire.length).toBeLessThanOrEqual(1);
    // Where nothing of it was on disk, whoever ordered it was told nothing.
    if (nth === 0 && when === 'before') return expect([said, plant.wire]).toEqual([[], []]);
    if (plant.wire.length === 0) expect(last).toMatch(nth === 1 && when === 'after' ? 'o1 unknown' : 'o1 expired');
    else expect(last).toBe(nth === 3 && when === 'after' ? 'o1 confirmed' : 'o1 unknown');
    expect(stateOf(await second.order(open('o1')))).toBe(last?.slice(3));
    expect(await (await plant.boot()).settled('o1')).toMatchObject({ state: last?.slice(3) });
    expect(await plant.said()).toEqual(said);
  });

  it('while it waits for a second person: it expires', async () => {
    const plant = new Plant();
    await (await plant.boot()).order(order('o1', { command: 'pump' }));
    const second = await plant.boot();
    expect(stateOf(await second.agree('o1', 'li'))).toBe('not-awaiting');
    expect(await plant.said()).toEqual(['o1 awaiting', 'o1 expired']);
  });

  it('a state that cannot be read sends nothing and keeps nothing from starting', async () => {
    const plant = new Plant();
    plant.rows.setState('act/o1', '{"state":');
    plant.rows.setState('act/o2', '{"state":"accepted"}');
    await plant.boot();
    expect([...plant.rows.state().keys()]).toEqual([]);
    expect(plant.wire).toEqual([]);
  });
});

it('a stop lets what is on the wire come home, and sends nothing more', async () => {
  const plant = new Plant();
  let answer = (_outcome: ActOutcome) => {};
  plant.outcome = () => new Promise((resolve) => (answer = resolve));
  const acts = await plant.boot();
  await acts.order(open('o1'));
  await acts.order(order('o2'));
  await settle();
  const stopped = acts.stop();
  answer({ state: 'sent' });
  await stopped;
  expect(await plant.said()).toEqual(['o1 accepted', 'o2 accepted', 'o1 sent', 'o1 unknown']);
  await plant.boot();
  expect(plant.wire).toHaveLength(1);
  expect((await plant.said()).at(-1)).toBe('o2 expired');
});

it('every state is in the table or ends a life', () => {
  const reached = new Set(Object.values(actMoves).flat());
  for (const state of actStates) expect(reached.has(state) || state === 'awaiting').toBe(true);
});

const Step = fc.oneof(
  fc.record({
    do: fc.constant('order' as const),
    n: fc.integer({ min: 0, max: 5 }),
    command: fc.constantFrom('beep', 'open', 'pump'),
  }),
  fc.record({ do: fc.constant('agree' as const), n: fc.integer({ min: 0, max: 5 }), by: fc.constantFrom('wang', 'li') }),
  fc.record({ do: fc.constant('kill' as const), after: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('disk' as const), refuses: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1_000, 6_000, 40_000) }),
  fc.record({ do: fc.constant('heard' as const) }),
);

it('whatever is ordered, agreed, killed and refused by the disk: on disk before on the wire, at most once, and no life leaves the table', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { maxLength: 25 }), async (steps) => {
      const plant = new Plant();
      plant.outcome = async ({ id }) => {
        expect(await plant.said()).toContain(`${id} accepted`);
        return { state: 'sent' };
      };
      let acts = await plant.boot();
      for (const step of steps) {
        if (step.do === 'order')
          void acts
            .order(order(`o${step.n}`, { command: step.command, args: step.command === 'open' ? { door: 1 } : {} }))
            .catch(() => {});
        if (step.do === 'agree') void acts.agree(`o${step.n}`, step.by).catch(() => {});
        if (step.do === 'heard') acts.heard('d1', lock('open'));
        if (step.do === 'disk') plant.refuses = step.refuses ? 'disk-full' : null;
        if (step.do === 'wait') await plant.clock.advance(step.ms);
        if (step.do === 'kill') {
          let count = 0;
          plant.onCommit = () => count++ === step.after && plant.kill();
          await settle();
          plant.onCommit = null;
          plant.refuses = null;
          acts = await plant.boot();
        }
      }
      plant.refuses = null;
      await plant.clock.advance(700_000);
      const ids = plant.wire.map((line) => line.split(' ')[2]);
      expect(new Set(ids).size).toBe(ids.length);
      const lives = Map.groupBy(
        (await plant.said()).map((line) => line.split(' ')),
        ([id]) => id,
      );
      for (const states of lives.values()) {
        states.reduce((before, [, state]) => {
          if (before !== '') expect(actMoves[before as keyof typeof actMoves]).toContain(state);
          return state ?? '';
        }, '');
        expect(['sent', 'confirmed', 'refused', 'unknown', 'expired', 'blocked']).toContain(states.at(-1)?.[1]);
      }
    }),
    { numRuns: 200 },
  );
});
