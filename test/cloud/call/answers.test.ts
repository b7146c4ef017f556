import { describe, expect, it } from 'vitest';
import { accountOf, fillsSilence, readReply, saidOfOthers } from '../../../cloud/call/answer.ts';
import { draftWords } from '../../../cloud/call/draft-words.ts';
import { gather } from '../../../cloud/call/gather.ts';
import { nearest } from '../../../cloud/call/nearest.ts';
import { ladderAgain, nextStep, usualWaits, waitsProblem } from '../../../cloud/call/silent.ts';
import { answerTokens } from '../../../cloud/call/token.ts';

describe('an answer', () => {
  it('a reply is understood as people write it, and help stands in front of everything else', () => {
    const meant = (text: string) => readReply(text)?.answer ?? null;
    expect(['1', ' 1 ', '１', '1。', '【1】', '平安', '我没事了'].map(meant)).toEqual(Array(7).fill('safe'));
    expect(['2', '救命', '需要帮助', '我们不平安', '腿受伤了'].map(meant)).toEqual(Array(5).fill('help'));
    expect(['3', '在外地', '9', '打错了'].map(meant)).toEqual(['away', 'away', 'wrong-person', 'wrong-person']);
    expect(['5', '平安，能帮忙', '我能帮忙', '我没事，我可以帮忙。'].map(meant)).toEqual(Array(4).fill('volunteer'));
    expect(['能帮忙吗', '我不平安，能帮忙吗', '帮忙'].map(meant)).toEqual(['help', 'help', 'help']);
    expect(['6', '12', '收到', '', '退订', '明天平安夜去吗'].map(meant)).toEqual(Array(6).fill(null));
    expect(readReply('4')).toEqual({ answer: 'safe', household: true });
  });

  it('accounts for a person by who gave it; a family speaks for the silent alone', () => {
    expect(accountOf('safe', 'self')).toBe('answered');
    expect(accountOf('volunteer', 'self')).toBe('answered');
    expect(accountOf('volunteer', 'door')).toBe('found');
    expect(saidOfOthers('volunteer')).toBe('safe');
    expect(saidOfOthers('help')).toBe('help');
    expect(accountOf('safe', 'family')).toBe('answered-for');
    expect(accountOf('help', 'door')).toBe('found');
    expect(accountOf('away', 'door')).toBe('away');
    expect(accountOf('wrong-person', 'self')).toBe('open');
    expect(fillsSilence({ answer: 'none', by: null })).toBe(true);
    expect(fillsSilence({ answer: 'help', by: 'self' })).toBe(false);
  });

  it('a link opens one person’s answer: nothing near it is ours', () => {
    const tokens = answerTokens(Buffer.alloc(32, 1));
    const token = tokens.sign(123_456);
    expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(tokens.read(token)).toBe(123_456);
    expect(answerTokens(Buffer.alloc(32, 2)).read(token)).toBeNull();
    for (let nth = 0; nth < token.length; nth += 1) {
      const other = `${token.slice(0, nth)}${token[nth] === 'A' ? 'B' : 'A'}${token.slice(nth + 1)}`;
      expect(tokens.read(other), other).toBeNull();
    }
    for (const bad of ['', token.slice(1), `${token}A`, '../../etc/passwd']) expect(tokens.read(bad)).toBeNull();
  });
});

describe('neighbours who can help', () => {
  const kinds = new Map([
    ['x', 'community'],
    ['x/g1', 'grid'],
    ['x/g1/3', 'building'],
    ['x/g1/3/2', 'unit'],
    ['x/g1/3/2/502', 'room'],
  ] as const);
  const near = (...areas: string[]) =>
    nearest(
      'x/g1/3/2/502',
      areas.map((area) => ({ area })),
      kinds,
    ).map(({ area, near: how }) => [area, how]);

  it('stand by what they share with the place, the nearest first; a community makes no neighbours, and five are enough', () => {
    expect(near('x/g2/1/101', 'x/g1/4/101', 'x/g1/3/1/101', 'x/g1/3/2/501', 'x/g1/3/2/502', 'y/g1/3/2/502')).toEqual([
      ['x/g1/3/2/502', 'room'],
      ['x/g1/3/2/501', 'unit'],
      ['x/g1/3/1/101', 'building'],
      ['x/g1/4/101', 'grid'],
    ]);
    // A step is whole: flat 50 is not on the way to flat 502, nor unit 22 in unit 2.
    expect(near('x/g1/3/22/502', 'x/g1/3/2/50')).toEqual([
      ['x/g1/3/2/50', 'unit'],
      ['x/g1/3/22/502', 'building'],
    ]);
    const many = Array.from({ length: 12 }, (_, nth) => `x/g1/3/2/${nth + 1}`);
    expect(near(...many.toReversed()).map(([area]) => area)).toEqual(many.slice(0, 5));
  });
});

describe('silence', () => {
  const waits = usualWaits.lifeSafety;

  it('goes to the next channel, to whoever lives near, to the door; what cannot be done is passed over', () => {
    const step = (taken: number, phone: boolean, hasHead: boolean) => nextStep({ step: taken, phone, hasHead }, waits, 0);
    expect(step(0, true, true)).toEqual({ do: 'again', step: 1, dueAt: 180_000 });
    expect(step(1, true, true)).toEqual({ do: 'head', step: 2, dueAt: 300_000 });
    expect(step(2, true, true)).toEqual({ do: 'door', step: 3, dueAt: null });
    expect(step(1, true, false).do).toBe('door');
    expect(step(0, false, true).do).toBe('head');
    expect(step(0, false, false)).toEqual({ do: 'door', step: 3, dueAt: null });
    expect(waitsProblem({ againMs: 2, headMs: 1, doorMs: 3 })).not.toBeNull();
    expect(ladderAgain([['sms'], ['voice']])).toEqual([['voice']]);
    expect(ladderAgain([['sms']])).toEqual([['sms']]);
  });
});

describe('a draft', () => {
  const template = {
    id: 't',
    version: 3,
    name: '',
    title: '火警',
    text: '到{集合点}',
    lifeSafety: true,
    placeholders: [],
    retired: false,
    by: '',
    at: 0,
  };
  const own = { title: undefined, text: undefined, lifeSafety: undefined };

  it('takes a template with every placeholder filled, or own words, and names what is missing', () => {
    expect(draftWords(template, { 集合点: '东门' }, own)).toMatchObject({
      text: '到东门',
      template: { id: 't', version: 3 },
      lifeSafety: true,
    });
    expect(draftWords(template, {}, own)).toMatchObject({
      issue: { path: '/template/values', message: expect.stringContaining('集合点') as unknown },
    });
    expect(draftWords(null, {}, own)).toMatchObject({ issue: { path: '/title' } });
  });
});

describe('answers that come at once', () => {
  it('are written together, each caller hears of its own, and a failure is everybody’s of that batch alone', async () => {
    const batches: number[][] = [];
    const write = gather(async (batch: readonly number[]) => {
      batches.push([...batch]);
      await Promise.resolve();
      if (batch.includes(7)) throw new Error('disk');
      return batch.map((one) => one * 10);
    }, 3);
    expect(await Promise.all([1, 2, 3, 4].map(write))).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    await expect(write(7)).rejects.toThrow('disk');
    expect(await write(8)).toBe(80);
  });
});
