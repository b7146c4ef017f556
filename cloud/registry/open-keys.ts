import { KeyProblem, newRing, readKeyFile, writeKeyFile } from './key-file.ts';
import { createSealer, type KeyRing, proofOf, type Sealer } from './sealing.ts';

/** The keys the database knows of, by what they left there. */
export interface KeyRecords {
  /** Runs alone among all processes that open the same registry. */
  alone<T>(run: (known: KnownKeys) => Promise<T>): Promise<T>;
}

export interface KnownKeys {
  readonly proofs: ReadonlyMap<string, Buffer>;
  add(id: string, proof: Buffer, at: number): Promise<void>;
}

export interface OpenKeys {
  readonly ring: KeyRing;
  readonly sealer: Sealer;
}

/** The key of the indexes has no id of its own in the file; in the database its proof stands under this one. */
const indexId = 'index';

/**
 * The keys of this registry: made at the first start, and from then on the same ones or nothing.
 * @throws KeyProblem where the file is missing though the database has sealed values, is not the one that sealed them, or
 * can be read by others.
 */
export function openKeys(file: string, records: KeyRecords, at: number): Promise<OpenKeys> {
  return records.alone(async (known) => {
    const found = readKeyFile(file);
    if (found === null && known.proofs.size > 0) throw new KeyProblem('missing', file);
    const ring = found ?? newRing(at);
    const all = [...ring.keys, { id: indexId, secret: ring.index, madeAt: at }];
    const wrong = [...known.proofs].filter(([id, proof]) => {
      const key = all.find((one) => one.id === id);
      return key === undefined || !proof.equals(proofOf(key));
    });
    if (wrong.length > 0) throw new KeyProblem('other-key', wrong.map(([id]) => id).join(', '));
    // The file first: a key in the database that is in no file would lock the registry for good.
    if (found === null) await writeKeyFile(file, ring);
    for (const key of all) if (!known.proofs.has(key.id)) await known.add(key.id, proofOf(key), key.madeAt);
    return { ring, sealer: createSealer(ring, () => readKeyFile(file)) };
  });
}
