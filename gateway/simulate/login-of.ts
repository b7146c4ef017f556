import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SimulatedDevice } from './device.ts';

export interface DeviceLogin {
  readonly username: string;
  readonly password: string;
}

/** What the gateway must log in with at a device: as the device's address says it; paths count from the site file. */
export function loginOf({ address }: SimulatedDevice, folder: string): DeviceLogin | undefined {
  const { username, passwordFile } = address as { username?: string; passwordFile?: string };
  if (username === undefined || passwordFile === undefined) return undefined;
  return { username, password: readFileSync(resolve(folder, passwordFile), 'utf8').trim() };
}
