import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import pino from 'pino';
import { settlePending } from '../change/pending.ts';
import { systemClock } from '../clock.ts';
import type { Site } from '../config.ts';
import { limits } from '../limits.ts';
import { FolderInUse } from '../lock.ts';
import type { GatewayOptions, RunningGateway } from '../main.ts';
import { systemChance } from '../random.ts';
import { openCatalog, loadSite } from '../site.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { pageLines } from './login.ts';
import { type Output, type Speech, exit, outputFor } from './output.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function addRun(program: Command): void {
  program
    .command('run')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .addOption(new Option('--log-level <level>', '日志级别 / log level').choices(logLevels).default('info'))
    .description('运行网关，Ctrl+C 停止 / run the gateway, Ctrl+C stops it')
    .action(async (file: string, options: { logLevel: string; json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const asked = askedToStop(output);
      if (!(await isSettled(output, resolve(file)))) return;
      const catalog = await openCatalog();
      const loaded = await loadSite(resolve(file), catalog);
      if ('problems' in loaded) return failWithProblems(output, file, loaded.problems);
      const log = pino(
        { level: options.logLevel, base: null, redact: ['*.password', '*.secret', '*.key'] },
        pino.destination({ dest: 2, sync: false }),
      );
      try {
        const options = { site: loaded.site, clock: systemClock, chance: systemChance, log, catalog };
        const end = await serve(options, asked, output);
        process.exit(end === 'asked' ? exit.ok : exit.problem);
      } catch (error) {
        output.fail(exit.problem, sentenceOf(error, loaded.site));
      }
    });
}

/** A change that was broken off is settled before the site file is read. */
async function isSettled(output: Output, file: string): Promise<boolean> {
  try {
    await settlePending(file);
    return true;
  } catch (error) {
    output.fail(exit.problem, error instanceof FolderInUse ? folderInUse(error) : notSettled(file, error));
    return false;
  }
}

function notSettled(file: string, error: unknown): Speech {
  return {
    zh: `${file}.change 记着一个没做完的变更，现在收不了尾（${String(error)}）。请检查这个目录的权限和磁盘空间；文件损坏时把它移走，再核对现场文件。`,
    en: `${file}.change holds a change that was broken off and cannot be settled now (${String(error)}). Check the folder’s permissions and the disk; if the file is damaged, move it away and look at the site file.`,
  };
}

/** Runs until it is asked to stop or the disk fails; a log that must begin a new epoch is begun in this process. */
async function serve(options: GatewayOptions, asked: Promise<'asked'>, output: Output): Promise<'asked' | 'disk'> {
  // Loaded here, so that the other commands answer sooner.
  const { startGateway } = await import('../main.ts');
  let renewedMono = Number.NEGATIVE_INFINITY;
  for (let isFirst = true; ; isFirst = false) {
    const mayRenewLog = options.clock.mono() - renewedMono >= limits.renewPauseMs;
    const gateway = await startGateway({ ...options, mayRenewLog });
    if (isFirst) await announce(gateway, options.site, output);
    const end = await Promise.race([asked, gateway.ended]);
    if (end !== 'asked' && end.why === 'disk') say(output, diskFailed(end.error));
    await gateway.stop().catch((error: unknown) => say(output, stoppedBadly(error)));
    if (end === 'asked') return 'asked';
    if (end.why === 'disk') return 'disk';
    renewedMono = options.clock.mono();
  }
}

async function announce(gateway: RunningGateway, site: Site, output: Output): Promise<void> {
  const status = await gateway.status();
  const { url } = gateway;
  output.result({ ...status, event: 'started', url }, [
    output.say({
      zh: `✓ 网关 ${status.gateway} 在运行，本地接口：${url ?? '没有'}。Ctrl+C 停止。`,
      en: `✓ Gateway ${status.gateway} is running, local API: ${url ?? 'none'}. Ctrl+C stops it.`,
    }),
    ...(await pageLines(site, url, output)),
    ...status.problems.map((problem) => `! ${output.say(problem)}`),
  ]);
}

/** Resolves with the first signal; those behind it change nothing, because a stop is under way. It is not waited for for ever. */
function askedToStop(output: Output): Promise<'asked'> {
  return new Promise((resolve) => {
    const stop = () => {
      systemClock.after(limits.stopMs, () => {
        say(output, {
          zh: `${limits.stopMs / 1000} 秒内没有停下，强行结束；已确认的数据都在磁盘上。`,
          en: `It did not stop within ${limits.stopMs / 1000} s and is ended; all acknowledged data is on disk.`,
        });
        process.exit(exit.problem);
      });
      resolve('asked');
    };
    let isAsked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (!isAsked) stop();
        isAsked = true;
      });
  });
}

/** Beside the one JSON document there may be, so to the other stream. */
function say(output: Output, speech: Speech): void {
  process.stderr.write(`✗ ${output.say(speech)}\n`);
}

function diskFailed(error: unknown): Speech {
  return {
    zh: `磁盘一直写不进去（${String(error)}），网关结束，请由服务管理器重新启动；反复出现时请换磁盘。`,
    en: `The disk keeps failing (${String(error)}); the gateway ends, its service manager should start it again. If it goes on, replace the disk.`,
  };
}

function stoppedBadly(error: unknown): Speech {
  return { zh: `停止时出错：${String(error)}`, en: `While stopping: ${String(error)}` };
}

/** What a person can do about a start that failed. */
function sentenceOf(error: unknown, site: Site): Speech {
  if (error instanceof FolderInUse) return folderInUse(error);
  const { code = '', syscall, address, port, path } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (syscall === 'listen') return listenSentence(code, `${address ?? ''}:${port ?? ''}`, port);
  if (code === 'ENOSPC' || code === 'disk-full')
    return {
      zh: `磁盘已满，网关不能启动。请在 ${site.data} 所在的磁盘上清出空间后再运行。`,
      en: `The disk is full and the gateway cannot start. Free some space on the disk of ${site.data} and run it again.`,
    };
  // A folder below a read-only or missing one is reported as ENOENT by mkdir.
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'read-only'].includes(code) || syscall === 'mkdir')
    return {
      zh: `写不了 ${path ?? site.data}（${code}）。请检查它的属主和权限，或在现场文件里用 data 换一个目录。`,
      en: `${path ?? site.data} cannot be written (${code}). Check its owner and permissions, or name another folder as data in the site file.`,
    };
  const message = error instanceof Error ? error.message : String(error);
  return {
    zh: `网关没有启动：${message}。加 --log-level debug 再运行可看到细节。`,
    en: `The gateway did not start: ${message}. Run again with --log-level debug to see more.`,
  };
}

function folderInUse({ pid }: FolderInUse): Speech {
  return {
    zh: `数据目录正被另一个网关使用（进程 ${pid}）。先停掉它：kill ${pid}`,
    en: `Another gateway (process ${pid}) uses this data folder. Stop it first: kill ${pid}`,
  };
}

function listenSentence(code: string, where: string, port = 0): Speech {
  if (code === 'EADDRINUSE')
    return {
      zh: `端口 ${where} 已被占用。查看是谁：ss -ltnp sport = :${port}；或在现场文件里改 listen，换一个端口。`,
      en: `${where} is in use. See by whom: ss -ltnp sport = :${port}; or change listen in the site file to another port.`,
    };
  return {
    zh: `不能在 ${where} 监听（${code}）。请检查现场文件里的 listen：地址要属于本机，1024 以下的端口要特权。`,
    en: `Cannot listen on ${where} (${code}). Check listen in the site file: the address must be this machine's, and ports below 1024 need privileges.`,
  };
}
