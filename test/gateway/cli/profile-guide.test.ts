import { loadText } from '@yihu/device-profiles/library/load.ts';
import { describe, expect, it } from 'vitest';
import { guide, parseShown } from '../../../gateway/cli/profile-guide.ts';
import { profileText } from '../../../gateway/commission/new-profile.ts';
import { recognise } from '../../../gateway/commission/recognise.ts';
import { proveProfile } from '../../../gateway/prove.ts';

/** 230.2 V as a float at 16, 25.3 ℃ in tenths at 18, 1234.56 kWh in hundredths with its low register first at 19. */
const words = [0x4366, 0x3334, 253, 123_456 & 0xffff, 123_456 >> 16];
const block = { start: 16, words };

describe('recognise', () => {
  it('finds what a display shows in its type, order and scale', () => {
    const best = (shown: string) => recognise([block], shown)[0];
    expect(best('230.2')).toMatchObject({ at: 16, type: 'f32', order: 'ABCD', scale: 1, value: 230.2 });
    expect(best('25.3')).toMatchObject({ at: 18, type: 'u16', scale: 0.1, value: 25.3 });
    expect(best('1234.56')).toMatchObject({ at: 19, type: 'u32', order: 'CDAB', scale: 0.01 });
    // A display that shows fewer digits than there are.
    expect(best('1234.6')).toMatchObject({ at: 19, order: 'CDAB', scale: 0.01, value: 1_234.56 });
  });

  it('finds a negative one, and nothing where nothing is', () => {
    expect(recognise([{ start: 0, words: [0xffce] }], '-5.0')[0]).toMatchObject({ type: 's16', scale: 0.1, value: -5 });
    expect(recognise([block], '999.9')).toEqual([]);
    expect(recognise([block], '25.3', 16)).toEqual([]);
    expect(recognise([], '1')).toEqual([]);
  });

  it('does not take a count of wholes for tenths that a display shows', () => {
    expect(recognise([{ start: 0, words: [230] }], '230.0')).toEqual([]);
  });
});

describe('parseShown', () => {
  it('takes units by their id and as they are printed', () => {
    expect(parseShown('voltage=230.2 V')).toEqual({ id: 'voltage', shown: '230.2', unit: 'V' });
    expect(parseShown('t = -5.0 °C @0x12')).toEqual({ id: 't', shown: '-5.0', unit: 'Cel', at: 18 });
    expect(parseShown('total=1234.56 kWh')).toMatchObject({ unit: 'kW.h' });
    for (const wrong of ['voltage', 'voltage=', '=3', 'v=3 furlong', 'v=1e3', '电压=3'])
      expect(parseShown(wrong)).toHaveProperty('wrong');
  });
});

async function talk(...answers: (string | null)[]) {
  const told: string[] = [];
  const left = [...answers];
  const reads = await guide({
    say: ({ en }) => en,
    tell: (line) => told.push(line),
    ask: () => Promise.resolve(left.shift() ?? null),
    read: () => Promise.resolve([block]),
  });
  return { reads, told };
}

describe('the guide', () => {
  it('comes to a profile whose vectors are what was read when the display was looked at', async () => {
    const { reads } = await talk('voltage=230.2 V', 'temperature=25.3 ℃', 'energy=1234.56 kWh', '');
    const facts = { id: 'acme.m1', category: 'meter.electricity', unit: 3, table: 'holding', reads, day: '2026-11-29' } as const;
    const loaded = loadText(profileText(facts), 'acme/m1.yaml', { prove: proveProfile });
    expect(loaded).toMatchObject({ tier: 'gold' });
    const { profile } = loaded as Extract<typeof loaded, { profile: unknown }>;
    expect(profile.points['energy']).toMatchObject({ at: 19, type: 'u32', order: 'CDAB', scale: 0.01, unit: 'kW.h' });
    expect(profile.vectors.map(({ origin }) => origin)).toEqual(['recorded', 'recorded', 'recorded']);
  });

  it('asks where several places hold it, and takes the first for an empty answer', async () => {
    const twice = { ...block, words: [253, 7, 253] };
    const found = await guide({
      say: ({ en }) => en,
      tell: () => undefined,
      ask: (() => {
        const said = ['t=25.3 Cel', '2', ''];
        return () => Promise.resolve(said.shift() ?? null);
      })(),
      read: () => Promise.resolve([twice]),
    });
    expect(found[0]?.block).toEqual({ start: 18, words: [253] });
  });

  it('notes nothing that is not there, twice there or badly written, and goes on; an end of the terminal ends it', async () => {
    const { reads, told } = await talk('v=999.9 V', 'voltage', 'v=230.2 V', 'v=25.3 V', null);
    expect(reads.map(({ points }) => points[0]?.id)).toEqual(['v']);
    expect(told.join('\n')).toMatch(/do not hold it[\s\S]*Write it like[\s\S]*✓ v: 16 \(0x0010\)[\s\S]*There is a v/);
  });
});
