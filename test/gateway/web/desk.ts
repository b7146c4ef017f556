import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../gateway/clock.ts';
import { openAccess, setupCodeIn } from '../../../gateway/web/access-file.ts';
import type { LocalDesk, WebNeeds } from '../../../gateway/web/needs.ts';
import { buildLocalServer } from '../../../gateway/web/server.ts';

/** Hashing is not what is tried here. */
export const cheap = { N: 1_024, r: 8, p: 1 };

export const password = '二号楼地下室有一只猫和一盏灯';

/** A clock that is moved by hand. */
function handClock(): Clock & { pass(ms: number): void } {
  let mono = 1_000;
  return {
    now: () => 1_800_000_000_000 + mono,
    mono: () => mono,
    after: () => ({ cancel: () => undefined }),
    sleep: () => Promise.resolve(),
    pass: (ms) => (mono += ms),
  };
}

const nothing = (): never => {
  throw new Error('not asked for in this test');
};

export const emptyDesk: LocalDesk = {
  overview: nothing,
  devices: () => ({ at: 1, total: 0, matching: 0, devices: [] }),
  device: () => null,
  settings: () => Promise.resolve(null),
  testAlarm: () => null,
  finishAlarmTest: () => undefined,
  change: { plan: () => Promise.resolve(null), submit: () => Promise.resolve(null), state: () => null, undo: () => undefined },
  orders: { give: nothing, answer: nothing },
  surveys: { places: () => ({ declared: [], own: [], brokers: [] }), start: nothing, now: () => null, stop: () => undefined },
  claiming: { state: nothing, start: nothing },
  export: nothing,
  profiles: nothing,
  decode: nothing,
  lines: () => Promise.resolve([]),
  startScan: nothing,
  scan: () => null,
  followScan: () => () => undefined,
  stopScan: () => undefined,
  probe: nothing,
  making: { words: nothing, recognise: nothing, check: nothing, save: nothing },
};

/** The local server over a desk of the test's, without a socket. */
export async function localServer(over: Partial<WebNeeds> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-local-'));
  const clock = handClock();
  const told: string[] = [];
  const needs: WebNeeds = {
    view: { status: () => Promise.reject(new Error('no status')), metrics: () => Promise.resolve('# none\n') },
    desk: emptyDesk,
    access: await openAccess(folder, cheap),
    gateway: { id: 'gw-1', name: { zh: '一号', en: 'One' } },
    clock,
    page: join(folder, 'no-page'),
    tell: (_level, _said, sentence) => told.push(sentence),
    ...over,
  };
  const { app, routes } = buildLocalServer(needs, '127.0.0.1');
  await app.ready();
  return {
    app,
    routes,
    clock,
    told,
    folder,
    code: () => setupCodeIn(folder),
    async stop() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Local = Awaited<ReturnType<typeof localServer>>;

/** Headers of a browser that is signed in. */
export async function signedIn(local: Local): Promise<{ cookie: string; 'x-csrf-token': string }> {
  const code = await local.code();
  const [url, payload] = code === null ? ['/api/session', { password }] : ['/api/setup', { code, password }];
  const answer = await local.app.inject({ method: 'POST', url, payload });
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { cookie, 'x-csrf-token': answer.json<{ csrf: string }>().csrf };
}
