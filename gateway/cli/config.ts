import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Planned } from '../change/changes.ts';
import { type ChangePlan, planOf } from '../change/plan.ts';
import { dataOf } from '../commission/owner.ts';
import { withoutComments, withoutSecrets } from '../commission/handover.ts';
import { readSiteFile, type Site } from '../config.ts';
import { loadSite, openCatalog } from '../site.ts';
import { askOnce, noGateway } from './apply.ts';
import { addCheck, defaultSite, failWithProblems } from './check.ts';
import { type Output, exit, outputFor } from './output.ts';
import { planLines } from './plan-lines.ts';
import { isNotRunning } from './running.ts';

interface Options {
  readonly site: string;
  readonly file?: boolean;
  readonly json?: boolean;
  readonly lang?: string;
}

const examples = `
例 / examples:
  yihu-gateway config diff                     运行中的现场与 gateway.yaml 差在哪 / the running site beside gateway.yaml
  yihu-gateway config diff old.yaml new.yaml   两个文件，不需要网关运行 / two files, no gateway needed`;

export function addConfig(program: Command): void {
  const config = program.command('config').description('现场文件：检查、查看、比较 / the site file: check, show, compare');
  addCheck(config);
  config
    .command('show')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .option('--file', '只看文件，不问运行中的网关 / the file, also where a gateway runs')
    .description('正在生效的现场，口令和注释已去掉 / the site that is in force, without secrets and comments')
    .action((file: string, options: Options) => show(file, options, outputFor(options)));
  config
    .command('diff')
    .argument('[site.yaml]', '现场文件；写了第二个时，是旧的那个 / site file; the old one where a second is named', defaultSite)
    .argument('[new.yaml]', '与它比较 / compared with it')
    .option('--site <site.yaml>', '正在运行的现场文件 / the site file that runs', defaultSite)
    .description('逐个端口列出差别；什么都不会改 / what differs, port by port; nothing is changed')
    .addHelpText('after', examples)
    .action((one: string, other: string | undefined, options: Options) => diff(one, other, options, outputFor(options)));
}

interface Shown {
  readonly source: 'running' | 'file';
  readonly text: string;
}

async function show(file: string, { file: onlyFile }: Options, output: Output): Promise<void> {
  const shown = (onlyFile === true ? null : await running(file)) ?? (await inFile(file));
  if ('problems' in shown) return failWithProblems(output, file, shown.problems);
  const { source, text } = shown;
  const from = {
    running: { zh: `# 正在运行的现场（${file}）`, en: `# the site that runs (${file})` },
    file: { zh: `# ${file}；没有网关按它运行`, en: `# ${file}; no gateway runs by it` },
  };
  const head = onlyFile === true ? { zh: `# ${file}`, en: `# ${file}` } : from[source];
  output.result({ schema: 'yihu.config/1', file, source, text }, [output.say(head), text.trimEnd()]);
}

/** Null where none runs, or one that this account may not ask. */
async function running(file: string): Promise<Shown | null> {
  try {
    const { text } = await askOnce<{ text: string }>(await dataOf(file), 'site', {});
    return { source: 'running', text };
  } catch (error) {
    if (isNotRunning(error)) return null;
    throw error;
  }
}

async function inFile(file: string) {
  const loaded = await loadSite(resolve(file));
  if ('problems' in loaded) return loaded;
  return { source: 'file' as const, text: withoutComments(withoutSecrets(loaded.site.text)) };
}

async function diff(one: string, other: string | undefined, options: Options, output: Output): Promise<void> {
  if (other !== undefined) return diffFiles(one, other, output);
  const read = await readSiteFile(resolve(one));
  if ('problems' in read) return failWithProblems(output, one, read.problems);
  const data = await dataOf(resolve(options.site));
  try {
    const planned = await askOnce<Planned>(data, 'plan', { text: read.text });
    if ('problems' in planned) return failWithProblems(output, one, planned.problems);
    tell(planned.plan, one, output);
  } catch (error) {
    const { zh, en } = noGateway(data, error);
    output.fail(exit.unreachable, {
      zh: `${zh}不用网关，比较两个文件：yihu-gateway config diff 旧.yaml ${one}`,
      en: `${en} Without a gateway, two files: yihu-gateway config diff old.yaml ${one}`,
    });
  }
}

async function diffFiles(one: string, other: string, output: Output): Promise<void> {
  const catalog = await openCatalog();
  const sites: Site[] = [];
  for (const file of [one, other]) {
    const loaded = await loadSite(resolve(file), catalog);
    if ('problems' in loaded) return failWithProblems(output, file, loaded.problems);
    sites.push(loaded.site);
  }
  const [before, after] = sites;
  if (before && after) tell(planOf(before, after), other, output);
}

/** A difference is no problem: what it takes to have it is said instead. */
function tell(plan: ChangePlan, file: string, output: Output): void {
  const next =
    plan.needRestart.length > 0
      ? {
          zh: `${plan.needRestart.join('、')} 要重新启动网关才能改：yihu-gateway run ${file}`,
          en: `${plan.needRestart.join(', ')}: only a restart changes that: yihu-gateway run ${file}`,
        }
      : { zh: `要用上：yihu-gateway apply ${file}`, en: `To have it: yihu-gateway apply ${file}` };
  output.result({ ...plan }, [...planLines(plan, output), ...(plan.isEmpty ? [] : [output.say(next)])]);
}
