import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from '../../demo/child.ts';
import { freePort, isFree } from '../../demo/ports.ts';
import { startResidents } from '../../demo/residents.ts';
import { buildScreens } from '../../demo/screens.ts';
import { settingsIn } from '../../demo/settings.ts';
import { lockFolder } from '../../gateway/lock.ts';

/** What somebody meets who types `npm start` for the first time, twice, or where something is in its way. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function holding<T>(run: (port: number, server: Server) => Promise<T>): Promise<T> {
  const server = createServer();
  const port = await new Promise<number>((done) =>
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)),
  );
  try {
    return await run(port, server);
  } finally {
    server.close();
  }
}

it(
  'a second start on the same folder says who runs there, before it touches the screens of the first',
  { timeout: 300_000 },
  () => {
    const release = lockFolder(folder);
    const { status, stdout } = spawnSync(process.execPath, ['start.ts'], {
      cwd: resolve(import.meta.dirname, '../..'),
      env: { ...process.env, YIHU_DATA: folder },
      encoding: 'utf8',
    });
    release();
    expect(stdout).toContain(`它已经在运行（进程 ${process.pid}`);
    expect(stdout).toContain(`It is running already (process ${process.pid}`);
    expect(stdout).not.toContain('building');
    expect(status).toBe(2);
  },
);

describe('ports', () => {
  it('are kept from start to start, and one that another program holds is named before anything is started', async () => {
    const first = await settingsIn(folder);
    expect(await settingsIn(folder)).toEqual(first);
    await holding(async (port) => {
      expect(await isFree(port)).toBe(false);
      writeFileSync(join(folder, 'demo.json'), JSON.stringify({ ...first, web: port }));
      await expect(settingsIn(folder)).rejects.toMatchObject({
        zh: expect.stringContaining(`本机端口 ${port} 被别的程序占着`),
        en: expect.stringContaining(`Another program holds port ${port} of this machine`),
      });
      expect(await freePort(port)).not.toBe(port);
    });
  });

  it('the telephone company says that its port is taken and does not end the process', async () => {
    await holding(async (port) => {
      const options = { port, cloudUrl: 'http://127.0.0.1:9', token: 'x', logFile: join(folder, 'messages.log') };
      await expect(startResidents(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });
});

describe('a program that cannot do its work', () => {
  const says = (document: object) => ['-e', `console.log(${JSON.stringify(JSON.stringify(document))})`];

  it.each([
    ['with a schema, as the gateway says it', { schema: 'yihu.error/1', error: { zh: '端口被占', en: 'the port is in use' } }],
    ['without one, as the cloud does', { code: 'port-in-use', error: { zh: '端口被占', en: 'the port is in use' } }],
  ])('is not taken for one that runs: %s', async (_, document) => {
    await expect(startChild('cloud', says(document), folder).started).rejects.toMatchObject({
      zh: 'cloud：端口被占',
      en: 'cloud: the port is in use',
    });
  });

  it('says what it said where that is no document', async () => {
    const child = startChild('gateway', ['-e', 'console.error("boom"); process.exit(7)'], folder);
    await expect(child.started).rejects.toThrow('gateway ended with 7: boom');
    expect(await child.ended).toBe(7);
  });
});

describe('the screens', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'dashboards', 'phone'), { recursive: true });
    mkdirSync(join(folder, 'device-profiles'));
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    writeFileSync(join(folder, 'dashboards', 'phone', 'main.tsx'), 'one');
    const build = 'mkdir -p dashboards/dist && echo built >> built.txt';
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
  });
  const builds = () => readFileSync(join(folder, 'built.txt'), 'utf8').trim().split('\n').length;

  it('are built again only where a source came, went or changed', { timeout: 300_000 }, async () => {
    let told = 0;
    const build = () => buildScreens(folder, () => (told += 1));
    await build();
    await build();
    expect([builds(), told]).toEqual([1, 1]);
    writeFileSync(join(folder, 'dashboards', 'phone', 'main.tsx'), 'two, and longer');
    await build();
    expect([builds(), told]).toEqual([2, 2]);
    rmSync(join(folder, 'dashboards', 'phone', 'main.tsx'));
    await build();
    // A build by hand empties the folder of what was built.
    rmSync(join(folder, 'dashboards', 'dist'), { recursive: true });
    await build();
    expect([builds(), told]).toEqual([4, 4]);
  });

  it('that cannot be built say why', { timeout: 300_000 }, async () => {
    const build = 'echo no such module; exit 1';
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
    await expect(buildScreens(folder, () => {})).rejects.toThrow('npm run build: no such module');
  });
});
