import { describe, expect, it } from 'vitest';
import { compile } from '../../gateway/decode/decode.ts';
import { evaluate } from '../../gateway/evaluate/evaluate.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { freshState } from '../../gateway/evaluate/state.ts';
import { hear } from '../../gateway/hear.ts';
import { at, bytes, frame, message, mqtt } from './decode/profile.ts';

const name = { zh: '漏水' };
const profile = mqtt(
  { leak: { kind: 'state' } },
  [
    {
      as: 'json',
      points: { leak: '$.leak' },
      each: {
        in: '$.kept',
        time: { from: 'item.t', format: 'unix-s' },
        points: { leak: 'item.leak' },
        event: { type: 'leak' },
        historical: true,
      },
    },
    { as: { tlv: { '01': { leak: 'u8' } } }, points: { leak: { from: '$.leak', map: { 1: true, 0: false } } } },
  ],
  {
    events: { leak: name },
    models: { ids: ['T'], from: '$.model' },
    alarms: {
      leak: { name, point: 'leak', is: true, severity: 'major', hazard: 'water' },
      told: { name, event: 'leak', severity: 'major', hazard: 'water' },
    },
  },
);
const decoder = compile(profile);
const rules = compileRules(profile);
const kept = (text: string) => frame({ kind: 'message', channel: 'up', topic: '', payload: Buffer.from(text), retained: true });
const heard = (...frames: Parameters<typeof hear>[1]) => {
  const troubles: string[] = [];
  const said = hear(decoder, frames, ({ en }) => troubles.push(en));
  const state = { ...freshState(0), missedPolls: 2 };
  const { state: next, transitions, availability } = evaluate(rules, state, said, { at, mono: 60_000 });
  return {
    said,
    troubles,
    next,
    raised: transitions.filter(({ kind }) => kind === 'raised').map(({ alarm }) => alarm),
    availability,
  };
};

describe('what is heard of a device', () => {
  it('what it says now raises, and is a sign of life', () =>
    expect(heard(message({ leak: true }))).toMatchObject({
      raised: ['leak'],
      availability: 'online',
      next: { heardMs: 60_000, missedPolls: 0 },
    }));
  it('what it had kept raises nothing', () => {
    const told = heard(message({ leak: false, kept: [{ t: 1767222000, leak: true }] }));
    expect(told.said.readings).toHaveLength(2);
    expect(told.said.events).toMatchObject([{ type: 'leak', historical: true, deviceAt: 1767222000000 }]);
    expect(told.raised).toEqual([]);
  });
  it('what a broker had kept is no sign of life', () => {
    const quiet = heard(kept('{"leak":true}'));
    expect(quiet).toMatchObject({ said: { isQuiet: true }, raised: [], next: { heardMs: 0, missedPolls: 2 } });
    expect(quiet.availability).toBeUndefined();
    expect(heard(kept('{"leak":true}'), message({ leak: true })).said.isQuiet).toBe(false);
  });
  it('what could not be read, or only in part, or is another model’s, is told', () => {
    expect(heard(message('[')).troubles).toHaveLength(1);
    expect(heard(bytes('0101 99')).troubles).toEqual([
      'The profile does not know the record 99; what follows it was not read. The profile needs an update.',
    ]);
    expect(heard(message({ leak: false, model: 'X9' })).troubles).toEqual([
      'The device calls itself X9, which its profile does not know; check the profile.',
    ]);
  });
});
