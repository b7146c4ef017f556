import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** A meter's profile with these points; `more` goes over everything else. */
export function meter(transport: object, points: Record<string, object>, more: object = {}): Profile {
  return profileFrom({
    schema: 'yihu-profile/1',
    id: 'test.meter',
    version: '1.0.0',
    name: { zh: '测试表' },
    maker: { zh: '测试' },
    model: 'T',
    category: 'other',
    sources: ['this test'],
    confidence: 'normalised',
    availability: { offlineAfter: '5m' },
    groups: { fast: { every: '15s' }, slow: { every: '5m' } },
    vectors: [{ name: 'none', origin: 'synthetic', given: { items: {} } }],
    transport,
    points: Object.fromEntries(Object.entries(points).map(([id, point]) => [id, { name: { zh: id }, group: 'fast', ...point }])),
    ...more,
  });
}
