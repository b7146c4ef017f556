import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../demo/ports.ts';
import { memoryDisk } from '../gateway/store/mounts.ts';
import { describeWith } from '../needs.ts';
import { Community } from '../stories/community.ts';
import { cloudProgram, endOf, gatewayProgram, until } from '../stories/programs.ts';
import { refuser } from './refuses.ts';

// Whole programs start and stop here, on machines that do other things as well.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** What does not start says why, in the reader's language, with the next thing to do, and leaves nothing running. */

let community: Community;
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  community = await Community.make('bad-start');
  taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  takenPort = (taken.address() as AddressInfo).port;
});
afterAll(async () => {
  taken.close();
  await community.dispose();
});

const refuses = refuser(() => community.programs);

interface SiteParts {
  readonly data?: string;
  readonly listen?: string;
  readonly devices?: readonly object[];
  readonly ports?: readonly object[];
  readonly more?: object;
}

const smoke = { id: 'smoke-1', profile: 'heiman.hs1sa-e', port: 'wireless', address: { identity: 'smoke-1' }, name: '烟感' };

async function siteWith(name: string, { data, listen, devices, ports, more }: SiteParts = {}): Promise<string> {
  const file = join(community.programs.folder, `${name}.yaml`);
  const wireless = { id: 'wireless', driver: 'mqtt', listen: `127.0.0.1:${await freePort(0)}`, login: 'open' };
  const site = {
    schema: 'yihu-site/1',
    gateway: { id: 'gw-story', name: '网关' },
    data: data ?? `data-${name}`,
    listen: listen ?? `127.0.0.1:${await freePort(0)}`,
    ports: ports ?? [wireless],
    devices: devices ?? [smoke],
    ...more,
  };
  writeFileSync(file, stringify(site, { aliasDuplicateObjects: false }));
  return file;
}

const run = (site: string) => [gatewayProgram, 'run', site];

describe('the gateway', () => {
  test('shows every problem of a site file at once, each with its line', async () => {
    const site = await siteWith('wrong', {
      ports: [{ id: 'wireless', driver: 'mqt', listen: '127.0.0.1:1883', login: 'open' }],
      devices: [smoke, { ...smoke, name: '又一个' }],
      more: { gatway: {} },
    });
    const { zh } = await refuses(run(site), 2, /没有驱动 mqt，有：.*\bmqtt\b/, /There is no driver mqt; there is: .*\bmqtt\b/);
    expect(zh).toMatch(/不认识的字段 gatway/);
    expect(zh).toMatch(/设备编号 smoke-1 重复/);
    const lines = [...zh.matchAll(/wrong\.yaml:(\d+) /g)].map(([, line]) => Number(line));
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
    expect(zh).toContain(`改好后运行：yihu-gateway check ${site}`);
  });

  test('says near which line the YAML is broken', async () => {
    const site = join(community.programs.folder, 'broken.yaml');
    writeFileSync(site, 'schema: yihu-site/1\ngateway: {id: "gw\n');
    await refuses(
      run(site),
      2,
      /broken\.yaml:\d+ .*YAML 语法错误.*请检查这一行附近/,
      /broken\.yaml:\d+ .*YAML syntax.*near this line/,
    );
  });

  test('says that there is no such site file', async () => {
    const nowhere = join(community.programs.folder, 'nowhere.yaml');
    await refuses(
      run(nowhere),
      2,
      /没有这个现场文件。请检查路径.*yihu-gateway init/,
      /There is no such site file\. Check the path.*yihu-gateway init/,
    );
  });

  test('knows which profile was meant', async () => {
    const site = await siteWith('profile', { devices: [{ ...smoke, profile: 'heiman.hs1sa' }] });
    await refuses(
      run(site),
      2,
      /想写 heiman\.hs1sa-e？运行 yihu-gateway profile list/,
      /Did you mean heiman\.hs1sa-e\? Run yihu-gateway profile/,
    );
  });

  test('runs all the same where the port of its local API is taken, says so, and takes it once it is free', async () => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
    const { port } = blocker.address() as AddressInfo;
    const site = await siteWith('taken', { listen: `127.0.0.1:${port}` });
    const gateway = community.programs.ours('taken', [...run(site), '--json']);
    const { problems, url } = (await gateway.started) as { problems: { zh: string; en: string }[]; url: string | null };
    expect(url).toBeNull();
    const said = problems.find(({ en }) => en.includes('in use'));
    expect(said?.zh).toMatch(/已被占用，网关照常运行.*查看是谁占用：ss -ltnp.*改 listen/);
    expect(said?.en).toMatch(/is in use; the gateway runs without it.*See by whom: ss -ltnp.*change listen/);
    await new Promise((done) => blocker.close(done));
    const healthy = () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until('the local API', healthy, 25_000);
    expect(await endOf(gateway.process)).toBe(0);
  });

  test('lets no second one work on its folder, and names the first', async () => {
    const site = await siteWith('twice', { more: { uplink: 'off' } });
    const first = community.programs.ours('first', [...run(site), '--json']);
    await first.started;
    const { pid } = first.process;
    const second = await siteWith('second', { data: 'data-twice' });
    const said = await refuses(
      run(second),
      2,
      /正被另一个网关使用.*先停掉它：kill/,
      /Another gateway .* uses this data folder. Stop it first: kill/,
    );
    expect(said.zh).toContain(`kill ${pid}`);
    expect(await endOf(first.process)).toBe(0);
  });

  test('asks for a claim code it can use, and for an address', async () => {
    const site = await siteWith('claim');
    const claim = (url: string) => [gatewayProgram, 'claim', url, 'ABCD-EFGH', '--site', site];
    await refuses(claim('nonsense'), 1, /平台地址写错了。请按浏览器里的写法填写/, /not an address. Write it as in a browser/);
    await refuses(claim(`http://127.0.0.1:${await freePort(0)}`), 3, /连不上平台。请检查/, /does not answer. Check the network/);
  });

  test('status says when nobody answers, and when the address is none', async () => {
    const status = (url: string) => [gatewayProgram, 'status', '--url', url];
    const nobody = `http://127.0.0.1:${await freePort(0)}`;
    await refuses(status(nobody), 3, /应答（ECONNREFUSED）.*启动：yihu-gateway run/, /ECONNREFUSED.*Start it: yihu-gateway run/);
    await refuses(status('nonsense'), 1, /不是网址。写法如 http/, /is no address. Write it as http/);
  });
});

