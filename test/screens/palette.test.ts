import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contrast, distance, parseHex, visions } from './colour.ts';

const css = readFileSync(new URL('../../dashboards/parts/theme.css', import.meta.url), 'utf8');

/** The custom properties of one block of theme.css that are plain colours. */
function coloursOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  if (start === -1) throw new Error(`theme.css has no ${selector}`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/gi)].map(([, name, value]) => [name, value]));
}

const root = coloursOf(':root');
const themes = {
  dark: { ...root, ...coloursOf("[data-theme='dark']") },
  light: { ...root, ...coloursOf("[data-theme='light']") },
};
const levels = ['level-1', 'level-2', 'level-3', 'level-4'] as const;

function ratio(theme: keyof typeof themes, ink: string, ground: string): number {
  const colour = (name: string) => {
    const value = themes[theme][name];
    if (value === undefined) throw new Error(`${theme} has no --${name}`);
    return parseHex(value);
  };
  return contrast(colour(ink), colour(ground));
}

const surfaces = ['ground', 'surface', 'raised', 'lifted'];

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  test.each(surfaces.flatMap((ground) => ['text', 'quiet'].map((ink) => [ink, ground])))(
    '%s on %s reads at 4.5:1',
    (ink, ground) => {
      expect(ratio(theme, ink, ground)).toBeGreaterThanOrEqual(4.5);
    },
  );
  test.each([
    ...levels.map((level) => ['on-level', level]),
    ['on-strong', 'strong-fill'],
    ['late', 'surface'],
    ['late', 'raised'],
  ])('%s on %s reads at 4.5:1', (ink, ground) => {
    expect(ratio(theme, ink, ground)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(['edge', 'focus', 'trend', 'limit-1', 'limit-2', 'limit-3', 'limit-4'])(
    '%s stands out at 3:1 from every surface it is drawn on',
    (ink) => {
      for (const ground of ['ground', 'surface', 'raised']) expect(ratio(theme, ink, ground)).toBeGreaterThanOrEqual(3);
    },
  );
});

test('in the dark, every level stands out from the ground by itself', () => {
  for (const level of levels) expect(ratio('dark', level, 'ground')).toBeGreaterThanOrEqual(4.5);
});

test('on white, a chip is bounded by its dark border where its fill is too pale', () => {
  for (const level of levels)
    expect(Math.max(ratio('light', level, 'surface'), ratio('light', 'on-level', 'surface'))).toBeGreaterThanOrEqual(3);
});

describe.each(Object.keys(visions) as (keyof typeof visions)[])('seen with %s vision', (vision) => {
  const pairs = levels.flatMap((first, at) => levels.slice(at + 1).map((second) => [first, second] as const));
  test.each(pairs)('%s and %s are at least ΔE 20 apart', (first, second) => {
    expect(distance(parseHex(root[first] ?? ''), parseHex(root[second] ?? ''), vision)).toBeGreaterThanOrEqual(20);
  });
});
