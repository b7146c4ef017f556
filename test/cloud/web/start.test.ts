import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../cloud/config.ts';
import { isSigned } from '../../../cloud/incident/export-signature.ts';
import { createLog } from '../../../cloud/log.ts';
import { startCloud } from '../../../cloud/main.ts';
import { describeWith } from '../../needs.ts';
import { ownServer } from '../records/servers.ts';
import { Browser, openWorld, raiseSmoke, type World } from './world.ts';

const launcher = path.resolve(import.meta.dirname, '../../../cloud/bin/yihu-cloud.js');

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function yihu(...words: string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const { PATH = '', NODE_COMPILE_CACHE } = process.env;
    const env = { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };
    const child = spawn(process.execPath, [launcher, ...words], { env });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

let world: World;
let folder: string;
beforeAll(async () => {
  world = await openWorld({}, 'embedded');
  folder = mkdtempSync('/tmp/yihu-start-');
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('settings', () => {
  it('are told all their problems at once, each by its path, in both languages', () => {
    const file = path.join(folder, 'cloud.yaml');
    writeFileSync(file, 'listen: nowhere\ndatabaseUrl: mysql://x\nlisen: 127.0.0.1:1\ntlsCert: /no/such.pem\n');
    const result = readConfig({}, { YIHU_PUBLIC_URL: 'yihu.example' }, file);
    expect(result.ok).toBe(false);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map(({ path: at }) => at).toSorted()).toEqual(['databaseUrl', 'lisen', 'listen', 'publicUrl']);
    for (const { message } of problems) expect(message.zh).not.toBe(message.en);
  });

  it('go by flag, then environment, then file', () => {
    const file = path.join(folder, 'order.yaml');
    writeFileSync(file, 'listen: 127.0.0.1:1\nuplinkListen: 127.0.0.1:1\ndata: /from/file\n');
    const result = readConfig({ listen: '127.0.0.1:3' }, { YIHU_LISTEN: '127.0.0.1:2', YIHU_UPLINK_LISTEN: '[::1]:2' }, file);
    expect(result).toMatchObject({
      ok: true,
      config: { listen: { port: 3 }, uplinkListen: { host: '::1', port: 2 }, data: '/from/file' },
    });
  });

  it('stop the start with exit 2 and a sentence for each', async () => {
    const { code, err } = await yihu('run', '--data', folder, '--listen', '99999', '--lang', 'en');
    expect(code).toBe(2);
    expect(err).toContain('listen: is written host:port, such as 127.0.0.1:8080');
  });
});

describe('a start that cannot be', () => {
  it('says that another cloud is on this folder', async () => {
    const { code, err } = await yihu('run', '--data', world.folder, '--lang', 'en');
    expect(code).toBe(2);
    expect(err).toContain('Another Yihu cloud is using');
    expect(err).toContain('--data');
  });

  it('says that the port is taken, and lets go of everything it had opened', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const data = path.join(folder, 'port');
    const uplink = ['--uplink-listen', '127.0.0.1:0'];
    const { code, err } = await yihu('run', '--data', data, '--listen', `127.0.0.1:${port}`, ...uplink);
    expect(code).toBe(2);
    expect(err).toContain(`端口已被占用：127.0.0.1:${port}`);
    expect(err).toContain('--listen');
    await new Promise((resolve) => holder.close(resolve));
    // Nobody was shown a password then, so that the first accounts are made, and shown, by the start that comes up.
    const here = { host: '127.0.0.1', port: 0 };
    const cloud = await startCloud({ data, listen: here, uplinkListen: here, screens: null, log: createLog('silent') });
    // Without --demo nobody who does not exist has a right.
    expect(cloud.accounts?.map(({ account }) => account)).toEqual(['admin']);
    await cloud.stop();
    const added = await yihu('user', 'add', 'after', '--name', '之后', '--role', 'auditor', '--data', data, '--json');
    expect(added.code).toBe(0);
    const nowhere = ['--role', 'auditor', '--area', 'xingfu/nowhere', '--lang', 'en'];
    const refused = await yihu('user', 'add', 'nowhere', '--name', '无处', '--data', data, ...nowhere);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('There is no area xingfu/nowhere')]);
  });

  it('says that the folder cannot be written', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, err } = await yihu('run', '--data', path.join(file, 'data'), '--lang', 'en');
    expect(code).toBe(2);
    expect(err).toContain('cannot be written');
  });

  it('says that the database is not there', async () => {
    const url = 'postgres://yihu:secret-word@127.0.0.1:1/yihu';
    const { code, err, out } = await yihu('run', '--data', folder, '--database-url', url, '--lang', 'en');
    expect(code).toBe(3);
    expect(err).toContain('The database cannot be reached (ECONNREFUSED)');
    expect(err + out).not.toContain('secret-word');
  });
});

