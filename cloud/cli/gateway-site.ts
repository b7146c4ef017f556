import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SiteProblem } from '@yihu/device-profiles/vocabulary/site-change.ts';
import type { GatewaySiteView, PushState, SitePushView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import { systemClock } from '../clock.ts';
import { pushSite, type SiteDraft } from '../pushing.ts';
import { auditRecords } from '../records/audit.ts';
import { claimRecords } from '../records/claims.ts';
import { type SitePushRecords, sitePushRecords } from '../records/site-pushes.ts';
import { openSiteSigner } from '../registry/site-signing.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';

const lookMs = 500;

interface PushOptions {
  base?: string;
  overLocal?: boolean;
  within: string;
  wait: string;
}

export function addGatewaySite(gateway: Command): void {
  withSettings(gateway.command('push').argument('<gateway>').argument('<site.yaml>'))
    .description('向网关下发现场文件并等结果 / pushes a site file to a gateway and waits for what becomes of it')
    .option('--over-local', '网关上现场改过也替换 / replace it though it was changed on the gateway')
    .option('--base <sha256>', '只替换散列值是这个的现场 / replace this one and no other')
    .option('--within <seconds>', '多久内验证通过，否则回滚（最多 120） / verified within, or rolled back (120 at most)', '120')
    .option('--wait <seconds>', '等结果多久 / how long to wait for the result', '180')
    .action((id: string, file: string, options: PushOptions, command: Command) => push(id, file, options, command));
  withSettings(gateway.command('site').argument('<gateway>'))
    .description('下发过的版本和结果 / the versions pushed and what became of them')
    .action((id: string, _options: object, command: Command) => show(id, command));
}

async function push(id: string, file: string, options: PushOptions, command: Command): Promise<void> {
  const output = outputOf(command);
  const [withinMs, waitMs] = [Number(options.within) * 1000, Number(options.wait) * 1000];
  if (!(withinMs >= 1_000 && withinMs <= 120_000 && waitMs >= 0))
    return output.fail(exitCodes.usage, {
      zh: '--within 是 1 到 120 秒，--wait 不小于 0 秒。',
      en: '--within is 1 to 120 seconds, --wait 0 or more.',
    });
  const draft = await readDraft(file).catch(() => null);
  if (draft === null)
    return output.fail(exitCodes.usage, {
      zh: `读不到 ${file} 或它的档案目录，请检查路径。`,
      en: `${file} or its folder of profiles cannot be read; check the path.`,
    });
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database, data) => {
      const records = sitePushRecords(database.db);
      if (!(await claimRecords(database.db).gatewayExists(id))) return output.fail(exitCodes.problem, noGateway(id));
      const base = options.base ?? (options.overLocal ? (await records.view(id)).running?.sha256 : undefined);
      const signer = await openSiteSigner(data.pki);
      const who = { id: 'cli', name: 'cli' };
      const done = await pushSite({ records, signer, clock: systemClock }, id, { ...draft, base, withinMs }, who);
      const result = 'version' in done ? `version ${done.version}` : 'refused';
      const nobody = { actor: null, account: null, role: null, area: null, ip: 'cli' };
      const at = systemClock.now();
      await auditRecords(database.db).append({ at, ...nobody, action: 'gateway push', object: id, result, detail: {} });
      if ('conflict' in done)
        return output.fail(exitCodes.problem, conflictSentence(done.conflict, done.view), { site: done.view });
      if ('problems' in done) return sayProblems(output, file, done.problems);
      return sayPush(output, id, await waitFor(records, id, done.version, waitMs));
    });
  } catch (error) {
    failWith(output, error);
  }
}

/** The site file and the profiles in the folders that it names. */
async function readDraft(file: string): Promise<SiteDraft> {
  const text = await readFile(file, 'utf8');
  const document = parseDocument(text);
  const named: unknown = document.errors.length > 0 ? [] : document.toJS({ maxAliasCount: 0 })?.profiles;
  const folders = Array.isArray(named) ? named.filter((one): one is string => typeof one === 'string') : [];
  const profiles = await Promise.all(folders.map((folder) => profilesIn(path.resolve(path.dirname(file), folder))));
  return { text, profiles: profiles.flat() };
}

async function profilesIn(folder: string): Promise<{ path: string; text: string }[]> {
  const name = path.basename(folder);
  const files = await readdir(folder, { recursive: true });
  const wanted = files.filter((each) => each.endsWith('.yaml')).sort();
  return Promise.all(
    wanted.map(async (each) => ({ path: path.posix.join(name, each), text: await readFile(path.join(folder, each), 'utf8') })),
  );
}

const over: readonly PushState[] = ['kept', 'rolled-back', 'refused', 'expired', 'superseded'];

async function waitFor(records: SitePushRecords, gateway: string, version: number, waitMs: number): Promise<SitePushView | null> {
  const deadline = systemClock.mono() + waitMs;
  for (;;) {
    const found = (await records.view(gateway)).pushes.find((each) => each.version === version) ?? null;
    if ((found && over.includes(found.state)) || systemClock.mono() >= deadline) return found;
    await systemClock.sleep(lookMs);
  }
}

