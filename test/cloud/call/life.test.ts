import { describe, expect, it } from 'vitest';
import { callMoves, callStates } from '@yihu/device-profiles/vocabulary/call.ts';
import { commonArea, insideRing, liesIn } from '../../../cloud/call/audience.ts';
import { type CallFacts, callLife, decideMove, whyNot } from '../../../cloud/call/life.ts';
import {
  callText,
  correctionText,
  filled,
  headText,
  marked,
  placeholdersOf,
  templateProblem,
} from '../../../cloud/call/words.ts';
import { builtIn } from '../../../cloud/call/templates.ts';

const facts: CallFacts = {
  state: 'draft',
  kind: 'actual',
  version: 1,
  author: 'u-1',
  submitter: null,
  grids: 1,
  people: 3,
  silent: 3,
};
const wang = { id: 'u-1', name: '王芳' };
const li = { id: 'u-2', name: '李雷' };

describe('the life of a call', () => {
  it('goes where the table says, and nowhere else', () => {
    for (const move of callMoves) {
      for (const state of callStates) {
        const decided = decideMove({ ...facts, state, grids: 2 }, { move, by: li, version: 1, reason: '测试' });
        const goes = callLife[move].from.includes(state);
        expect('to' in decided ? decided.to : null, `${move} from ${state}`).toBe(goes ? callLife[move].to : null);
      }
    }
  });

  it('within one grid needs no second person, beyond one it does, and never its own author or who handed it in', () => {
    expect(decideMove(facts, { move: 'submit', by: wang, version: 1 })).toMatchObject({ to: 'scheduled' });
    expect(decideMove({ ...facts, grids: 2 }, { move: 'submit', by: wang, version: 1 })).toMatchObject({ to: 'waiting' });
    const waiting: CallFacts = { ...facts, state: 'waiting', grids: 2, submitter: 'u-3' };
    for (const id of ['u-1', 'u-3']) {
      expect(decideMove(waiting, { move: 'approve', by: { id, name: '' }, version: 1 })).toMatchObject({
        refused: { code: 'second-person' },
      });
    }
    expect(decideMove(waiting, { move: 'approve', by: li, version: 1 })).toMatchObject({ to: 'scheduled' });
  });

  it('what another has changed meanwhile is not pressed over; an empty audience is not called', () => {
    expect(decideMove(facts, { move: 'submit', by: wang, version: 0 })).toMatchObject({ refused: { code: 'version-conflict' } });
    expect(decideMove({ ...facts, people: 0 }, { move: 'submit', by: wang, version: 1 })).toMatchObject({
      refused: { code: 'no-audience' },
    });
  });

  it('is not recalled without a reason, nor stood down while people are missing without one', () => {
    const sent: CallFacts = { ...facts, state: 'sent' };
    expect(decideMove(sent, { move: 'recall', by: wang, version: 1, reason: ' ' })).toMatchObject({
      refused: { code: 'reason-needed' },
    });
    expect(decideMove(sent, { move: 'stand-down', by: wang, version: 1 })).toMatchObject({ refused: { code: 'still-silent' } });
    expect(decideMove({ ...sent, silent: 0 }, { move: 'stand-down', by: wang, version: 1 })).toMatchObject({ to: 'stood-down' });
    expect(whyNot(sent, 'stand-down', 'u-1')).toBeNull();
  });
});

describe('the words of a call', () => {
  const drill = { kind: 'drill', number: 'H20261128-01', title: '火警', text: '请离开' } as const;

  it('every text of a drill says that it is one, once', () => {
    const texts = [callText(drill), correctionText(drill, '发错'), headText(drill, ['502'])].flatMap(({ title, text }) => [
      title,
      text,
    ]);
    for (const text of texts) expect(text).toMatch(/^【演练】(?!【)/);
    expect(marked('drill', marked('drill', '火警'))).toBe('【演练】火警');
    expect(callText({ ...drill, kind: 'actual' }).text).not.toContain('演练');
  });

  it('placeholders are filled once and all, and what is missing is named', () => {
    expect(placeholdersOf('{地点}到{集合点}，{地点}')).toEqual(['地点', '集合点']);
    expect(filled('到{集合点}', { 集合点: '{地点}' })).toEqual({ text: '到{地点}' });
    expect(filled('{地点}到{集合点}', { 地点: ' ' })).toEqual({ missing: ['地点', '集合点'] });
    expect(filled('{constructor}', {})).toEqual({ missing: ['constructor'] });
    expect(templateProblem('到{集合点}')).toBeNull();
    expect(templateProblem('到{集合点')).not.toBeNull();
    expect(templateProblem('到{集合 点}')).not.toBeNull();
    for (const { title, text } of builtIn) expect(templateProblem(title + text)).toBeNull();
  });
});

describe('an audience', () => {
  const square = [
    [0, 0],
    [10, 0],
    [10, 10],
    [0, 10],
  ] satisfies [number, number][];

  it('takes a building that lies with its middle in the outline, on the same map', () => {
    expect(insideRing([5, 5], square)).toBe(true);
    expect(insideRing([15, 5], square)).toBe(false);
    const building = square.map(([x, y]): [number, number] => [x / 2 + 7, y / 2]);
    const drawn = { kind: 'plan', plan: 'site', ring: square } as const;
    expect(liesIn({ kind: 'plan', plan: 'site', ring: building }, { ...drawn, ring: [...square] })).toBe(true);
    expect(liesIn({ kind: 'plan', plan: 'other', ring: building }, { ...drawn, ring: [...square] })).toBe(false);
    expect(liesIn({ kind: 'lonlat', ring: building }, { ...drawn, ring: [...square] })).toBe(false);
  });

  it('lies in the smallest area that holds all of it', () => {
    expect(commonArea(['a/b/c/1', 'a/b/c/10', 'a/b/d'])).toBe('a/b');
    expect(commonArea(['a/b'])).toBe('a/b');
    expect(commonArea(['a/b', 'c'])).toBe('');
    expect(commonArea([])).toBe('');
  });
});
