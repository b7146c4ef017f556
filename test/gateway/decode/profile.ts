import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import type { Frame, FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';

const base = {
  schema: 'yihu-profile/1',
  id: 'test.device',
  version: '1.0.0',
  name: { zh: '测试设备' },
  maker: { zh: '测试' },
  model: 'T',
  category: 'other',
  sources: ['this test'],
  confidence: 'normalised',
  availability: { offlineAfter: '5m' },
  vectors: [{ name: 'none', origin: 'synthetic', given: { table: 'input', start: 0, words: [0] } }],
};

/** A Modbus profile with these points (names are filled in). */
export function modbus(points: Record<string, object>, more: object = {}): Profile {
  return profileFrom({
    ...base,
    transport: { protocol: 'modbus', modes: ['tcp'], unitId: { default: 1 } },
    defaults: { table: 'input' },
    points: named(points),
    ...more,
  });
}

/** A DL/T 645 profile: its items arrive by their data identifiers, low byte first. */
export function items(points: Record<string, object>, more: object = {}): Profile {
  return profileFrom({
    ...base,
    transport: { protocol: 'dlt645' },
    defaults: { order: 'DCBA' },
    points: named(points),
    ...more,
  });
}

/** An MQTT profile with one channel `up` read by these branches. */
export function mqtt(points: Record<string, object>, branches: object[], more: object = {}): Profile {
  return profileFrom({
    ...base,
    transport: {
      protocol: 'mqtt',
      identity: { name: 'id', pattern: '^[a-z]+$', label: { zh: '编号' } },
      topics: { up: { filter: 'x/{id}/up' } },
    },
    points: named(points),
    decode: { up: branches },
    ...more,
  });
}

function named(points: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(points).map(([id, point]) => [id, { name: { zh: id }, ...point }]));
}

export const at = Date.UTC(2026, 0, 1);

export function frame(body: FrameBody): Frame {
  return { device: 'd', at, body };
}

/** A message on channel `up`: text as it is, anything else as JSON. */
export function message(payload: unknown, channel = 'up'): Frame {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return frame({ kind: 'message', channel, topic: 'x/d/up', payload: new TextEncoder().encode(text) });
}

/** Bytes on channel `up`. */
export function bytes(hex: string): Frame {
  return frame({ kind: 'message', channel: 'up', topic: 'x/d/up', payload: Buffer.from(hex.replaceAll(' ', ''), 'hex') });
}

/** point → value of a frame's readings; anything but a good one as its reason. */
export function values(profile: Profile, from: Frame): Record<string, unknown> {
  const { readings } = compile(profile).decode(from);
  return Object.fromEntries(readings.map(({ point, value, quality, reason }) => [point, quality === 'good' ? value : reason]));
}
