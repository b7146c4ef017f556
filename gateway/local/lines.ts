import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalLine } from '@yihu/device-profiles/vocabulary/local.ts';
import { LinePort } from '../collect/line/settings.ts';
import type { SitePort } from '../config.ts';

const byId = '/dev/serial/by-id';

/** Where devices can be looked for: the lines of the site file, and serial ports of this machine that nobody has. */
export async function linesOf(ports: readonly SitePort[]): Promise<LocalLine[]> {
  const own = ports.flatMap((port) => {
    const place = placeOf(port);
    return place === null ? [] : [{ place, port: port.id, devices: port.devices.length }];
  });
  const taken = new Set(await Promise.all(own.map(({ place }) => realOf(place))));
  const free: LocalLine[] = [];
  for (const place of await serialPorts()) if (!taken.has(await realOf(place))) free.push({ place, port: null, devices: 0 });
  return [...own, ...free];
}

/** Null where a port is no line, or one that dials in. */
export function placeOf({ driver, settings }: Pick<SitePort, 'driver' | 'settings'>): string | null {
  if (driver.name !== 'line') return null;
  const parsed = LinePort.safeParse(settings);
  if (!parsed.success) return null;
  const line = parsed.data;
  if (line.mode === 'serial') return line.path;
  return line.mode === 'tcp' ? `${line.host}:${line.port}` : null;
}

async function serialPorts(): Promise<string[]> {
  const named = await readdir(byId).catch(() => []);
  if (named.length > 0) return named.sort((a, b) => a.localeCompare(b)).map((name) => join(byId, name));
  const all = await readdir('/dev').catch(() => []);
  return all.filter((name) => /^tty(USB|ACM|S[1-9]|AMA)\d*$/.test(name)).map((name) => `/dev/${name}`);
}

function realOf(place: string): Promise<string> {
  return realpath(place).catch(() => place);
}
