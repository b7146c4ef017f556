import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUse, lockFolder } from '../../gateway/lock.ts';

describe('the lock of a data folder', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-lock-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = () => join(folder, 'gateway.pid');

  it('is held by the process that runs, and free when that process is gone', async () => {
    const lock = new URL('../../gateway/lock.ts', import.meta.url).href;
    const code = `const { lockFolder } = await import(${JSON.stringify(lock)}); lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000)`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(() => lockFolder(folder)).toThrow(FolderInUse);
    other.kill('SIGKILL');
    await once(other, 'exit');
    lockFolder(folder)();
  });

  it('is not held by another process that was given the same id', () => {
    writeFileSync(file(), `${process.ppid} 00000000-0000-0000-0000-000000000000/12345`);
    lockFolder(folder);
    expect(readFileSync(file(), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  });

  it.each(['', 'x y', '-1 z', '1'])('«%s» in the file holds nothing', (text) => {
    writeFileSync(file(), text);
    lockFolder(folder)();
  });
});
