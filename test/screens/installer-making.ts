import { matchesIn, ProfileMaking } from '../../gateway/local/profile-making.ts';
import { systemClock } from '../../gateway/clock.ts';
import type { LocalDesk } from '../../gateway/web/needs.ts';
import type { LocalProfileCheck } from '@yihu/device-profiles/vocabulary/local-profile.ts';

const text = (zh: string, en: string) => ({ zh, en });

/** As `fixtureProbe` has them. */
const block = { start: 0x2000, words: [0x4365, 0x6666, 0x4100, 0x51ec, 0x08f6, 0x0000, 0xffff, 0x00fa] };

const checked: LocalProfileCheck = {
  id: 'zhengtai.ddsu-x',
  file: 'profiles/zhengtai/ddsu-x.yaml',
  port: 'meters',
  problems: [],
  tier: 'gold',
  readings: [
    { point: 'voltage', name: text('电压', 'Voltage'), symbol: 'V', value: 229.4, quality: 'good', shown: '229.4' },
    { point: 'current', name: text('电流', 'Current'), symbol: 'A', value: 8.13, quality: 'good', shown: '8.02' },
    { point: 'cabinet', name: text('柜内温度', 'Cabinet temperature'), symbol: '℃', value: null, quality: 'bad', shown: '25.0' },
  ],
  unreachable: null,
};

/** What the installer's page is told while a profile is made. */
export function fixtureMaking(over: Partial<LocalProfileCheck> = {}): LocalDesk['making'] {
  const real = new ProfileMaking({
    clock: systemClock,
    ports: () => [],
    lend: (_port, run) => run(new AbortController().signal),
    site: () => ({ file: '/etc/yihu/gateway.yaml', profileFolders: [] }),
    onSaved: () => undefined,
  });
  return {
    words: () => real.words(),
    recognise: ({ shown }) => Promise.resolve({ matches: matchesIn([block], shown) }),
    check: () => Promise.resolve({ ...checked, ...over }),
    save: () => Promise.resolve({ id: checked.id, file: checked.file, port: 'meters' }),
  };
}
