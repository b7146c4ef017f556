import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { Site } from './config.ts';
import { openEmbeddedHistory } from './store/embedded-history.ts';
import type { History } from './store/history.ts';
import { openInfluxHistory } from './store/influx-history.ts';

/** Opens the history engine that the site file names. */
export function openHistory(site: Site, clock: Clock): Promise<History> {
  const { history } = site;
  if (history.kind === 'embedded')
    return openEmbeddedHistory({ folder: join(site.data, 'history'), keepDays: history.days, clock });
  const password = history.passwordFile === undefined ? undefined : readFileSync(history.passwordFile, 'utf8').trim();
  return openInfluxHistory({
    url: history.url,
    database: history.database,
    ...(history.username === undefined ? {} : { username: history.username }),
    ...(password === undefined ? {} : { password }),
  });
}
