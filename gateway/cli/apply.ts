import { rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { ChangeState, Planned, Submitted } from '../change/changes.ts';
import { systemClock } from '../clock.ts';
import { limits } from '../limits.ts';
import { dataOf } from '../commission/owner.ts';
import { readSiteFile } from '../config.ts';
import type { Problem } from '../problems.ts';
import { askService, socketOf } from '../service-socket.ts';
import type { ServiceAsk } from '../service.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { type Output, type Speech, exit, outputFor } from './output.ts';
import { planLines } from './plan-lines.ts';

interface Options {
  readonly site: string;
  readonly dryRun?: boolean;
  readonly silent?: string;
  readonly within: number;
  readonly json?: boolean;
  readonly lang?: string;
}

const lookEveryMs = 300;

export function addApply(program: Command): void {
  program
    .command('apply')
    .argument('[site.yaml]', '新的现场文件 / the new site file', defaultSite)
    .option('--site <site.yaml>', '正在运行的现场文件 / the site file that runs', defaultSite)
    .option('--dry-run', '只看会改什么 / only show what would change')
    .option('--silent <devices>', '可以不应答的设备，逗号分隔，或 all / devices that need not answer, by commas, or all')
    .option('--within <seconds>', '多少秒内要验证通过 / verified within so many seconds', secondsOf, limits.changeMs / 1000)
    .description(
      '让运行中的网关换用新的现场文件；验证不过自动退回 / have the running gateway take up a site file; it goes back by itself unless verified',
    )
    .action(async (file: string, options: Options) => {
      const output = outputFor(options);
      const read = await readSiteFile(resolve(file));
      if ('problems' in read) return failWithProblems(output, file, read.problems);
      const data = await dataOf(resolve(options.site));
      try {
        await (options.dryRun ? showPlan(data, read.text, file, output) : apply(data, read.text, { file, options, output }));
      } catch (error) {
        output.fail(exit.unreachable, noGateway(data, error));
      }
    });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  const most = limits.changeMs / 1000;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > most)
    throw new InvalidArgumentError(`1 到 ${most} 的整数 / a whole number from 1 to ${most}`);
  return seconds;
}

async function showPlan(data: string, text: string, file: string, output: Output): Promise<void> {
  const planned = await askOnce<Planned>(data, 'plan', { text });
  if ('problems' in planned) return failWithProblems(output, file, planned.problems);
  const next = {
    zh: `以上都还没有发生。要用上：yihu-gateway apply ${file}`,
    en: `None of it has happened. To do it: yihu-gateway apply ${file}`,
  };
  output.result({ ...planned.plan }, [...planLines(planned.plan, output), output.say(next)]);
}

interface Asked {
  readonly file: string;
  readonly options: Options;
  readonly output: Output;
}

async function apply(data: string, text: string, { file, options, output }: Asked): Promise<void> {
  const mayBeSilent = options.silent === 'all' ? 'all' : options.silent?.split(',').map((id) => id.trim());
  const withinMs = options.within * 1000;
  const by = `local/${userInfo().username}`;
  const submitted = await askOnce<Submitted>(data, 'change', { text, by, withinMs, ...(mayBeSilent && { mayBeSilent }) });
  if ('problems' in submitted) return failWithProblems(output, file, submitted.problems);
  if ('refused' in submitted) return output.fail(exit.problem, submitted.refused);
  const change = await settled(data, submitted.change);
  const lines = change.plan ? planLines(change.plan, output) : [];
  if (change.state !== 'kept') process.exitCode = exit.problem;
  output.result({ ...change }, [...lines, output.say(outcomeOf(change))]);
}

/** What became of a text: in force, only in the file because no gateway runs, or not taken. */
export type Applied =
  | { readonly kind: 'kept' | 'written' }
  | { readonly kind: 'refused'; readonly why: Speech }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** Puts a checked text in force, or into the site file where no gateway runs. Devices in `mayBeSilent` need not answer. */
export async function applyText(site: string, text: string, mayBeSilent: readonly string[]): Promise<Applied> {
  const data = await dataOf(site);
  const by = `local/${userInfo().username}`;
  try {
    const submitted = await askOnce<Submitted>(data, 'change', { text, by, withinMs: limits.changeMs, mayBeSilent });
    if ('problems' in submitted) return { kind: 'wrong', problems: submitted.problems };
    if ('refused' in submitted) return { kind: 'refused', why: submitted.refused };
    const change = await settled(data, submitted.change);
    return change.state === 'kept' ? { kind: 'kept' } : { kind: 'refused', why: outcomeOf(change) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') return { kind: 'refused', why: noGateway(data, error) };
    const fresh = `${site}.new`;
    await writeFile(fresh, text, { mode: 0o640, flush: true });
    await rename(fresh, site);
    return { kind: 'written' };
  }
}

async function settled(data: string, begun: ChangeState): Promise<ChangeState> {
  for (let change = begun; ; await systemClock.sleep(lookEveryMs)) {
    if (change.state === 'kept' || change.state === 'rolled-back') return change;
    const said = await askOnce<{ change: ChangeState | null }>(data, 'change-state', {});
    if (said.change?.id !== begun.id) throw new Error('the gateway was started anew meanwhile');
    ({ change } = { change: said.change });
  }
}

function outcomeOf({ state, reason }: ChangeState): Speech {
  if (state === 'kept') return { zh: '✓ 已生效，并写进了现场文件。', en: '✓ It is in force, and the site file says so.' };
  return {
    zh: `✗ 已退回原来的现场。${reason?.zh ?? ''}`,
    en: `✗ The old site is back. ${reason?.en ?? ''}`,
  };
}

/** @throws where no gateway answers at the socket, or not as one does. */
export async function askOnce<Answer>(data: string, what: ServiceAsk, body: object): Promise<Answer> {
  for await (const document of askService(data, what, body)) {
    const { error } = document as { error?: Speech };
    if (error !== undefined) throw new Error(error.en);
    return document as Answer;
  }
  throw new Error('no answer');
}

export function noGateway(data: string, error: unknown): Speech {
  const socket = socketOf(data);
  const code = (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
  return {
    zh: `${socket} 没有网关应答（${code}）。网关在运行吗？用 --site 指明它的现场文件，并用运行网关的用户执行。`,
    en: `${socket} is not answered by a gateway (${code}). Is it running? Name its site file with --site, and run this as the gateway’s user.`,
  };
}
