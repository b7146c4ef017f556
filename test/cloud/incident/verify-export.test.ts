import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../cloud/cli/main.ts';
import { emptyChain, linkLine } from '../../../cloud/incident/timeline.ts';
import { type Exported, verifyExported } from '../../../cloud/incident/verify-export.ts';

type Draft = { kind?: TimelineLine['kind']; data?: TimelineLine['data'] };

function chain(id: string, drafts: readonly Draft[]): { id: string; timeline: TimelineLine[] } {
  const timeline: TimelineLine[] = [];
  for (const [index, { kind = 'note', data = {} }] of drafts.entries())
    timeline.push(linkLine(timeline.at(-1) ?? emptyChain(id), { kind, text: { zh: `第 ${index + 1} 行` }, data }, index));
  return { id, timeline };
}

const endOf = ({ timeline }: { timeline: readonly TimelineLine[] }) => {
  const { seq = 0, hash = '' } = timeline.at(-1) ?? {};
  return { seq, hash };
};
const takes = (other: { id: string; timeline: readonly TimelineLine[] }): Draft => ({
  kind: 'state',
  data: { move: 'merge', incident: other.id, ...endOf(other) },
});

/** A leak became part of a fire, and that part of a power cut; a call of it was told. */
const leak = chain('inc-leak', [{}, {}, { kind: 'state', data: { move: 'merge', into: 'inc-fire' } }]);
const fire = chain('inc-fire', [{}, takes(leak), { kind: 'state', data: { move: 'merge', into: 'inc-power' } }]);
const call = chain('call-1', [{}, { kind: 'state' }]);
const told: Draft = { kind: 'call', data: { call: 'call-1', ...endOf(call) } };
const power = chain('inc-power', [{}, takes(fire), told]);
const report = { ...power, merged: [leak, fire], tasks: [], calls: [call] };

describe('an export of merged incidents', () => {
  it('proves all of them', () => expect(verifyExported(report)).toEqual({ ok: true, head: endOf(power), unproven: [] }));

  it.each<[string, Partial<Exported>, object]>([
    ['the other', { merged: [leak] }, { why: 'left-out', what: 'incident', id: 'inc-fire', seq: 3 }],
    ['what was in the other', { merged: [fire] }, { why: 'left-out', id: 'inc-leak', hash: endOf(leak).hash }],
    ['all of them', { merged: [] }, { why: 'left-out', id: 'inc-fire' }],
    ['the call', { calls: [] }, { why: 'left-out', what: 'call', id: 'call-1' }],
    ['every line of the other', { merged: [leak, { ...fire, timeline: [] }] }, { why: 'missing', seq: 3 }],
    ['the end of the other', { merged: [leak, { ...fire, timeline: fire.timeline.slice(0, 2) }] }, { why: 'missing', seq: 3 }],
    ['another in its place', { merged: [leak, chain('inc-fire', [{}, {}, {}])] }, { why: 'changed', seq: 3 }],
  ])('left out: %s', (_what, change, verdict) =>
    expect(verifyExported({ ...report, ...change })).toMatchObject({ ok: false, ...verdict }),
  );

  it('says what it cannot prove: the incident alone, what is past its term, what was bound by an older version', () => {
    const { merged: _merged, calls: _calls, ...alone } = report;
    expect(verifyExported(alone)).toMatchObject({
      ok: true,
      unproven: [
        { what: 'incident', id: 'inc-fire', why: 'not-exported', lines: 3, hash: endOf(fire).hash },
        { what: 'call', id: 'call-1', why: 'not-exported', lines: 2 },
      ],
    });
    const { seq, hash } = endOf(fire);
    const past = (lines: number, end: string) => ({
      ...report,
      merged: [leak, { ...fire, timeline: [], sealed: { lines, hash: end } }],
    });
    expect(verifyExported(past(seq, hash))).toMatchObject({ ok: true, unproven: [{ id: 'inc-leak', why: 'unnamed' }] });
    expect(verifyExported(past(seq + 2, 'later'))).toMatchObject({ unproven: [{ id: 'inc-fire', why: 'forgotten' }, {}] });
    expect(verifyExported(past(seq, 'another'))).toMatchObject({ ok: false, why: 'changed' });
    const old = chain('inc-power', [{}, { kind: 'state', data: { move: 'merge', incident: 'inc-fire' } }]);
    expect(verifyExported({ ...report, ...old, calls: [] })).toMatchObject({
      ok: true,
      unproven: [{ id: 'inc-fire', why: 'headless' }],
    });
    const stranger = chain('inc-other', [{}]);
    expect(verifyExported({ ...report, merged: [...report.merged, stranger] })).toMatchObject({
      unproven: [{ id: 'inc-other', why: 'unnamed' }],
    });
  });
});

describe('yihu-cloud verify', () => {
  const folder = mkdtempSync('/tmp/yihu-verify-');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const verify = async (exported: object, ...options: string[]) => {
    const file = path.join(folder, 'export.json');
    writeFileSync(file, JSON.stringify(exported));
    let said = '';
    const hear = (text: unknown) => (said += String(text)) !== '';
    const ears = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    for (const ear of ears) ear.mockImplementation(hear);
    try {
      await main(['node', 'yihu-cloud', 'verify', file, '--lang', 'zh', ...options]);
      return { code: process.exitCode ?? 0, said };
    } finally {
      process.exitCode = undefined;
      for (const ear of ears) ear.mockRestore();
    }
  };

  it('names what was left out and fails; names what it cannot prove and does not', async () => {
    const { code, said } = await verify({ ...report, merged: [leak] });
    expect([code, said]).toEqual([2, expect.stringContaining('并入的事件 inc-fire 的全部 3 行被略去')]);
    const { merged: _merged, ...alone } = report;
    const old = await verify(alone);
    expect([old.code, old.said]).toEqual([0, expect.stringContaining('不在这份导出里')]);
    expect(JSON.parse((await verify(alone, '--json')).said)).toMatchObject({
      ok: true,
      whole: false,
      unproven: [{ id: 'inc-fire' }],
    });
    expect(JSON.parse((await verify(report, '--json')).said)).toMatchObject({ ok: true, whole: true, unproven: [] });
  });
});
