import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fingerprintOf, firstForged, isAuditKey } from '../registry/audit-signing.ts';
import { exitCodes, type Output } from './output.ts';

/** What `GET /api/audit/checkpoints` gives, kept as a file. */
export const Checkpoints = z.strictObject({
  schema: z.literal('yihu-audit-checkpoints/1'),
  publicKey: z.string().refine(isAuditKey, 'is not the public part of an Ed25519 key'),
  checkpoints: z.array(z.strictObject({ seq: z.number().int(), hash: z.string(), at: z.number().int(), signature: z.string() })),
});
export type Checkpoints = z.infer<typeof Checkpoints>;

/** The checkpoints of a file, each signed by the key in it and that key the one expected; null where that is said to be wrong. */
export async function readCheckpoints(file: string, key: string | undefined, output: Output): Promise<Checkpoints | null> {
  let kept: Checkpoints;
  try {
    kept = Checkpoints.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    output.fail(exitCodes.usage, { zh: `读不了检查点 ${file}：${why}`, en: `Cannot read the checkpoints ${file}: ${why}` });
    return null;
  }
  const fingerprint = fingerprintOf(kept.publicKey);
  if (key !== undefined && key !== fingerprint) {
    output.fail(exitCodes.problem, {
      zh: `签名密钥是 ${fingerprint}，与给出的不符。`,
      en: `The key that signed is ${fingerprint}, which is not the one given.`,
    });
    return null;
  }
  const forged = firstForged(kept.checkpoints, kept.publicKey);
  if (forged === null) return kept;
  output.fail(
    exitCodes.problem,
    {
      zh: `第 ${forged.seq} 行的检查点签名不对，不可信。`,
      en: `The checkpoint of row ${forged.seq} is not rightly signed and cannot be trusted.`,
    },
    forged,
  );
  return null;
}

/** Without the server: that the checkpoints are signed, and by which key. */
export async function verifyCheckpoints(file: string, key: string | undefined, output: Output): Promise<void> {
  const kept = await readCheckpoints(file, key, output);
  if (kept === null) return;
  const fingerprint = fingerprintOf(kept.publicKey);
  const count = kept.checkpoints.length;
  output.say({ schema: 'yihu.verify/1', ok: true, checkpoints: count, key: fingerprint }, [
    {
      zh: `✓ ${count} 个审计检查点签名有效，密钥 ${fingerprint}`,
      en: `✓ ${count} checkpoints of the audit are rightly signed, key ${fingerprint}`,
    },
  ]);
}
