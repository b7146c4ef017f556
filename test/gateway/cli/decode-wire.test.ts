import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { here } from './here.ts';
import { cli } from './spawn-cli.ts';

/** `decode` of what was on a wire. */

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-wire-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answer = '01 03 04 02 92 FF 9B 5A 3D';
const monitor = `[12:00:01.123] COM3 9600 8N1 TX (8): 01 03 00 00 00 02 C4 0B\n[12:00:01.160] COM3 9600 8N1 RX (9): ${answer}\n`;

async function decode(...args: string[]): Promise<{ code: number; document: Record<string, unknown> }> {
  const { code, out } = await here('decode', ...args, '--json');
  return { code, document: JSON.parse(out) as Record<string, unknown> };
}

describe('decode --wire', () => {
  it('a frame in both languages, as processes', async () => {
    const [zh, en] = await Promise.all([
      cli(['decode', '--wire', 'modbus-rtu', '--hex', answer, '--lang', 'zh']),
      cli(['decode', '--hex', answer, '--lang', 'en']),
    ]);
    expect([zh.code, zh.err, en.code, en.err]).toEqual([0, '', 0, '']);
    expect(zh.out).toContain('协议 modbus-rtu\n\n01 03 04 02 92 FF 9B 5A 3D\n');
    expect(zh.out).toMatch(/^ {2}function {5}03 {5}读保持寄存器，应答$/m);
    expect(en.out).toMatch(/^ {2}register \+0 {2}02 92 {2}658$/m);
  }, 60_000);

  it('a monitor’s record with a profile: its frames, and what they mean', async () => {
    const file = join(folder, 'monitor.log');
    writeFileSync(file, monitor);
    const { code, document } = await decode('--wire', 'modbus-rtu', '--profile', 'generic.rs-ws', file);
    expect([code, document['schema'], (document['frames'] as unknown[]).length, document['rest']]).toEqual([
      0,
      'yihu.decode-wire/1',
      2,
      [],
    ]);
    expect(document['points']).toEqual([
      expect.objectContaining({ point: 'humidity', value: 65.8 }),
      expect.objectContaining({ point: 'temperature', value: -10.1 }),
    ]);
  });

  it('from standard input', async () => {
    const child = spawn(process.execPath, ['gateway/bin/yihu-gateway.js', 'decode', '-', '--json']);
    child.stdin.end(monitor);
    const said = await new Promise<string>((resolve) => {
      let out = '';
      child.stdout.on('data', (chunk) => (out += String(chunk)));
      child.on('close', () => resolve(out));
    });
    expect(JSON.parse(said)).toMatchObject({ wire: 'modbus-rtu', frames: [{}, {}] });
  }, 60_000);

  it.each([
    ['a wrong checksum', ['--wire', 'modbus-rtu', '--hex', '01 03 04 02 92 FF 9B 5A 3E'], 2, 'wrong-crc'],
    ['a frame of another wire', ['--wire', 'cjt188', '--hex', answer], 2, 'no-start'],
    ['no hex at all', ['--wire', 'mbus', '--hex', 'zzz'], 2, 'nothing'],
    ['no hex at all, for whichever wire', ['--hex', 'zzz'], 2, 'nothing'],
    ['a digit too few', ['--hex', '010'], 2, 'nothing'],
    ['half a frame', ['--wire', 'gb26875', '--hex', '40 40 01'], 2, 'too-short'],
  ])('%s is 2 and says why', async (_name, args, exitCode, reason) => {
    const { code, document } = await decode(...args);
    expect([code, document['reason']]).toEqual([exitCode, reason]);
    expect(document['error']).toEqual({ zh: expect.stringMatching(/。/), en: expect.stringMatching(/^[^\p{Script=Han}]+$/u) });
  });

  it('one wrong among right ones: all are shown, and the exit code says so', async () => {
    const { code, document } = await decode('--wire', 'modbus-rtu', '--hex', `${answer}\n01 03 04 02 92 FF 9B 5A 3E`);
    expect([code, document['rest']]).toEqual([2, [expect.objectContaining({ code: 'wrong-crc' })]]);
  });

  it.each([
    [['--wire', 'dlt'], /想写 dlt645/],
    [['--wire', 'modbus'], /想写 modbus-rtu/],
    [['--hex', ''], /没有报文/],
  ])('%j is a slip', async (args, said) => {
    const { code, document } = await decode(...args, ...(args[0] === '--wire' ? ['--hex', '00'] : []));
    expect([code, (document['error'] as { zh: string }).zh]).toEqual([1, expect.stringMatching(said)]);
  });

  it('a file that is not there, a profile that is not there', async () => {
    const [file, profile] = [await decode('/none.log'), await decode('--hex', answer, '--profile', 'none.none')];
    expect([file.code, profile.code]).toEqual([2, 2]);
  });

  it('text that would command a terminal is shown as hex', async () => {
    const { out } = await here('decode', '--wire', 'megatec', '--text', '(215.0 \u001B]0;x\u0007', '--lang', 'en');
    expect(out).not.toContain('\u001B');
  });
});
