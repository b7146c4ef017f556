import { childOf } from '@yihu/device-profiles/library/children.ts';
import { describe, expect, it } from 'vitest';
import { compileChildren } from '../../../gateway/decode/children.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { frame, message, mqtt } from './profile.ts';

const panel = mqtt({ mains: { kind: 'state' } }, [{ points: { mains: '$.mains' } }], {
  children: {
    when: { exists: '$.part' },
    key: '{$.system}-{$.loop}-{$.part}',
    name: { zh: '{$.text}', en: 'Part {$.part}' },
    note: '{$.place}',
    profile: { path: '$.type', map: { '40': 'generic.smoke-part', '23': 'generic.call-point' }, otherwise: 'generic.fire-part' },
  },
});
const said = (payload: object) => message({ system: 1, loop: 3, ...payload });
const children = (payload: object) => compileChildren(panel)(said(payload)).map(({ child }) => child);

describe('row 26: parts that are devices of their own', () => {
  it('are named by the message, and their profile is chosen by it', () => {
    expect(children({ part: 7, type: 40, text: ' 3 层  走廊 ', place: '3F' })).toEqual([
      { key: '1-3-7', name: { zh: '3 层 走廊', en: 'Part 7' }, note: '3F', profile: 'generic.smoke-part' },
    ]);
    expect(children({ part: 8, type: 99 })).toEqual([
      { key: '1-3-8', name: { zh: '1-3-8', en: 'Part 8' }, profile: 'generic.fire-part' },
    ]);
  });
  it('are none where the message speaks of the device itself', () => {
    expect(children({ mains: false })).toEqual([undefined]);
    expect(compile(panel).decode(said({ mains: false })).readings).toMatchObject([{ point: 'mains', value: false }]);
  });
  it('have the same key for ever, and no two of them one', () => {
    const keyOf = (part: string) => children({ part, type: 40 })[0]?.key;
    const keys = ['A_1', 'A-1', 'a-1', 'A 1', '一号', '二号', 'x'.repeat(200), `${'x'.repeat(200)}y`].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[a-z0-9][a-z0-9-]{0,47}$/);
    expect(keyOf('A_1')).toBe(keys[0]);
  });
  it('that a codec has named keep its name and get their profile', () => {
    const named = mqtt({}, [{ event: { type: 'x' } }], {
      children: { profile: { path: '$.what', map: { smoke: 'generic.smoke-part' } } },
    });
    const child = { key: 'part-1-3-40-217', name: { zh: '烟感' } };
    const of = (what: string) =>
      compileChildren(named)({ ...frame({ kind: 'fields', channel: 'part', fields: { what } }), child });
    expect(of('smoke')).toMatchObject([{ child: { ...child, profile: 'generic.smoke-part' } }]);
    // Nobody knows what it is: it stays with the panel, which shows it.
    expect(of('pump')[0]).not.toHaveProperty('child');
  });
  it('in a list: a frame for each, and the device’s own beside them', () => {
    const hub = mqtt({ battery: {} }, [{ points: { battery: '$.battery' } }], {
      children: { each: '$.sensors', key: '{item.id}', name: { zh: '{item.name}' }, profile: 'generic.sensor' },
    });
    const big =
      '{"battery":90,"sensors":[{"id":"a1","name":"门磁","open":true,"count":12345678901234567890},{"name":"无编号"},7,{"id":"a2"}]}';
    const frames = compileChildren(hub)(message(big));
    expect(frames.map(({ child }) => child?.key)).toEqual([undefined, 'a1', 'a2']);
    expect(frames[1]).toMatchObject({
      child: { key: 'a1', name: { zh: '门磁' }, profile: 'generic.sensor' },
      body: { kind: 'fields', channel: 'up', fields: { id: 'a1', open: true, count: '12345678901234567890' } },
    });
    const sensor = mqtt({ open: { kind: 'state' } }, [{ points: { open: '$.open' } }]);
    expect(compile(sensor).decode(frames[1] as (typeof frames)[0]).readings).toMatchObject([{ point: 'open', value: true }]);
  });
  it('are none of a message that cannot be read', () => {
    for (const body of [
      frame({ kind: 'message', channel: 'up', topic: '', payload: Buffer.from('{') }),
      frame({ kind: 'alive' }),
    ])
      expect(compileChildren(panel)(body)).toEqual([body]);
  });
  it('of a profile without children are none', () =>
    expect(childOf(mqtt({}, [{ event: { type: 'x' } }]), () => 'a')).toBeUndefined());
});
