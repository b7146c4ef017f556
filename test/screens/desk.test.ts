import { describe, expect, test } from 'vitest';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { incidentMoves, incidentStates } from '@yihu/device-profiles/vocabulary/incident.ts';
import { boardOf, byReadiness, heard, heldOrder, queueOf, shownOf, unackedOf } from '../../dashboards/dispatcher/board.ts';
import { allowanceOf } from '../../dashboards/dispatcher/moves.ts';
import { muted, muteMs, nextScore, silence } from '../../dashboards/dispatcher/sound/score.ts';
import { play, siren } from '../../dashboards/dispatcher/sound/synth.ts';
import { headingOf } from '../../dashboards/parts/heading.ts';
import { brokenAtGaps, gapsIn } from '../../dashboards/parts/gaps.ts';
import { elapsedText } from '../../dashboards/parts/time.ts';
import { valueText, valueWithUnit } from '../../dashboards/parts/value.ts';
import { floodAt } from './fixture-flood.ts';
import { newWorld, snapshotOf } from './fixture-api.ts';
import { detailOf, incidentsAt } from './fixture-incidents.ts';

const now = 1_795_400_000_000;
const incidents = incidentsAt(now);
const board = boardOf({ ...snapshotOf(newWorld(now)), incidents });
const fire = incidents.find((one) => one.id === 'i-fire') as IncidentSummary;

describe('the queue', () => {
  test('puts what nobody has confirmed first, then the graver level, then the longer wait', () => {
    expect(queueOf(board).map((one) => one.id)).toEqual([
      'i-fire',
      'i-help',
      'i-lift',
      'i-door',
      'i-water',
      'i-gateway',
      'i-lamp',
    ]);
  });

  test('counts the unconfirmed and the longest wait among them', () => {
    expect(unackedOf(queueOf(board))).toEqual({ count: 2, oldestAt: fire.openedAt });
  });

  test('drops what is closed, and an older version never overwrites a newer one', () => {
    const closed = heard(board, {
      type: 'incident',
      at: now,
      incident: { ...fire, state: 'closed', version: 5, updatedAt: now },
    });
    expect(queueOf(closed).map((one) => one.id)).not.toContain('i-fire');
    expect(closed.lastClosedAt).toBe(now);
    expect(heard(closed, { type: 'incident', at: now, incident: { ...fire, version: 4 } })).toBe(closed);
  });

  test('keeps a flood while it lasts, from the snapshot and from the stream, and drops it when it is over', () => {
    const begun = heard(board, { type: 'flood', at: now, flood: floodAt(now) });
    expect(Object.values(begun.floods).map(({ groups }) => groups.length)).toEqual([5]);
    expect(Object.keys(boardOf({ ...snapshotOf(newWorld(now)), floods: [floodAt(now)] }).floods)).toEqual(['fl-1']);
    expect(heard(begun, { type: 'flood', at: now, flood: floodAt(now, now) }).floods).toEqual({});
  });

  test('keeps its order under the hand: who is new waits at the end, who is gone goes', () => {
    const queue = queueOf(board);
    const shown = queue.slice(2).map((one) => one.id);
    const held = heldOrder(['i-gone', ...shown.toReversed()], queue).map((one) => one.id);
    expect(held).toEqual([...shown.toReversed(), 'i-fire', 'i-help']);
  });

  test('says what happened without the place in front, which has its own line', () => {
    expect(headingOf('幸福里 1栋 母排过热', '幸福里 1栋')).toBe('母排过热');
    expect(headingOf('烟感报警', '幸福里 1栋')).toBe('烟感报警');
    expect(headingOf('Smoke alarm, 幸福里 1栋', '幸福里 1栋')).toBe('Smoke alarm');
    expect(headingOf('幸福里 1栋', '幸福里 1栋')).toBe('幸福里 1栋');
  });

  test('folds level IV away, but never the chosen one and never what is searched for', () => {
    const ids = (filter: string, selected: string | null) => shownOf(queueOf(board), filter, true, selected).map((one) => one.id);
    expect(ids('', null)).not.toContain('i-lamp');
    expect(ids('', 'i-lamp')).toContain('i-lamp');
    expect(ids('路灯', null)).toEqual(['i-lamp']);
  });

  test('offers the free before the busy and the near before the far', () => {
    expect(byReadiness(Object.values(board.responders)).map((one) => one.name)).toEqual([
      '刘洋',
      '陈静',
      '孙磊',
      '赵强',
      '周伟',
      '马丽',
    ]);
  });
});

describe('the buttons', () => {
  const states = incidentStates.map((state) => detailOf({ ...fire, state, unackedCount: 0 }, now));

  test('that cannot be pressed always say why', () => {
    for (const detail of states)
      for (const move of incidentMoves) {
        const { allowed, short } = allowanceOf(move, detail, false, false);
        expect([detail.state, move, allowed]).toEqual([detail.state, move, short === null]);
      }
  });

  test('are all off, with that reason, while the data is stale', () => {
    for (const detail of states)
      for (const move of incidentMoves) expect(allowanceOf(move, detail, true, false).short).toBe('stale');
  });

  test('take the cloud at its word where it says no', () => {
    const detail = detailOf({ ...fire, state: 'confirmed' }, now);
    const refused = {
      ...detail,
      moves: [{ move: 'resolve' as const, allowed: false, why: '告警仍在', whyText: { zh: '告警仍在', en: 'An alarm stands' } }],
    };
    expect(allowanceOf('resolve', refused, false, false)).toMatchObject({ allowed: false, short: 'still-active', count: 3 });
    const apart = { ...refused, alarms: [] };
    expect(allowanceOf('resolve', apart, false, false)).toMatchObject({
      allowed: false,
      short: 'refused',
      why: { en: 'An alarm stands' },
    });
  });
});

