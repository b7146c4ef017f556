import { resolve } from 'node:path';
import type { Command } from 'commander';
import pino from 'pino';
import { systemClock } from '../clock.ts';
import { FolderInUse } from '../lock.ts';
import { type RunningGateway, startGateway } from '../main.ts';
import { systemChance } from '../random.ts';
import { loadSite } from '../site.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { type Speech, exit, outputFor } from './output.ts';

export function addRun(program: Command): void {
  program
    .command('run')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .option('--log-level <level>', 'trace debug info warn error', 'info')
    .description('运行网关，Ctrl+C 停止 / run the gateway, Ctrl+C stops it')
    .action(async (file: string, options: { logLevel: string; json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const loaded = await loadSite(resolve(file));
      if ('problems' in loaded) return failWithProblems(output, file, loaded.problems);
      const log = pino(
        { level: options.logLevel, base: null, redact: ['*.password', '*.secret', '*.key'] },
        pino.destination({ dest: 2, sync: false }),
      );
      try {
        const gateway = await startGateway({ site: loaded.site, clock: systemClock, chance: systemChance, log });
        const status = await gateway.status();
        output.result({ ...status, event: 'started', url: gateway.url }, [
          output.say({
            zh: `✓ 网关 ${status.gateway} 在运行，本地接口 ${gateway.url ?? '关闭'}`,
            en: `✓ Gateway ${status.gateway} is running, local API ${gateway.url ?? 'off'}`,
          }),
        ]);
        stopOnSignals(gateway);
      } catch (error) {
        output.fail(exit.problem, sentenceOf(error));
      }
    });
}

function stopOnSignals(gateway: RunningGateway): void {
  const stop = () => {
    gateway.stop().then(
      () => process.exit(exit.ok),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(exit.problem);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

/** What a person can do about a start that failed. */
function sentenceOf(error: unknown): Speech {
  if (error instanceof FolderInUse)
    return {
      zh: `数据目录正被另一个网关使用（进程 ${error.pid}）。先停掉它：kill ${error.pid}`,
      en: `Another gateway (process ${error.pid}) uses this data folder. Stop it first: kill ${error.pid}`,
    };
  const { code, address, port, path } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return {
        zh: `端口 ${address ?? ''}:${port ?? ''} 已被占用。查看是谁：ss -ltnp sport = :${port ?? ''}；或在现场文件里换一个端口。`,
        en: `${address ?? ''}:${port ?? ''} is in use. See by whom: ss -ltnp sport = :${port ?? ''}; or change the port in the site file.`,
      };
    case 'EACCES':
    case 'EROFS':
      return {
        zh: `没有权限写 ${path ?? '数据目录'}。请检查它的属主和权限。`,
        en: `${path ?? 'The data folder'} cannot be written. Check its owner and permissions.`,
      };
    case 'ENOSPC':
    case 'disk-full':
      return {
        zh: '磁盘已满，网关不能启动。请清出空间后再运行。',
        en: 'The disk is full and the gateway cannot start. Free some space and run it again.',
      };
    case undefined:
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return {
        zh: `网关没有启动：${message}。加 --log-level debug 再运行可看到细节。`,
        en: `The gateway did not start: ${message}. Run again with --log-level debug to see more.`,
      };
    }
  }
}
