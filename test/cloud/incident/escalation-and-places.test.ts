import { describe, expect, it } from 'vitest';
import { hazards } from '@yihu/device-profiles/vocabulary/severity.ts';
import { chainFor, decideStep } from '../../../cloud/notify/escalate.ts';
import { areaCode, areasOfPlace, placeText } from '../../../cloud/registry/areas.ts';

const t0 = Date.UTC(2026, 10, 23, 2);

describe('escalation', () => {
  it.each(hazards.map((hazard) => [hazard, ['fire', 'gas', 'person'].includes(hazard) ? [30, 60, 120] : [300, 900]] as const))(
    '%s after %j s',
    (hazard, seconds) => expect(chainFor(hazard, t0).map((rung) => (rung.dueAt - t0) / 1000)).toEqual(seconds),
  );

  const subject = { state: 'open', ackedAt: null, hazard: 'fire', openedAt: t0, quiet: false } as const;
  it.each([
    ['nobody answered', subject, 'escalate'],
    ['it became graver while people are there', { ...subject, state: 'on-scene' as const }, 'escalate'],
    ['somebody did', { ...subject, ackedAt: t0 }, 'answered'],
    ['it is over', { ...subject, state: 'cancelled' as const }, 'over'],
    ['it is shelved', { ...subject, quiet: true }, 'quiet'],
  ])('%s', (_name, given, outcome) => {
    const decision = decideStep(given, 1, t0 + 30_000);
    expect(decision.act === 'stop' ? decision.reason : decision.act).toBe(outcome);
  });
});

describe('places', () => {
  it.each([
    ['3栋', 'building', '3'],
    ['3号楼', 'building', '3'],
    ['东楼', 'building', 'dong'],
    ['2单元', 'unit', '2'],
    ['502室', 'room', '502'],
    ['A座', 'building', 'A'],
    ['楼', 'building', 'lou'],
    ['★', 'building', 'u-e29885'],
  ] as const)('%s as a %s is %s', (text, level, code) => expect(areaCode(text, level)).toBe(code));

  it('makes the areas down to the door and one line for people', () => {
    const place = { building: '3', unit: '2', room: '502', note: '厨房' };
    expect(areasOfPlace('xf/xfl', place).map((area) => [area.path, area.name])).toEqual([
      ['xf/xfl/3', '3栋'],
      ['xf/xfl/3/2', '2单元'],
      ['xf/xfl/3/2/502', '502'],
    ]);
    expect(placeText('幸福里', place)).toBe('幸福里 3栋2单元502 厨房');
    expect(placeText('幸福里', { note: '地下车库 B1' })).toBe('幸福里 地下车库 B1');
    expect(placeText('幸福里', { building: '3', floor: '5' })).toBe('幸福里 3栋5层');
  });
});