function sayPush(output: Output, gateway: string, push: SitePushView | null): void {
  const document = { schema: 'yihu.push/1', gateway, push };
  if (push?.state === 'kept') return output.say(document, [lineOf(push), ...portLines(push)]);
  if (push === null || !over.includes(push.state)) {
    process.exitCode = exitCodes.unreachable;
    const zh = `网关 ${gateway} 还没有给出结果；它连上云端后会收到。之后查看：yihu-cloud gateway site ${gateway}`;
    const en = `Gateway ${gateway} has not answered yet; it gets the push when it is connected. Look later: yihu-cloud gateway site ${gateway}`;
    return output.say(document, [...(push ? [lineOf(push)] : []), { zh, en }]);
  }
  process.exitCode = exitCodes.problem;
  output.say(document, [lineOf(push), ...portLines(push), ...push.problems.map(problemLine)]);
}

function sayProblems(output: Output, file: string, problems: readonly SiteProblem[]): void {
  process.exitCode = exitCodes.problem;
  const last = {
    zh: `${problems.length} 个问题，没有下发。改好后再试。`,
    en: `${problems.length} problem(s); nothing was pushed. Mend what is listed and try again.`,
  };
  output.say({ schema: 'yihu.push/1', file, push: null, problems }, [...problems.map(problemLine), last]);
}

async function show(id: string, command: Command): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database) => {
      if (!(await claimRecords(database.db).gatewayExists(id))) return output.fail(exitCodes.problem, noGateway(id));
      const view = await sitePushRecords(database.db).view(id);
      output.say({ schema: 'yihu.gateway-site/1', ...view }, [runningLine(view), ...view.pushes.map(lineOf)]);
    });
  } catch (error) {
    failWith(output, error);
  }
}

function runningLine({ running, kept, changedLocally }: GatewaySiteView): Text {
  if (running === null) return { zh: '网关还没有报告它在用的现场文件。', en: 'The gateway has not said yet what site it runs.' };
  const hash = running.sha256.slice(0, 12);
  if (!changedLocally) return { zh: `在用：版本 ${kept?.version}（${hash}）`, en: `Runs: version ${kept?.version} (${hash})` };
  return {
    zh: `在用：${hash}，不是云端下发的（现场写的或现场改过）`,
    en: `Runs: ${hash}, which the cloud did not push (written or changed on the gateway)`,
  };
}

const stateWords: Readonly<Record<PushState, Text>> = {
  pending: { zh: '等待网关', en: 'waits for the gateway' },
  applying: { zh: '生效中', en: 'being applied' },
  verifying: { zh: '验证中', en: 'being verified' },
  'rolling-back': { zh: '回滚中', en: 'being rolled back' },
  kept: { zh: '✓ 已生效', en: '✓ applied' },
  'rolled-back': { zh: '✗ 已回滚', en: '✗ rolled back' },
  refused: { zh: '✗ 被拒绝', en: '✗ refused' },
  expired: { zh: '✗ 已过期', en: '✗ expired' },
  superseded: { zh: '– 被后来的替代', en: '– superseded by a later one' },
};

function lineOf({ version, state, at, by, sha256, reason }: SitePushView): Text {
  const when = new Date(at).toISOString();
  const [zh, en] = [stateWords[state].zh, stateWords[state].en ?? ''];
  const head = `${version}  ${when}  ${by}  ${sha256.slice(0, 12)}`;
  return { zh: `${head}  ${zh}${reason ? `：${reason.zh}` : ''}`, en: `${head}  ${en}${reason ? `: ${reason.en}` : ''}` };
}

function portLines({ results }: SitePushView): Text[] {
  return results.map(({ port, ok, reasons }) => {
    const mark = ok ? '✓' : '✗';
    const of = (language: 'zh' | 'en') => `  ${mark} ${port} ${reasons.map((reason) => reason[language]).join(' ')}`.trimEnd();
    return { zh: of('zh'), en: of('en') };
  });
}

function problemLine({ line, path: where, zh, en }: SiteProblem): Text {
  const head = `✗ :${line} ${where}`;
  return { zh: `${head}  ${zh}`, en: `${head}  ${en}` };
}

function noGateway(id: string): Text {
  return { zh: `没有网关 ${id}，请核对编号。`, en: `There is no gateway ${id}; check the id.` };
}

function conflictSentence(conflict: 'unknown' | 'changed', { running }: GatewaySiteView): Text {
  if (conflict === 'unknown')
    return {
      zh: '网关还没有报告它在用的现场文件。请等它连上云端后再下发；一直没有时，请升级网关并重新认领。',
      en: 'The gateway has not said yet what site it runs. Push when it is connected; if that does not help, bring it up to date and claim it again.',
    };
  const hash = running?.sha256 ?? '';
  return {
    zh: `网关上的现场不是上次下发的那份（现场写的或改过，散列值 ${hash}）。确定要替换时加 --over-local。`,
    en: `The gateway’s site is not the one that was pushed last (written or changed there, hash ${hash}). To replace it all the same, add --over-local.`,
  };
}