describeWith(['postgres'], 'a PostgreSQL of your own', () => {
  it('is told apart: wrong password, no such database', async () => {
    const server = await ownServer('debian');
    const { host, user } = server.connection;
    const url = (password: string, database: string) =>
      `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}&port=5432`;
    const asked = async (address: string) => yihu('audit', '--data', folder, '--database-url', address, '--lang', 'en');
    try {
      const wrong = await asked(url('wrong-secret', 'postgres'));
      expect(wrong).toMatchObject({ code: 3 });
      expect(wrong.err).toContain('refused the user or password');
      expect(wrong.err).not.toContain('wrong-secret');
      expect((await asked(url(server.connection.password ?? '', 'absent'))).err).toContain('has no such database');
      expect((await asked(url(server.connection.password ?? '', 'postgres'))).out).toContain('The audit is whole: 0 rows');
    } finally {
      await server.stop();
    }
  });
});

describe('the command line beside a running cloud', () => {
  it('makes an account that can sign in, and a new password that ends its sessions', async () => {
    const added = await yihu(
      'user',
      'add',
      'zhangwei',
      '--name',
      '张伟',
      '--role',
      'dispatcher',
      '--area',
      'xingfu',
      '--data',
      world.folder,
      '--json',
    );
    const { password } = JSON.parse(added.out) as { password: string };
    const browser = await Browser.signIn(world, 'zhangwei', password);
    const reset = await yihu('user', 'password', 'zhangwei', '--data', world.folder, '--json');
    const { password: renewed } = JSON.parse(reset.out) as { password: string };
    expect((await browser.call('GET', '/api/session')).status).toBe(401);
    await Browser.signIn(world, 'zhangwei', renewed);
    expect((await yihu('user', 'password', 'nobody', '--data', world.folder, '--lang', 'en')).err).toContain(
      'There is no account nobody',
    );
  });

  it('signs the report of an incident over all of it, with the key that auditors are given', async () => {
    await raiseSmoke(world);
    const browser = await Browser.signIn(world, 'wangfang');
    const { body } = await browser.call<{ items: { id: string }[] }>('GET', '/api/incidents');
    const report = (
      await browser.call<{ signed: ExportSignature; state: string }>('GET', `/api/incidents/${body.items[0]?.id}/report`)
    ).body;
    const auditor = await Browser.signIn(world, 'admin');
    const { publicKey } = (await auditor.call<{ publicKey: string }>('GET', '/api/audit/checkpoints')).body;
    expect(report.signed.publicKey).toBe(publicKey);
    expect(isSigned(report, report.signed)).toBe(true);
    expect(isSigned({ ...report, state: 'false-alarm' }, report.signed)).toBe(false);
  });

  it('checks an exported timeline without the server, and names the line that was changed', async () => {
    await raiseSmoke(world);
    const browser = await Browser.signIn(world, 'wangfang');
    const { body } = await browser.call<{ items: { id: string }[] }>('GET', '/api/incidents');
    const exported = (await browser.call<{ timeline: { text: { zh: string } }[] }>('GET', `/api/incidents/${body.items[0]?.id}`))
      .body;
    const file = path.join(folder, 'export.json');
    writeFileSync(file, JSON.stringify(exported));
    expect(await yihu('verify', file, '--json')).toMatchObject({ code: 0 });
    const [line] = exported.timeline;
    if (line) line.text.zh = '什么也没发生';
    writeFileSync(file, JSON.stringify(exported));
    const { code, err } = await yihu('verify', file, '--lang', 'en');
    expect(code).toBe(2);
    expect(err).toContain('Line 1 was changed');
  });
});
