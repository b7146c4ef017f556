import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerServer } from '../modbus/register-server.ts';
import { here } from './here.ts';

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await registerServer('tcp');
  server.holding.set(0x10, 0x4366).set(0x11, 0x3334).set(0x12, 253);
  const create = (...points: string[]) =>
    here(
      'profile',
      'new',
      'acme.m1',
      '--tcp',
      `127.0.0.1:${server.port}`,
      '--folder',
      folder,
      '--json',
      ...points.flatMap((point) => ['--point', point]),
    );
  return { create, file: join(folder, 'acme', 'm1.yaml') };
}

describe('profile new', () => {
  it('writes what was read, proven by what the display showed', async () => {
    const { create, file } = await bench();
    const { code, out } = await create('voltage@0x10:f32:ABCD:1:V=230.2', 'temperature@18:u16:ABCD:0.1:Cel=25.3');
    expect(JSON.parse(out)).toMatchObject({ schema: 'yihu.profile-new/1', file, tier: 'gold' });
    expect(code).toBe(0);
    const tested = await here('profile', 'test', file, '--json');
    expect(tested.code).toBe(0);
    expect(JSON.parse(tested.out)).toMatchObject({ vectors: [{ origin: 'recorded', ok: true }] });
    // One that is there is not written over.
    expect((await create('voltage@0x10:f32:ABCD:1:V=230.2')).code).toBe(2);
  });

  it('calls values synthetic that nobody compared, and writes nothing that the display contradicts', async () => {
    const { create } = await bench();
    expect((await create('voltage@0x10:f32:CDAB:1:V=230.2')).code).toBe(2);
    expect(JSON.parse((await create('voltage@0x10:f32:ABCD:1:V')).out)).toMatchObject({ tier: 'bronze' });
  });

  it('shows the line of a vector that fails', async () => {
    const { create, file } = await bench();
    await create('voltage@0x10:f32:ABCD:1:V=230.2');
    writeFileSync(file, readFileSync(file, 'utf8').replace('voltage: 230.2', 'voltage: 231.9'));
    const { code, out } = await here('profile', 'test', file, '--lang', 'en');
    expect(code).toBe(2);
    expect(out).toMatch(/✗ as its display showed it {2}\(recorded\)\n {4}.*m1\.yaml:\d+ {2}vectors\[0\]\.expect\.voltage/);
    expect(out).toContain('0 of 1 vectors hold.');
  });
});
