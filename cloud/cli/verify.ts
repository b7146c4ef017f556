import { readFile } from 'node:fs/promises';
import { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import { type ExportVerdict, type Unproven, verifyExported } from '../incident/verify-export.ts';
import { firstDisagreeing } from '../records/audit-checkpoints.ts';
import { verifyAudit } from '../records/audit.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';
import { readCheckpoints, verifyCheckpoints } from './verify-checkpoints.ts';
import { checkSignature } from './verify-signature.ts';

/**
 * What is exported is the incident as `GET /api/incidents/:id` gives it, or its report; only ids and timelines matter here. A task
 * of an incident has no chain of its own: its steps stand on the incident's.
 */
const Sealed = z.strictObject({ lines: z.number().int(), hash: z.string(), at: z.number().int() });
const Chain = z.looseObject({ id: z.string(), timeline: z.array(TimelineLine), sealed: Sealed.optional() });
const Export = Chain.extend({
  merged: z.array(Chain).optional(),
  tasks: z.array(Chain).optional(),
  calls: z.array(Chain).optional(),
});
/** What is exported of a call is the call as `GET /api/calls/:id` gives it, or its report. */
const CallReport = z.looseObject({ schema: z.literal('yihu.call-report/1'), call: Chain });
const Signed = z.looseObject({ signed: ExportSignature.optional() });

interface ReadExport {
  /** As it was written, for the signature. */
  readonly document: z.infer<typeof Signed>;
  readonly chains: z.infer<typeof Export>;
}

export function addVerify(program: Command): void {
  program
    .command('verify')
    .argument('<export.json>', '导出的事件或呼叫 / an exported incident or call')
    .option('--head <hash>', '最后一行应有的哈希 / the hash its last line should have')
    .option('--key <fingerprint>', '签名密钥应有的指纹 / the fingerprint the key should have')
    .description('核对导出是否完整、未被改动；不需要服务器 / checks an export without the server')
    .action((file: string, options: Wanted, command: Command) => verifyExport(file, options, outputOf(command)));
  program
    .command('verify-checkpoints')
    .argument('<checkpoints.json>', '保存的审计检查点 / kept checkpoints of the audit')
    .option('--key <fingerprint>', '签名密钥应有的指纹 / the fingerprint the key should have')
    .description('核对审计检查点的签名；不需要服务器 / checks the signatures of the checkpoints without the server')
    .action((file: string, options: { key?: string }, command: Command) =>
      verifyCheckpoints(file, options.key, outputOf(command)),
    );
  withSettings(program.command('audit'))
    .option('--checkpoints <file>', '另存的检查点，一并核对 / checkpoints kept elsewhere, checked as well')
    .description('核对审计链 / checks the chain of the audit')
    .action((options: { checkpoints?: string }, command: Command) => checkAudit(command, options.checkpoints));
}

/** What somebody knows of the export by another way. */
interface Wanted {
  readonly head?: string;
  readonly key?: string;
}

async function verifyExport(file: string, { head: wanted, key }: Wanted, output: Output): Promise<void> {
  const read = await readExport(file, output);
  if (read === null) return;
  const { chains: exported, document } = read;
  const verdict = verifyExported(exported);
  if (!verdict.ok) {
    const { zh, en } = faultText(verdict);
    return output.fail(
      exitCodes.problem,
      { zh: `${zh}，这份导出不可信。请向平台重新导出。`, en: `${en}; this export cannot be trusted. Export it again.` },
      verdict,
    );
  }
  if (wanted !== undefined && wanted !== verdict.head.hash) {
    const zh = '末行哈希与给出的不符：末尾可能被截去。';
    return output.fail(
      exitCodes.problem,
      { zh, en: 'The last hash is not the one given: lines may have been cut off the end.' },
      verdict,
    );
  }
  const signature = checkSignature(document, document.signed, key);
  if (!signature.ok) return output.fail(exitCodes.problem, signature.text, { ok: false, why: 'signature' });
  if (exported.sealed !== undefined && exported.timeline.length === 0) return saySealed(exported.id, exported.sealed, output);
  const { seq, hash } = verdict.head;
  const { unproven } = verdict;
  const whole = unproven.length === 0;
  output.say(
    { schema: 'yihu.verify/1', ok: true, incident: exported.id, lines: seq, head: hash, key: signature.key, whole, unproven },
    [
      {
        zh: `✓ ${exported.id.startsWith('call-') ? '呼叫' : '事件'} ${exported.id} 的时间线完整：${seq} 行，末行哈希 ${hash}`,
        en: `✓ The timeline of ${exported.id} is whole: ${seq} lines, last hash ${hash}`,
      },
      ...unproven.map(unprovenText),
      signature.text,
    ],
  );
}

function faultText(verdict: Extract<ExportVerdict, { ok: false }>): { zh: string; en: string } {
  const { seq } = verdict;
  if (verdict.why === 'left-out') {
    const [zh, en] = verdict.what === 'call' ? ['呼叫', 'call'] : ['并入的事件', 'merged incident'];
    return {
      zh: `${zh} ${verdict.id} 的全部 ${seq} 行被略去`,
      en: `The ${en} ${verdict.id} is left out with its ${seq} lines`,
    };
  }
  if (verdict.why === 'missing') return { zh: `缺少第 ${seq} 行`, en: `Line ${seq} is missing` };
  return { zh: `第 ${seq} 行被改动过`, en: `Line ${seq} was changed` };
}

function unprovenText({ what, id, why, lines, hash }: Unproven): { zh: string; en: string } {
  const [zhName, enName] = what === 'call' ? ['呼叫', 'call'] : ['并入的事件', 'merged incident'];
  const [zh, en] = {
    'not-exported': [
      `不在这份导出里，无法核对：当时 ${lines ?? '?'} 行，末行哈希 ${hash ?? '?'}。请导出事后报告（report）再核对`,
      `is not in this export and cannot be proven: ${lines ?? '?'} lines then, last hash ${hash ?? '?'}. Export the report to check it`,
    ],
    forgotten: [
      `的各行已过保存期限，无法核对：当时 ${lines ?? '?'} 行，末行哈希 ${hash ?? '?'}`,
      `is past its term and cannot be proven: ${lines ?? '?'} lines then, last hash ${hash ?? '?'}`,
    ],
    headless: [
      `在并入时没有记下行数和哈希（旧版本），无法核对是否完整`,
      `was named without its length and hash (an older version), so it cannot be proven that it is whole`,
    ],
    unnamed: [`没有任何一行提到，无法证明它属于这个事件`, `is named by no line, so nothing proves that it belongs here`],
  }[why] as [string, string];
  return { zh: `  ${zhName} ${id} ${zh}`, en: `  The ${enName} ${id} ${en}` };
}

/** Past their term the lines are gone; an export made before them is held against the hash that was kept. */
function saySealed(incident: string, { lines, hash }: z.infer<typeof Sealed>, output: Output): void {
  output.say({ schema: 'yihu.verify/1', ok: true, incident, lines: 0, sealed: { lines, hash } }, [
    {
      zh: `事件 ${incident} 的时间线已过保存期限，共 ${lines} 行已删除，封存时末行哈希 ${hash}。核对更早的导出：yihu-cloud verify <导出> --head ${hash}`,
      en: `The timeline of ${incident} is past its term: its ${lines} lines are gone; the last hash was ${hash}. To check an earlier export: yihu-cloud verify <export> --head ${hash}`,
    },
  ]);
}

async function readExport(file: string, output: Output): Promise<ReadExport | null> {
  try {
    const text = JSON.parse(await readFile(file, 'utf8')) as unknown;
    const report = CallReport.safeParse(text);
    const parsed = Export.safeParse(report.success ? report.data.call : text);
    const document = Signed.safeParse(text);
    if (parsed.success && document.success) return { document: document.data, chains: parsed.data };
    const [issue] = parsed.error?.issues ?? document.error?.issues ?? [];
    const where = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
    output.fail(exitCodes.problem, {
      zh: `${file} 不是导出的事件或呼叫：${where}`,
      en: `${file} is not an exported incident or call: ${where}`,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    output.fail(exitCodes.usage, { zh: `读不了 ${file}：${why}`, en: `Cannot read ${file}: ${why}` });
  }
  return null;
}

async function checkAudit(command: Command, file: string | undefined): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  const kept = file === undefined ? undefined : await readCheckpoints(file, undefined, output);
  if (kept === null) return;
  try {
    const { verdict, disagreeing } = await withDatabase(settings, async ({ db }) => ({
      verdict: await verifyAudit(db),
      disagreeing: kept === undefined ? null : await firstDisagreeing(db, kept.checkpoints),
    }));
    if (verdict.ok && disagreeing !== null) {
      return output.fail(
        exitCodes.problem,
        {
          zh: `审计链与另存的检查点不符：第 ${disagreeing.seq} 行当时不是这样，或已被截去。请保留数据库现状并查明原因。`,
          en: `The audit does not agree with the checkpoints: row ${disagreeing.seq} was another then, or was cut off. Keep the database as it is and find out why.`,
        },
        disagreeing,
      );
    }
    if (verdict.ok) {
      const { rows, head } = verdict;
      return output.say({ schema: 'yihu.audit/1', ...verdict }, [
        {
          zh: `✓ 审计链完整：${rows} 行，末行哈希 ${head.hash}`,
          en: `✓ The audit is whole: ${rows} rows, last hash ${head.hash}`,
        },
      ]);
    }
    const zh = verdict.fault === 'missing' ? `缺少第 ${verdict.seq} 行` : `第 ${verdict.seq} 行被改动过`;
    const en = verdict.fault === 'missing' ? `row ${verdict.seq} is missing` : `row ${verdict.seq} was changed`;
    output.fail(
      exitCodes.problem,
      {
        zh: `审计链断了：${zh}。请保留数据库现状并查明原因。`,
        en: `The audit is broken: ${en}. Keep the database as it is and find out why.`,
      },
      verdict,
    );
  } catch (error) {
    failWith(output, error);
  }
}
