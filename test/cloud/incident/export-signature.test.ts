import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { afterAll, expect, it, vi } from 'vitest';
import { main } from '../../../cloud/cli/main.ts';
import { exportText } from '../../../cloud/incident/export-signature.ts';
import { emptyChain, linkLine } from '../../../cloud/incident/timeline.ts';
import { fingerprintOf } from '../../../cloud/registry/audit-signing.ts';
import { signedBy } from '../../../cloud/signing.ts';

function linesOf(id: string, texts: readonly string[]): TimelineLine[] {
  const lines: TimelineLine[] = [];
  for (const [at, zh] of texts.entries())
    lines.push(linkLine(lines.at(-1) ?? emptyChain(id), { kind: 'note', text: { zh }, data: {} }, at));
  return lines;
}

function signer() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { publicKey: pem, signText: (text: Buffer) => sign(null, text, privateKey).toString('base64') };
}

const ours = signer();
const id = 'inc-1';
const timeline = linesOf(id, ['火警', '已派人', '已解除']);
const made = { id, state: 'closed', timeline, merged: [], tasks: [], calls: [], legs: [{ person: 'u-1' }] };
const report = signedBy(ours, made);
type Report = typeof report;

const folder = mkdtempSync('/tmp/yihu-signed-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(exported: unknown, ...options: string[]): Promise<{ code: unknown; said: string }> {
  const file = path.join(folder, 'export.json');
  writeFileSync(file, JSON.stringify(exported));
  return yihu('verify', file, '--lang', 'zh', ...options);
}

async function yihu(...words: string[]): Promise<{ code: unknown; said: string }> {
  let said = '';
  const hear = (text: unknown) => (said += String(text)) !== '';
  const ears = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const ear of ears) ear.mockImplementation(hear);
  try {
    await main(['node', 'yihu-cloud', ...words]);
    return { code: process.exitCode ?? 0, said };
  } finally {
    process.exitCode = undefined;
    for (const ear of ears) ear.mockRestore();
  }
}

const line = (nth: number) => timeline[nth] as TimelineLine;

it.each<[string, (whole: Report) => object, string]>([
  ['a line removed', (whole) => ({ ...whole, timeline: [line(0), line(2)] }), '缺少第 2 行'],
  ['lines in another order', (whole) => ({ ...whole, timeline: [line(1), line(0), line(2)] }), '缺少第 1 行'],
  ['a line twice', (whole) => ({ ...whole, timeline: [line(0), line(0), line(1), line(2)] }), '缺少第 2 行'],
  [
    'a word changed',
    (whole) => ({ ...whole, timeline: [line(0), { ...line(1), text: { zh: '没派人' } }, line(2)] }),
    '第 2 行被改动过',
  ],
  ['a time changed', (whole) => ({ ...whole, timeline: [line(0), { ...line(1), at: 9 }, line(2)] }), '第 2 行被改动过'],
  [
    'a line of another incident',
    (whole) => ({ ...whole, timeline: [...linesOf('inc-2', ['别的事']), line(1), line(2)] }),
    '第 1 行被改动过',
  ],
  ['all of another incident', (whole) => ({ ...whole, id: 'inc-2' }), '第 1 行被改动过'],
  ['every line gone', (whole) => ({ ...whole, timeline: [] }), '缺少第 1 行'],
  [
    'every line gone, and said to be past its term',
    (whole) => ({ ...whole, timeline: [], sealed: { lines: 3, hash: line(2).hash, at: 1 } }),
    '签名与内容不符',
  ],
  ['the end cut off', (whole) => ({ ...whole, timeline: timeline.slice(0, 2) }), '签名与内容不符'],
  ['all of it made anew', (whole) => ({ ...whole, timeline: linesOf(id, ['误报', '没派人', '没事']) }), '签名与内容不符'],
  ['its state changed', (whole) => ({ ...whole, state: 'false-alarm' }), '签名与内容不符'],
  ['who was sent left out', (whole) => ({ ...whole, legs: [] }), '签名与内容不符'],
  ['a field of its own', (whole) => ({ ...whole, note: '后加的' }), '签名与内容不符'],
  ['a signature that is none', (whole) => ({ ...whole, signed: { ...whole.signed, signature: 'AAAA' } }), '签名与内容不符'],
  ['a key that is none', (whole) => ({ ...whole, signed: { ...whole.signed, publicKey: 'x' } }), '签名与内容不符'],
])('tampered with, it is refused: %s', async (_what, tamper, sentence) => {
  const { code, said } = await verify(tamper(report));
  expect([code, said]).toEqual([2, expect.stringContaining(sentence)]);
});

it('as it was made it is whole, in whatever order its fields come, and names the key', async () => {
  const key = fingerprintOf(ours.publicKey);
  const { code, said } = await verify(Object.fromEntries(Object.entries(report).toReversed()), '--key', key);
  expect([code, said]).toEqual([0, expect.stringContaining(key)]);
  expect(JSON.parse((await verify(report, '--json')).said)).toMatchObject({ ok: true, lines: 3, key });
});

it('signed by another, or by nobody, it is not what the key vouches for; without a signature that is said', async () => {
  const key = fingerprintOf(ours.publicKey);
  const forged = signedBy(signer(), { ...made, timeline: linesOf(id, ['误报']) });
  expect(await verify(forged, '--key', key)).toMatchObject({ code: 2, said: expect.stringContaining('与给出的不符') as unknown });
  expect(await verify(made, '--key', key)).toMatchObject({ code: 2, said: expect.stringContaining('没有签名') as unknown });
  expect(await verify(made)).toMatchObject({ code: 0, said: expect.stringContaining('只能证明各行相连') as unknown });
});

it('a call, and its report, are checked as an incident is; what is not there is a slip of the hand', async () => {
  const call = { id: 'call-1', timeline: linesOf('call-1', ['拟定呼叫']) };
  for (const each of [call, { schema: 'yihu.call-report/1', call }, signedBy(ours, { schema: 'yihu.call-report/1', call })])
    expect(await verify(each)).toMatchObject({ code: 0, said: expect.stringContaining('呼叫 call-1 的时间线完整') as unknown });
  expect(await yihu('verify', path.join(folder, 'none.json'))).toMatchObject({ code: 1 });
  expect(await yihu('vrify')).toMatchObject({ code: 1 });
});

it('a checkpoint of the audit is never taken for an export: what is signed begins with what it is', () => {
  expect(exportText(made).toString()).toMatch(/^yihu-export\/1\n[0-9a-f]{64}\n$/);
});