describe('the cloud', () => {
  const cloud = async (words: { data?: string; listen?: string; uplink?: string; more?: readonly string[] }) => [
    cloudProgram,
    'run',
    '--data',
    words.data ?? join(community.programs.folder, 'cloud-other'),
    '--listen',
    words.listen ?? `127.0.0.1:${await freePort(0)}`,
    '--uplink-listen',
    words.uplink ?? `127.0.0.1:${await freePort(0)}`,
    ...(words.more ?? []),
  ];

  test('shows every wrong setting at once', async () => {
    const args = await cloud({ listen: 'nonsense', more: ['--database-url', 'mysql://here'] });
    const { zh } = await refuses(
      args,
      2,
      /listen: 应写作 主机:端口，如 127\.0\.0\.1:8080/,
      /listen: is written host:port, such as/,
    );
    expect(zh).toContain('databaseUrl: 应写作 postgres://用户:密码@主机:端口/库名');
  });

  test('ends where the port of the screens or of the uplink is taken', async () => {
    const where = `127.0.0.1:${takenPort}`;
    const inTurn = { inTurn: true };
    const screens = await cloud({ listen: where });
    await refuses(screens, 2, /端口已被占用.*用 --listen 换一个端口/, /port is in use.*another port with --listen/, inTurn);
    const uplink = await cloud({ uplink: where });
    await refuses(uplink, 2, /端口已被占用.*用 --uplink-listen 换一个端口/, /port is in use.*with --uplink-listen/, inTurn);
  });

  test('lets no second one work on its folder; a wrong database password and a wrong claim code are called so', async () => {
    const { child, url } = await community.startCloud();
    const data = join(community.programs.folder, 'cloud');
    await refuses(
      await cloud({ data }),
      2,
      /已有一个一呼云在用.*先停掉它，或用 --data/,
      /Another Yihu cloud is using.*Stop it first/,
    );
    const { connection } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { connection: { host: string } };
    const wrong = `postgres://yihu:wrong@localhost/yihu?host=${encodeURIComponent(connection.host)}`;
    const elsewhere = await cloud({ more: ['--database-url', wrong] });
    const said = await refuses(
      elsewhere,
      3,
      /拒绝了用户名或密码。请检查 --database-url/,
      /refused the user or password. Check both/,
    );
    expect(said.zh + said.en).not.toContain('wrong@');
    const claim = [gatewayProgram, 'claim', url, 'ABCD-EFGH', '--site', await siteWith('refused')];
    await refuses(claim, 2, /认领码不对.*请在平台上重新生成一个/, /claim code is wrong, used or older.*Make a new one/);
    expect(await endOf(child.process)).toBe(0);
  });

  test('says that no database answers', async () => {
    const nobody = `postgres://yihu:secret@127.0.0.1:${await freePort(0)}/yihu`;
    const args = await cloud({ more: ['--database-url', nobody] });
    const said = await refuses(
      args,
      3,
      /连不上数据库（ECONNREFUSED）。请确认它在运行/,
      /cannot be reached \(ECONNREFUSED\). See that it is running/,
    );
    expect(said.zh + said.en).not.toContain('secret');
  });

  describeWith(['root'], 'and both on a disk that cannot be written', () => {
    test('say whose rights to change, or to make room', async () => {
      const disk = memoryDisk(300_000);
      try {
        const here = join(disk.folder, 'here');
        mkdirSync(here);
        const site = await siteWith('disk', { data: here });
        const filler = join(disk.folder, 'filler');
        writeFileSync(filler, Buffer.alloc(270_000));
        await refuses(run(site), 2, /磁盘已满.*清出空间后再运行/, /The disk is full.*Free some space/, { inTurn: true });
        rmSync(filler);
        execFileSync('chmod', ['711', disk.folder]);
        const inFolder = await cloud({ data: join(disk.folder, 'cloud') });
        await refuses(inFolder, 2, /磁盘已满，写不了.*请清理磁盘后重试/, /The disk is full,.*Make room on it/, { inTurn: true });
        disk.remount('ro');
        await refuses(run(site), 2, /写不了 .*请检查它的属主和权限/, /cannot be written .*Check its owner and permissions/);
        const below = await siteWith('below', { data: join(disk.folder, 'not', 'there') });
        await refuses(run(below), 2, /写不了 .*或在现场文件里用 data 换/, /cannot be written .*name another folder as data/);
        await refuses(
          inFolder,
          2,
          /写不了数据目录 .*换一个目录（--data）/,
          /data folder .* cannot be written. Choose another with --data/,
        );
      } finally {
        disk.dispose();
      }
    });
  });
});
