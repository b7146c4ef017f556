import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import { expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { evaluate } from '../../../gateway/evaluate/evaluate.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { freshState } from '../../../gateway/evaluate/state.ts';

const door = profileFrom({
  schema: 'yihu-profile/1',
  id: 'test.door',
  version: '1.0.0',
  name: { zh: '门' },
  maker: { zh: '测试' },
  model: 'D1',
  category: 'access.controller',
  sources: ['made for this test'],
  confidence: 'normalised',
  transport: {
    protocol: 'http-event',
    identity: { name: 'sn', pattern: '^x$', label: { zh: '编号' } },
    listen: { event: { path: '/{key}' } },
  },
  time: { from: '$.time', format: 'rfc3339', maxSkew: '5m' },
  availability: { offlineAfter: '5m' },
  points: {},
  decode: { event: [{ event: { type: 'door.forced' } }] },
  alarms: {
    forced: { name: { zh: '门被强行打开' }, event: 'door.forced', severity: 'major', hazard: 'security', latch: 'until-ack' },
  },
  vectors: [{ name: 'x', origin: 'synthetic', given: { channel: 'event', json: {} }, events: [{ type: 'door.forced' }] }],
});
const at = Date.UTC(2026, 0, 1, 12);
const minutesAgo = (minutes: number) => ({ time: new Date(at - minutes * 60_000).toISOString() });

/** How many alarms an event of the device's memory raises, and whether it is history. */
function toldLate(fields: Record<string, string>) {
  const decoded = compile(door).decode({ device: 'd', at, body: { kind: 'fields', channel: 'event', fields, historical: true } });
  const { transitions } = evaluate(compileRules(door), freshState(0), decoded, { at, mono: 0 });
  return [decoded.events[0]?.historical === true, transitions.filter(({ kind }) => kind === 'raised').length];
}

it('what a device tells out of its memory sounds no alarm, unless it was just now', () => {
  expect(toldLate(minutesAgo(4))).toEqual([false, 1]);
  expect(toldLate(minutesAgo(6))).toEqual([true, 0]);
  expect(toldLate(minutesAgo(60 * 24))).toEqual([true, 0]);
  expect(toldLate({})).toEqual([true, 0]);
});
