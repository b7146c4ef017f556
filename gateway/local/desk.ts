import { dirname, join, resolve } from 'node:path';
import type { LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import type { LocalDesk } from '../web/needs.ts';
import type { Parts } from '../main.ts';
import { decodePasted } from './decode.ts';
import { deviceOf, rowsOf } from './devices.ts';
import { overviewOf } from './overview.ts';
import { findProfiles } from './profiles.ts';

/** What the installer's page shows and does with the gateway that is running. */
export function localDesk(parts: Parts, loadProfiles: () => Promise<ReadonlyMap<string, LoadedProfile>>): LocalDesk {
  let library: Promise<ReadonlyMap<string, LoadedProfile>> | null = null;
  return {
    overview: () => overviewOf(parts),
    devices: (asked) => rowsOf(parts, asked),
    device: (id) => deviceOf(parts, id),
    profiles: async (asked) => findProfiles(await (library ??= loadProfiles()), asked),
    decode: decodePasted,
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
