import { dirname, join, resolve } from 'node:path';
import type { LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type { LocalDesk } from '../web/needs.ts';
import type { Parts } from '../main.ts';
import { deskOf } from '../service.ts';
import type { Changes } from '../change/changes.ts';
import { SiteChanges } from './site-changes.ts';
import { AlarmTests } from './alarm-tests.ts';
import { Claiming } from './claiming.ts';
import { exportOf } from './export.ts';
import { decodePasted } from './decode.ts';
import { deviceOf, rowsOf } from './devices.ts';
import type { Lend } from './lend.ts';
import { linesOf } from './lines.ts';
import { overviewOf } from './overview.ts';
import { LocalOrders } from './orders.ts';
import { folderToName } from './own-profiles.ts';
import { probe } from './probing.ts';
import { ProfileMaking } from './profile-making.ts';
import { findProfiles } from './profiles.ts';
import { Scans } from './scans.ts';
import { Surveys } from './surveys.ts';
import { settingsOf } from './settings.ts';

/** What the desk can do beside looking. */
export interface Hands {
  readonly lend: Lend;
  readonly changes: Changes;
  readonly loadProfiles: () => Promise<ReadonlyMap<string, LoadedProfile>>;
}

/** What the installer's page shows and does with the gateway that is running. */
export function localDesk(
  parts: Parts,
  { lend, changes, loadProfiles }: Hands,
): LocalDesk & { readonly scans: Scans; stop(): Promise<void> } {
  const ports = () => parts.site().ports;
  const scans = new Scans({ clock: parts.clock, ports, lend });
  const profiles = async () => [...(await library()).values()].map(({ profile }) => profile);
  const surveys = new Surveys({ clock: parts.clock, site: parts.site, profiles });
  const claiming = new Claiming(parts);
  const orders = new LocalOrders(parts.acting.acts);
  const tests = new AlarmTests(deskOf(parts));
  let loading: Promise<ReadonlyMap<string, LoadedProfile>> | null = null;
  const library = () => (loading ??= loadProfiles());
  const probing = { clock: parts.clock, ports, lend };
  const making = new ProfileMaking({
    ...probing,
    site: parts.site,
    onSaved: (made) => {
      loading = loading?.then((known) => new Map([...known, [made.profile.id, made]])) ?? null;
    },
  });
  return {
    change: new SiteChanges(
      changes,
      parts.site,
      (profile) => folderToName(parts.site(), profile),
      async (id) => (await library()).get(id)?.profile,
    ),
    orders,
    scans,
    surveys,
    claiming,
    export: () => exportOf(parts),
    overview: () => overviewOf(parts, orders),
    devices: (asked) => rowsOf(parts, asked),
    device: (id) => deviceOf(parts, id, { alarmTest: tests.of(id), orders }),
    settings: (id) => settingsOf(parts, library, id),
    testAlarm: (id) => {
      const device = parts.site().devices.find((each) => each.id === id);
      return device === undefined ? null : tests.start(device);
    },
    finishAlarmTest: () => tests.finish(),
    profiles: async (asked) => findProfiles(await library(), asked),
    decode: decodePasted,
    lines: () => linesOf(ports()),
    startScan: (asked) => scans.start(asked),
    scan: () => scans.now(),
    followScan: (listener) => scans.follow(listener),
    stopScan: () => scans.stop(),
    probe: (asked) => probe(probing, asked),
    making,
    stop: async () => {
      await Promise.all([scans.end(), surveys.end(), tests.end(), claiming.end()]);
    },
  };
}

/** Where the access of the local page is kept. */
export function localFolder({ data }: { readonly data: string }): string {
  return join(data, 'local');
}

/** Where `npm run build` puts the installer's page. */
export function pageFolder(): string {
  return resolve(dirname(import.meta.dirname), 'dist');
}
