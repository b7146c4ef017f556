import { taskLife, type TaskMove, taskMoves, type TaskState, taskStates } from '@yihu/device-profiles/vocabulary/task.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choose, type Known, rank } from '../../../cloud/task/choose.ts';
import { metresBetween } from '../../../cloud/task/distance.ts';
import { applyTaskMove, type TaskCore } from '../../../cloud/task/move.ts';

const t0 = Date.UTC(2026, 10, 23, 2, 0, 0);
const li = { id: 'u-li', name: '李调度' };
const zhao = { id: 'u-zhao', name: '赵网格' };
const leg = { id: 'leg-1', person: zhao.id, personName: zhao.name, state: 'offered' as const, at: t0 };

function task(more: Partial<TaskCore> = {}): TaskCore {
  return {
    id: 'task-1',
    kind: 'visit',
    state: 'offered',
    title: { zh: '走访' },
    note: null,
    area: 'xf',
    place: '幸福里',
    position: null,
    source: { kind: 'hand', id: 'u-li' },
    incident: null,
    lifeSafety: false,
    roles: ['grid-worker'],
    person: zhao.id,
    personName: zhao.name,
    leg: 'leg-1',
    offeredUntil: t0 + 1000,
    dueAt: null,
    createdAt: t0,
    createdByName: '李调度',
    updatedAt: t0,
    trouble: null,
    checked: true,
    checks: [],
    version: 3,
    ...more,
  };
}

function person(id: string, more: Partial<Known> = {}): Known {
  return {
    id,
    name: id,
    onDuty: true,
    busy: false,
    rostered: false,
    position: null,
    locatedAt: null,
    expired: 0,
    declined: false,
    ...more,
  };
}

describe('the life of a task', () => {
  it.each(taskMoves.flatMap((move) => taskStates.map((state) => [move, state, taskLife[move].from.includes(state)] as const)))(
    '%s from %s: %s',
    (move: TaskMove, state: TaskState, allowed: boolean) => {
      const { by, to } = taskLife[move];
      const result = applyTaskMove(task({ state }), leg, {
        move,
        by: by === 'person' ? zhao : by === 'desk' ? li : null,
        at: t0 + 60_000,
        version: 3,
        reason: 'because',
        person: { id: 'u-qian', name: '钱网格' },
        legId: 'leg-2',
      });
      if (!allowed) return expect(result).toMatchObject({ refused: { code: 'not-allowed' } });
      expect(result).toMatchObject({ task: { state: to, version: 4 } });
    },
  );

  it('hands on by a transfer: the old errand ends, the new one is asked', () => {
    const request = {
      move: 'transfer' as const,
      by: li,
      at: t0,
      version: 3,
      reason: '更近',
      person: { id: 'u-qian', name: '钱' },
    };
    expect(
      applyTaskMove(task({ state: 'accepted' }), { ...leg, state: 'accepted' }, { ...request, legId: 'leg-2' }),
    ).toMatchObject({
      task: { state: 'offered', person: 'u-qian', leg: 'leg-2' },
      legs: [
        { id: 'leg-1', state: 'cancelled', reason: '更近' },
        { id: 'leg-2', person: 'u-qian', state: 'offered' },
      ],
    });
  });

  it('asks no longer for the life of somebody than a minute', () => {
    const offer = { move: 'offer' as const, by: null, at: t0, person: zhao, legId: 'leg-2' };
    const created = { state: 'created' as const, person: null, leg: null };
    expect(applyTaskMove(task({ ...created, kind: 'dispatch', lifeSafety: true }), null, offer)).toMatchObject({
      task: { offeredUntil: t0 + 60_000 },
    });
    expect(applyTaskMove(task(created), null, offer)).toMatchObject({ task: { offeredUntil: t0 + 3_600_000 } });
  });
});

describe('whom to ask', () => {
  const place = { lon: 120.1, lat: 30.2 };
  it('measures as others do', () => {
    // Land's End to John o' Groats, 968.9 km: the worked example of movable-type.co.uk/scripts/latlong.html.
    const [end, groats] = [
      { lon: -(5 + 42 / 60 + 53 / 3600), lat: 50 + 3 / 60 + 59 / 3600 },
      { lon: -(3 + 4 / 60 + 12 / 3600), lat: 58 + 38 / 60 + 38 / 3600 },
    ];
    expect(metresBetween(end, groats) / 1000).toBeCloseTo(968.9, 1);
    expect(metresBetween({ lon: 179.9, lat: 0 }, { lon: -179.9, lat: 0 })).toBe(22_239);
  });

  it.each([
    [
      'the nearer',
      { position: { lon: 120.1, lat: 30.21 }, locatedAt: t0 },
      { position: { lon: 120.1, lat: 30.22 }, locatedAt: t0 },
    ],
    [
      'where one is known before where one was',
      { position: { lon: 121, lat: 30.2 }, locatedAt: t0 },
      { position: place, locatedAt: t0 - 301_000 },
    ],
    ['who is free before who is near', {}, { busy: true, position: place, locatedAt: t0 }],
    ['who was not asked before who did not answer', { busy: true }, { expired: 1 }],
    ['who is on duty', { expired: 1 }, { onDuty: false }],
    ['anybody before who said no', { onDuty: false }, { declined: true }],
  ] as const)('%s', (_name, first, second) => {
    expect(rank([person('b', second), person('c', first)], place, t0).map(({ id }) => id)).toEqual(['c', 'b']);
  });

  it('has an order that no two agree to break, and asks nobody who is off duty or has said no', () => {
    const someone = fc.record({
      onDuty: fc.boolean(),
      busy: fc.boolean(),
      position: fc.option(
        fc.record({ lon: fc.double({ min: -180, max: 180, noNaN: true }), lat: fc.double({ min: -90, max: 90, noNaN: true }) }),
      ),
      locatedAt: fc.option(fc.integer({ min: t0 - 600_000, max: t0 })),
      expired: fc.integer({ min: 0, max: 3 }),
      declined: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), (crowd) => {
        const people = crowd.map((one, nth) => person(`p${nth}`, one));
        const forth = rank(people, place, t0).map(({ id }) => id);
        expect(rank(people.toReversed(), place, t0).map(({ id }) => id)).toEqual(forth);
        const choice = choose(people, place, t0);
        const willing = people.filter((one) => one.onDuty && !one.declined && one.expired < 2);
        expect('nobody' in choice).toBe(willing.length === 0);
        if ('person' in choice) expect(willing.map(({ id }) => id)).toContain(choice.person.id);
      }),
    );
  });
});
