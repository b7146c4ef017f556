import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import type { Driver } from './collect/driver.ts';

/**
 * Every folder of `collect/` with a `driver.ts` is a driver, and its name; nothing else knows their names. With `names` only
 * those of them are loaded: a site uses one or two, and each brings megabytes of code.
 */
export async function loadDrivers(names?: readonly string[]): Promise<Map<string, Driver>> {
  const root = new URL('./collect/', import.meta.url);
  const drivers = new Map<string, Driver>();
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const file = new URL(`./${entry.name}/driver.ts`, root);
    if (names?.includes(entry.name) === false || !entry.isDirectory() || !existsSync(file)) continue;
    const { driver } = (await import(file.href)) as { driver: Driver };
    drivers.set(driver.name, driver);
  }
  return drivers;
}
