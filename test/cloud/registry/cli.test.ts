import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMigratedDatabase } from '../../../cloud/records/database.ts';
import { embeddedServer, makeDatabase } from '../records/servers.ts';

const program = path.resolve('cloud/cli/main.ts');
let folder: string;
let url: string;
let drop: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync('/tmp/yihu-registry-cli-');
  const { connection } = await embeddedServer();
  const own = await makeDatabase(connection);
  drop = () => own.drop();
  const { host, port, user, password = '', database } = own.connection;
  url = `postgresql://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  const opened = await openMigratedDatabase(own.connection);
  const area = (at: string, kind: string, name: string) => ({
    path: at,
    parent: at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : null,
    kind,
    name,
  });
  const areas = [
    area('s', 'street', '街道'),
    area('s/c', 'community', '社区'),
    area('s/c/g', 'grid', '网格'),
    area('s/c/g/3', 'building', '3栋'),
  ];
  await opened.db.insertInto('area').values(areas).execute();
  await opened.close();
});
afterAll(async () => {
  await drop();
  rmSync(folder, { recursive: true, force: true });
});

function run(...words: string[]): { status: number | null; out: string; err: string } {
  const start = `import { main } from ${JSON.stringify(program)}; await main(process.argv);`;
  const shared = ['--data', path.join(folder, 'data'), '--database-url', url, '--lang', 'zh'];
  const nodeWords = [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    start,
    '--',
    'node',
    ...words,
    ...shared,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, nodeWords, { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

describe('the registry from a terminal', { timeout: 60_000 }, () => {
  const table = () => path.join(folder, 'people.csv');

  it('tries a table out, says what is wrong where, and writes nothing before it is told to', () => {
    writeFileSync(table(), '姓名,手机号,房屋\n王一,13800000001,3-1-101\n,1,9-9-9\n');
    const trial = run('import', table(), '--area', 's/c', '--make-houses');
    expect(trial).toMatchObject({ status: 0, out: expect.stringContaining('新增 1 人') });
    expect(trial.err).toContain('3 手机号: 电话应为');
    expect(trial.err).not.toContain('王一');
    expect(run('import', table(), '--area', 's/c', '--make-houses', '--run')).toMatchObject({
      status: 2,
      err: expect.stringContaining('有 1 行不对'),
    });
    const taken = run('import', table(), '--area', 's/c', '--make-houses', '--run', '--skip-errors', '--json');
    expect(JSON.parse(taken.out)).toMatchObject({
      schema: 'yihu.import/1',
      state: 'done',
      counts: { create: 1, error: 1, houses: 2 },
    });
    const again = run('import', table(), '--area', 's/c', '--run', '--skip-errors', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ counts: { create: 0, same: 1 } });
  });

  it('says what it cannot read or does not know', () => {
    expect(run('import', path.join(folder, 'none.csv'), '--area', 's/c')).toMatchObject({
      status: 1,
      err: expect.stringContaining('读不了'),
    });
    expect(run('import', table(), '--area', '社区')).toMatchObject({ status: 1, err: expect.stringContaining('不是区域路径') });
    writeFileSync(path.join(folder, 'broken.xlsx'), Buffer.from([0x50, 0x4b, 3, 4, 1, 2]));
    expect(run('import', path.join(folder, 'broken.xlsx'), '--area', 's/c')).toMatchObject({
      status: 2,
      err: expect.stringContaining('损坏'),
    });
    expect(run('seed', '--seed', 'x')).toMatchObject({ status: 1 });
    expect(run('seed', '--street', 's')).toMatchObject({ status: 2, err: expect.stringContaining('已存在') });
  });

  it('makes areas from the street down, each below one that may hold it, and lists them', () => {
    const add = (at: string, kind: string) => run('area', 'add', at, '--kind', kind, '--name', '新区');
    expect(add('new/c', 'community')).toMatchObject({ status: 2, err: expect.stringContaining('没有区域 new。先新建它') });
    expect(add('new', 'street')).toMatchObject({ status: 0, out: expect.stringContaining('已新建 new') });
    expect(add('new', 'street')).toMatchObject({ status: 2, err: expect.stringContaining('已经有了') });
    expect(add('new/c', 'community').status).toBe(0);
    expect(add('new/c/s', 'street')).toMatchObject({ status: 1, err: expect.stringContaining('street 不能在 community 下面') });
    expect(add('新', 'street')).toMatchObject({ status: 1, err: expect.stringContaining('不是区域路径') });
    const { areas } = JSON.parse(run('area', 'list', '--json').out) as { areas: { path: string; kind: string }[] };
    expect(areas.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'street new',
      'community new/c',
      'street s',
      'community s/c',
      'grid s/c/g',
    ]);
  });

  it('registers a gateway only where there is an area: elsewhere its alarms would reach nobody', () => {
    expect(run('gateway', 'add', 'gw-1', '--area', 's/nowhere')).toMatchObject({
      status: 2,
      err: expect.stringContaining('没有区域 s/nowhere'),
    });
    expect(run('gateway', 'add', 'gw-1', '--area', 's/c')).toMatchObject({
      status: 0,
      out: expect.stringContaining('网关 gw-1 的认领码'),
    });
  });

  it('turns the key and seals everything anew, and says to back it up', () => {
    const file = path.join(folder, 'data', 'people.key');
    const before = JSON.parse(readFileSync(file, 'utf8')) as { current: string; keys: unknown[] };
    const turned = run('keys', 'rotate');
    expect(turned).toMatchObject({ status: 0, out: expect.stringContaining('备份') });
    const after = JSON.parse(readFileSync(file, 'utf8')) as { current: string; keys: unknown[] };
    expect(after.current).not.toBe(before.current);
    expect(after.keys).toHaveLength(before.keys.length + 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(run('import', table(), '--area', 's/c', '--run', '--skip-errors', '--json').out)).toMatchObject({
      counts: { same: 1 },
    });
    expect(run('audit').status).toBe(0);
  });
});
