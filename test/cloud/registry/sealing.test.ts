import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyProblem, newRing, readKeyFile, turned, writeKeyFile } from '../../../cloud/registry/key-file.ts';
import { type KnownKeys, openKeys } from '../../../cloud/registry/open-keys.ts';
import { createSealer, keyedHash, SealBroken } from '../../../cloud/registry/sealing.ts';

describe('a sealed value', () => {
  const ring = newRing(1);
  const sealer = createSealer(ring);

  it('opens as what it was, and is never the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [one, two] = [sealer.seal('p-1', 'phone', text), sealer.seal('p-1', 'phone', text)];
        expect(sealer.open('p-1', 'phone', one)).toBe(text.toWellFormed());
        expect(one.equals(two)).toBe(false);
        if (text.length > 3) expect(one.includes(Buffer.from(text))).toBe(false);
      }),
    );
  });

  it('opens nowhere else: not for another person, not as another field, not with another key, not after a change', () => {
    const sealed = sealer.seal('p-1', 'phone', '13812345678');
    expect(() => sealer.open('p-2', 'phone', sealed)).toThrow(SealBroken);
    expect(() => sealer.open('p-1', 'idNumber', sealed)).toThrow(SealBroken);
    expect(() => createSealer(newRing(2)).open('p-1', 'phone', sealed)).toThrow('not in the key file');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = Buffer.from(sealed);
        broken[at] = (broken[at] ?? 0) ^ change;
        expect(() => sealer.open('p-1', 'phone', broken)).toThrow(SealBroken);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => sealer.open('p-1', 'phone', Buffer.from(bytes))).toThrow(SealBroken);
      }),
    );
  });

  it('is found by an index that needs the key and keeps kinds apart', () => {
    expect(sealer.index('phone', '1')).toEqual(createSealer(ring).index('phone', '1'));
    expect(sealer.index('phone', '1')).not.toEqual(sealer.index('id', '1'));
    expect(sealer.index('phone', '1')).not.toEqual(createSealer(newRing(1)).index('phone', '1'));
    expect(sealer.index('phone', '1')).toHaveLength(16);
    expect(BigInt(sealer.token('wj'))).toBeLessThan(1n << 63n);
  });

  it('is found by an HMAC like any other (RFC 4231, and whatever Node makes of the same)', () => {
    const key = Buffer.alloc(20, 0x0b);
    expect(keyedHash(key)('Hi There').toString('hex')).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
    expect(keyedHash(Buffer.from('Jefe'))('what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.string({ unit: 'grapheme' }), (secret, text) => {
        const wanted = createHmac('sha256', secret).update(text).digest('hex');
        expect(keyedHash(Buffer.from(secret))(text).toString('hex')).toBe(wanted);
      }),
    );
  });

  it('outlives a turn of the keys: old ones open, new ones seal, and a process that has not heard of it asks the file', () => {
    const sealed = sealer.seal('p-1', 'phone', '13812345678');
    const next = turned(ring, 2);
    const after = createSealer(next);
    expect(after.open('p-1', 'phone', sealed)).toBe('13812345678');
    expect(after.isOld(sealed)).toBe(true);
    expect(after.isOld(after.seal('p-1', 'phone', '1'))).toBe(false);
    expect(after.index('phone', '1')).toEqual(sealer.index('phone', '1'));
    const unaware = createSealer(ring, () => next);
    expect(unaware.open('p-1', 'phone', after.seal('p-1', 'phone', 'new'))).toBe('new');
  });
});

describe('the key file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync('/tmp/yihu-keys-');
    file = path.join(folder, 'people.key');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What a database would remember, in memory. */
  function remembered() {
    const proofs = new Map<string, Buffer>();
    const known: KnownKeys = { proofs, add: async (id, proof) => void proofs.set(id, proof) };
    return { proofs, alone: <T>(run: (keys: KnownKeys) => Promise<T>) => run(known) };
  }
  const codeOf = async (opening: Promise<unknown>) => {
    const error: unknown = await opening.then(
      () => null,
      (reason: unknown) => reason,
    );
    return error instanceof KeyProblem ? error.code : error;
  };

  it('is made at the first start, for its owner alone, and is the same from then on', async () => {
    const records = remembered();
    const first = await openKeys(file, records, 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await openKeys(file, records, 2);
    expect(second.sealer.open('p', 'f', first.sealer.seal('p', 'f', 'x'))).toBe('x');
    expect(second.ring.index.equals(first.ring.index)).toBe(true);
    const said = JSON.stringify([...records.proofs].map(([id, proof]) => [id, proof.toString('base64')]));
    expect(said).not.toContain(first.ring.keys[0]?.secret.toString('base64').slice(0, 12));
    expect(said).not.toContain(first.ring.index.toString('base64').slice(0, 12));
  });

  it('is asked for, and never made anew, once anything may be sealed with it', async () => {
    const records = remembered();
    await openKeys(file, records, 1);
    rmSync(file);
    expect(await codeOf(openKeys(file, records, 2))).toBe('missing');
    expect(existsSync(file)).toBe(false);
    await writeKeyFile(file, newRing(3));
    expect(await codeOf(openKeys(file, records, 3))).toBe('other-key');
  });

  it('with the right sealing key and another index key is not the one', async () => {
    const records = remembered();
    const { ring } = await openKeys(file, records, 1);
    await writeKeyFile(file, { ...ring, index: newRing(2).index });
    expect(await codeOf(openKeys(file, records, 2))).toBe('other-key');
  });

  it.each([0o640, 0o604, 0o644, 0o660, 0o601])('with mode %o is not used', async (mode) => {
    await writeKeyFile(file, newRing(1));
    chmodSync(file, mode);
    expect(await codeOf(openKeys(file, remembered(), 1))).toBe('open-to-others');
  });

  it('is a plain file with everything in it, and what is wrong is said without a word of what stands there', async () => {
    await writeKeyFile(file, newRing(1));
    const good = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    for (const text of [
      '',
      '{',
      '[]',
      JSON.stringify({ ...good, current: 'ffffffff' }),
      JSON.stringify({ ...good, index: 'QUJD' }),
    ]) {
      writeFileSync(file, text, { mode: 0o600 });
      expect(await codeOf(openKeys(file, remembered(), 1)), text).toBe('not-a-key-file');
      await expect(openKeys(file, remembered(), 1)).rejects.toThrow(/^(?!.*QUJD)/);
    }
    rmSync(file);
    symlinkSync('/etc/hostname', file);
    expect(() => readKeyFile(file)).toThrow(KeyProblem);
  });
});
