import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoints } from '../../../cloud/cli/verify-checkpoints.ts';
import { auditRecords } from '../../../cloud/records/audit.ts';
import { firstDisagreeing, listCheckpoints, signAudit } from '../../../cloud/records/audit-checkpoints.ts';
import { type Checkpoint, fingerprintOf, firstForged, openAuditSigner } from '../../../cloud/registry/audit-signing.ts';
import { embeddedServer } from '../records/servers.ts';
import { type Bench, openWorkshop, t0, type Workshop } from '../records/workshop.ts';

const folder = mkdtempSync('/tmp/yihu-audit-');
afterAll(() => rmSync(folder, { recursive: true }));

const point = (seq: number): Checkpoint => ({ seq, hash: 'a'.repeat(64), at: t0 + seq });
const entry = {
  at: t0,
  actor: 'u-li',
  account: 'li',
  role: 'admin',
  area: '',
  action: 'GET /x',
  object: '/x',
  result: '200',
  ip: '127.0.0.1',
  detail: {},
};

describe('a signed checkpoint', () => {
  it('is of a key made once, that nobody else can read', async () => {
    const first = await openAuditSigner(folder);
    const again = await openAuditSigner(folder);
    expect(again.publicKey).toBe(first.publicKey);
    expect(statSync(join(folder, 'audit.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'audit.key'), 'utf8')).toContain('PRIVATE KEY');
    expect(first.publicKey).not.toContain('PRIVATE');
    expect(fingerprintOf(first.publicKey)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is refused where any of it was changed, in a wrong order, or by another key', async () => {
    const signer = await openAuditSigner(folder);
    const signed = [1, 5, 9].map((seq) => signer.sign(point(seq)));
    const [one, five, nine] = signed;
    if (!one || !five || !nine) throw new Error('three were signed');
    expect(firstForged(signed, signer.publicKey)).toBeNull();
    for (const forged of [
      { ...five, seq: 6 },
      { ...five, hash: 'b'.repeat(64) },
      { ...five, at: 1 },
      { ...five, signature: '' },
    ])
      expect(firstForged([one, forged, nine], signer.publicKey)).toEqual(forged);
    expect(firstForged([five, one], signer.publicKey)).toEqual(one);
    const other = await openAuditSigner(join(folder, 'other'));
    expect(firstForged(signed, other.publicKey)).toEqual(one);
  });

  it('is read from a file only where it is signed by the key expected', async () => {
    const signer = await openAuditSigner(folder);
    const file = join(folder, 'kept.json');
    const failures: string[] = [];
    const output = {
      language: 'en' as const,
      say: () => undefined,
      note: () => undefined,
      fail: (_code: number, { en = '' }) => void failures.push(en),
    };
    const keep = (value: object) => writeFileSync(file, JSON.stringify(value));
    const kept = { schema: 'yihu-audit-checkpoints/1', publicKey: signer.publicKey, checkpoints: [signer.sign(point(3))] };
    keep(kept);
    expect(await readCheckpoints(file, fingerprintOf(signer.publicKey), output)).toEqual(kept);
    expect(failures).toEqual([]);
    expect(await readCheckpoints(file, '00', output)).toBeNull();
    keep({ ...kept, checkpoints: [{ ...kept.checkpoints[0], seq: 4 }] });
    expect(await readCheckpoints(file, undefined, output)).toBeNull();
    keep({ ...kept, publicKey: 'none' });
    expect(await readCheckpoints(file, undefined, output)).toBeNull();
    keep({ schema: 'else' });
    expect(await readCheckpoints(file, undefined, output)).toBeNull();
    expect(failures).toHaveLength(4);
  });
});

describe('the audit and its checkpoints', () => {
  let workshop: Workshop;
  let bench: Bench;
  beforeAll(async () => {
    workshop = await openWorkshop(embeddedServer);
    bench = await workshop.fresh();
  });
  afterAll(async () => {
    await bench.close();
    await workshop.stop();
  });

  it('signs what is new, and finds out whoever rewrites or shortens the whole chain', async () => {
    const { db } = bench.database;
    const signer = await openAuditSigner(folder);
    const audit = auditRecords(db);
    expect(await signAudit(db, signer, t0)).toBeNull();
    for (const result of ['200', '201']) await audit.append({ ...entry, result });
    const signed = await Promise.all([signAudit(db, signer, t0), signAudit(db, signer, t0)]);
    expect(signed.filter((one) => one !== null)).toHaveLength(1);
    expect(await signAudit(db, signer, t0 + 1)).toBeNull();
    await audit.append(entry);
    await signAudit(db, signer, t0 + 2);
    const kept = await listCheckpoints(db, 0, 100);
    expect(kept.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(await listCheckpoints(db, 2, 100)).toMatchObject([{ seq: 3 }]);
    expect(firstForged(kept, signer.publicKey)).toBeNull();
    expect(await firstDisagreeing(db, kept)).toBeNull();
    await expect(sql`delete from audit_checkpoint`.execute(db)).rejects.toThrow('append-only');

    // Whoever owns the database takes the guards away and writes a chain that is whole in itself.
    await sql`alter table audit disable trigger user`.execute(db);
    await sql`delete from audit`.execute(db);
    await audit.append({ ...entry, result: '200' });
    await audit.append({ ...entry, result: '403' });
    expect(await audit.verify()).toMatchObject({ ok: true, rows: 2 });
    expect(await firstDisagreeing(db, kept)).toMatchObject({ seq: 2 });
    expect(await firstDisagreeing(db, kept.slice(1))).toMatchObject({ seq: 3 });
  });
});
