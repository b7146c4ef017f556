import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

type Written = Record<string, unknown>;

function typeOf({ table }: Written): Written {
  return table === 'coil' || table === 'discrete' ? {} : { type: 'u16' };
}

/** A profile with these points and groups, and whatever else a test cares for. */
export function profileOf(
  points: Record<string, Written>,
  more: { transport?: Written; groups?: Written; defaults?: Written; commands?: Written; version?: string } = {},
): Profile {
  const groups = more.groups ?? { fast: { every: '1s' } };
  const group = Object.keys(groups)[0];
  return profileFrom({
    schema: 'yihu-profile/1',
    id: 'test.meter',
    version: more.version ?? '1.0.0',
    name: { zh: '测试表' },
    maker: { zh: '测试' },
    model: 'test',
    category: 'meter.electricity',
    sources: ['test'],
    confidence: 'normalised',
    transport: { protocol: 'modbus', modes: ['tcp', 'rtu', 'rtu-over-tcp'], unitId: { default: 1 }, ...more.transport },
    defaults: { table: 'holding', ...more.defaults },
    groups,
    commands: more.commands ?? {},
    availability: { offlineAfter: '1m' },
    points: Object.fromEntries(
      Object.entries(points).map(([id, point]) => [id, { name: { zh: id }, group, ...typeOf(point), ...point }]),
    ),
    vectors: [{ name: 'none', origin: 'synthetic', given: { table: 'holding', start: 0, words: [0] } }],
  });
}
