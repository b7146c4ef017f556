import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import { checkProfile } from '@yihu/device-profiles/library/check.ts';
import { describe, expect, it } from 'vitest';

/** What a profile may say of Modbus commands and of what is told at a connect. */

function problems(steps: unknown, args: object = {}, init: unknown[] = []): string[] {
  const profile = profileFrom({
    schema: 'yihu-profile/1',
    id: 'test.meter',
    version: '1.0.0',
    name: { zh: '测试表' },
    maker: { zh: '测试' },
    model: 'test',
    category: 'other',
    sources: ['this test, page 1'],
    confidence: 'normalised',
    transport: { protocol: 'modbus', modes: ['tcp'], unitId: { default: 1 }, init },
    groups: { fast: { every: '1s' } },
    availability: { offlineAfter: '1m' },
    points: { a: { name: { zh: '设定值' }, at: 0, table: 'holding', type: 'u16', group: 'fast' } },
    commands: { act: { name: { zh: '执行', en: 'Act' }, args, do: steps } },
    vectors: [{ name: 'none', origin: 'synthetic', given: { table: 'holding', start: 0, words: [0] } }],
  });
  return checkProfile(profile, 'test.meter')
    .filter(({ path }) => path[0] === 'commands' || path[1] === 'init')
    .map(({ path, en }) => `${path.slice(2).join('.')}: ${en}`);
}

const number = (min: number, max: number) => ({ name: { zh: '设定值', en: 'Set point' }, type: 'number', min, max });

describe('steps that can be carried out', () => {
  it.each<[unknown, object?]>([
    [{ write: 'coil', at: 0, value: true }],
    [{ write: 'coil', at: 0, values: [true, false] }],
    [{ write: 'holding', at: 0, value: '{x}', type: 'f32', fn: 16 }, { x: number(-5, 5) }],
    [{ write: 'holding', at: 0, value: '{x}', scale: 0.1 }, { x: number(0, 6_553.5) }],
    [
      { write: 'holding', at: 0, value: '{x}', map: { on: 1, off: 0 } },
      {
        x: {
          name: { zh: '开关', en: 'Switch' },
          type: 'text',
          choices: { on: { zh: '开', en: 'On' }, off: { zh: '关', en: 'Off' } },
        },
      },
    ],
    [{ write: 'holding', at: 0, bits: { shift: 15 }, value: true }],
    [
      [
        { write: 'holding', at: 0x11, value: 0x18, broadcast: true, prepare: true, rest: '50ms' },
        { write: 'holding', at: 0x13, value: 2 },
      ],
    ],
  ])('%j', (steps, args) => expect(problems(steps, args)).toEqual([]));
});

describe('steps that cannot', () => {
  it.each<[unknown, object | undefined, string[]]>([
    [{ write: 'coil', at: 0 }, undefined, ['do.0.value: Exactly one of value and values is needed.']],
    [
      { write: 'coil', at: 0, value: true, values: [true] },
      undefined,
      ['do.0.value: Exactly one of value and values is needed.'],
    ],
    [{ write: 'holding', at: 0, value: '{y}' }, {}, ['do: There is no argument "y" (args).']],
    [{ write: 'coil', at: 0, value: true, fn: 16 }, undefined, ['do.0.fn: Functions 5 and 15 write coils, 6 and 16 registers.']],
    [{ write: 'coil', at: 0, value: true, type: 'u16' }, undefined, ['do.0.type: A coil is 0 or 1 and nothing else.']],
    [
      { write: 'holding', at: 0, value: '{x}', scale: 0.1 },
      { x: number(0, 7_000) },
      ['do.0.value: It cannot be written: 70000 does not fit into 16 unsigned bits.'],
    ],
    [
      { write: 'holding', at: 0, value: '{x}' },
      { x: number(-1, 1) },
      ['do.0.value: It cannot be written: -1 does not fit into 16 unsigned bits.'],
    ],
    [{ write: 'holding', at: 0, value: 1.5, type: 'f32', fn: 6 }, undefined, ['do.0.fn: Function 6 writes one; these are 2.']],
    [
      { write: 'holding', at: 0xffff, value: 1.5, type: 'f32' },
      undefined,
      ['do.0.value: It cannot be written: address 65535 with 2 values is not within 0…65535.'],
    ],
    [
      { write: 'holding', at: 0, bits: { shift: 0 }, value: 2 },
      undefined,
      ['do.0.value: It cannot be written: 2 does not fit into 1 bits.'],
    ],
    [
      { write: 'holding', at: 0, value: '{x}', map: { on: 1 } },
      {
        x: {
          name: { zh: '开关', en: 'Switch' },
          type: 'text',
          choices: { on: { zh: '开', en: 'On' }, off: { zh: '关', en: 'Off' } },
        },
      },
      ['do.0.value: It cannot be written: x cannot be off.'],
    ],
  ])('%j with %j', (steps, args, expected) => expect(problems(steps, args)).toEqual(expected));

  it('nor can an argument be told at a connect', () => {
    expect(problems({ write: 'coil', at: 0, value: true }, {}, [{ write: 'holding', at: 1, value: '{x}' }])).toEqual([
      '0.value: There are no arguments here.',
    ]);
  });
});
