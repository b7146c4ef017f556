import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** A profile that says no more than how the device is spoken to: all a driver that dials in needs to know. */
export function bareProfile(transport: { readonly protocol: string; readonly [key: string]: unknown }): Profile {
  return profileFrom({
    schema: 'yihu-profile/1',
    id: `test.${transport.protocol}`,
    version: '1.0.0',
    name: { zh: '测试设备', en: 'Test device' },
    maker: { zh: '测试', en: 'Test' },
    model: 'T1',
    category: 'other',
    sources: ['made for this test'],
    confidence: 'normalised',
    transport,
    availability: { offlineAfter: '25h' },
    points: {},
    vectors: [{ name: 'nothing', origin: 'synthetic', given: { wire: transport.protocol, frame: '' }, refuse: true }],
  });
}