describe('the sound', () => {
  const of = (severity: IncidentSummary['severity'], id: string = severity) => ({ ...fire, id, severity });

  test.each([
    ['critical', 'siren', false],
    ['major', 'repeat', false],
    ['minor', null, true],
    ['warning', null, false],
  ] as const)('of %s is %s, chime %s', (severity, loop, chime) => {
    expect(nextScore(silence, [of(severity)], now)).toMatchObject({ loop, chime });
  });

  test('chimes once', () => {
    const first = nextScore(silence, [of('minor')], now);
    expect(nextScore(first, [of('minor')], now).chime).toBe(false);
  });

  test('stops when it is acknowledged', () => {
    const sounding = nextScore(silence, [of('critical')], now);
    expect(nextScore(sounding, [{ ...of('critical'), state: 'confirmed', unackedCount: 0 }], now).loop).toBeNull();
  });

  test('is muted for a minute and then sounds again', () => {
    const quiet = muted(nextScore(silence, [of('critical')], now), now);
    expect(nextScore(quiet, [of('critical')], now + muteMs - 1).loop).toBeNull();
    expect(nextScore(quiet, [of('critical')], now + muteMs).loop).toBe('siren');
  });

  test('breaks its mute for a new level I, not for a new level II', () => {
    const quiet = muted(nextScore(silence, [of('critical')], now), now);
    expect(nextScore(quiet, [of('critical'), of('major')], now + 1).loop).toBeNull();
    expect(nextScore(quiet, [of('critical'), of('critical', 'another')], now + 1)).toMatchObject({
      loop: 'siren',
      mutedUntil: null,
    });
  });

  test('held back by the browser is told, not taken for played', () => {
    const made: string[] = [];
    const param = { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
    const node = {
      gain: param,
      frequency: param,
      type: '',
      connect: () => undefined,
      start: () => made.push('tone'),
      stop: () => undefined,
    };
    const audio = (state: string) => ({
      state,
      currentTime: 0,
      destination: {},
      createGain: () => node,
      createOscillator: () => node,
    });
    expect(play(audio('suspended'), siren)).toBe(false);
    expect(made).toEqual([]);
    expect(play(audio('running'), siren)).toBe(true);
    expect(made).toEqual(['tone', 'tone']);
  });
});

describe('a curve', () => {
  const minute = 60_000;
  const at = Array.from({ length: 60 }, (_, index) => index * 10_000);
  const everyMinute = at.map((_, index) => (index % 6 === 0 ? 1 : null));

  test('of a device that speaks each minute has no gaps in 10 s buckets', () => {
    expect(gapsIn({ at, values: everyMinute }, 0, 10 * minute, 10_000)).toEqual([]);
  });

  test('has a gap where values are missing, and the line is broken there', () => {
    const values = everyMinute.map((value, index) => (index > 12 && index < 42 ? null : value));
    const gaps = gapsIn({ at, values }, 0, 10 * minute, 10_000);
    expect(gaps).toEqual([{ from: 2 * minute, to: 7 * minute }]);
    expect(brokenAtGaps({ at, values }, gaps).indexes).toEqual([0, 6, 12, null, 42, 48, 54]);
  });

  test('without any value is one gap', () => {
    expect(gapsIn({ at, values: at.map(() => null) }, 0, minute, 10_000)).toEqual([{ from: 0, to: minute }]);
  });

  test('that ends early has a gap at its end', () => {
    expect(gapsIn({ at: [0, 10_000, 20_000], values: [1, 1, 1] }, 0, 5 * minute, 10_000)).toEqual([
      { from: 20_000, to: 5 * minute },
    ]);
  });
});

describe('a value', () => {
  const zh = (text: { zh: string }) => text.zh;
  test.each([
    [0.229999999, '0.23'],
    [1843.61, '1843.6'],
    [7, '7'],
    ['12345678901234567890', '12345678901234567890'],
    [null, '—'],
    [true, '是'],
    [false, '否'],
  ])('%s is shown as %s', (value, shown) => {
    expect(valueText({ value, valueName: null }, zh)).toBe(shown);
  });

  test('that is missing has no unit, and a named one shows its name', () => {
    expect(valueWithUnit({ value: null, valueName: null, symbol: 'V' }, zh)).toBe('—');
    expect(valueWithUnit({ value: 2, valueName: { zh: '运行' }, symbol: 'V' }, zh)).toBe('运行');
  });

  test.each([
    [41_000, '00:41'],
    [1_862_000, '31:02'],
    [7_509_000, '2:05:09'],
    [90_000_000, '1d 01:00'],
    [-5, '00:00'],
  ])('a timer of %d ms reads %s', (ms, text) => {
    expect(elapsedText(ms)).toBe(text);
  });
});
