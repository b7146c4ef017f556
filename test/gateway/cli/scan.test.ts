import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../../gateway/lock.ts';
import { registerServer } from '../modbus/register-server.ts';
import { here } from './here.ts';

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-scan-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('scan', () => {
  it('leaves a line alone that a running gateway owns, under whatever name', async () => {
    const folder = folderOf();
    const site = join(folder, 'gateway.yaml');
    writeFileSync(site, 'data: data\nports:\n  - {id: bus-7, driver: line, mode: tcp, host: 10.0.0.9, port: 4196}\n');
    mkdirSync(join(folder, 'data'));
    onTestFinished(lockFolder(join(folder, 'data')));
    expect(readFileSync(join(folder, 'data', 'gateway.pid'), 'utf8')).toContain(String(process.pid));
    // Whoever holds the lock does not answer: then nobody asks.
    expect((await here('scan', 'serial', '10.0.0.9:4196', '--site', site, '--json')).code).toBe(3);
    const asked = [['probe'], ['read', '--table', 'holding', '--at', '0']];
    for (const words of asked) {
      const { code, out } = await here(...words, '--rtu-tcp', '10.0.0.9:4196', '--site', site, '--json');
      expect(code).toBe(2);
      expect((JSON.parse(out) as { error: { en: string } }).error.en).toContain(`process ${process.pid}, port bus-7`);
    }
  });

  it('of a network ends with lines for the site file and the next command', async () => {
    const server = await registerServer('tcp');
    const words = ['scan', 'tcp', '--subnet', '127.0.0.1/32', '--port', String(server.port)];
    const { code, out } = await here(...words, '--json');
    expect(code).toBe(0);
    const said = JSON.parse(out) as Record<string, unknown>;
    expect(said).toMatchObject({
      schema: 'yihu.scan-tcp/1',
      found: [{ host: '127.0.0.1', port: server.port, speaks: 'modbus-tcp' }],
      undeclared: ['127.0.0.1/32'],
    });
    expect(said['lines']).toEqual([
      'ports:',
      `  - {id: p-127-0-0-1-${server.port}, driver: modbus, host: 127.0.0.1, port: ${server.port}}`,
    ]);
    expect((await here(...words, '--lang', 'zh')).out).toContain('下一步，看是什么型号：yihu-gateway probe --tcp');
  });

  it.each([
    [['scan', 'tcp', '--site', '/none.yaml', '--json'], '--subnet'],
    [['scan', 'tcp', '--subnet', '10.0.0.0/8', '--json'], '/22'],
  ])('%j is a slip', async (words, hint) => {
    const { code, out } = await here(...words);
    expect(code).toBe(1);
    expect(out).toContain(hint);
  });
});
