import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type StateOf, handoverOf } from '../commission/handover.ts';
import { dataOf } from '../commission/owner.ts';
import { askService } from '../service-socket.ts';
import type { Examined } from '../service.ts';
import { loadSite } from '../site.ts';
import { version } from '../version.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { type Speech, exit, outputFor } from './output.ts';
import { isNotRunning } from './running.ts';

interface Options {
  readonly site: string;
  readonly json?: boolean;
  readonly lang?: string;
}

export function addExport(program: Command): void {
  program
    .command('export')
    .argument('<folder>', '写到这个新文件夹 / a new folder to write into')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .description('交付资料：现场文件（去掉口令）、自有档案、设备清单 / what an installer leaves behind; no secrets')
    .action(async (folder: string, options: Options) => {
      const output = outputFor(options);
      const loaded = await loadSite(resolve(options.site));
      if ('problems' in loaded) return failWithProblems(output, options.site, loaded.problems);
      const states = await statesOf(options.site);
      const stateOf = (device: string) => states?.get(device);
      const files = await handoverOf(loaded.site, stateOf, { at: systemClock.now(), version });
      try {
        // Never into a folder that is there: what it holds may be of another day.
        await mkdir(folder);
        for (const { path, text } of files) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), text, { mode: 0o640 });
        }
      } catch (error) {
        return output.fail(exit.problem, notWritten(folder, (error as NodeJS.ErrnoException).code ?? String(error)));
      }
      const isRunning = states !== null;
      const paths = files.map(({ path }) => path);
      output.result({ schema: 'yihu.export/1', folder, files: paths, devices: loaded.site.devices.length, isRunning }, [
        ...paths.map((path) => `  ${join(folder, path)}`),
        output.say({
          zh: `✓ ${loaded.site.devices.length} 台设备已写出，口令都已去掉。${isRunning ? '' : '网关没有运行，设备状态写作 unknown。'}`,
          en: `✓ ${loaded.site.devices.length} device(s) written, every secret left out.${isRunning ? '' : ' The gateway does not run, so their state says unknown.'}`,
        }),
      ]);
    });
}

/** How each device is and when it was heard last, as the running gateway knows; null where none runs. */
async function statesOf(site: string): Promise<Map<string, NonNullable<ReturnType<StateOf>>> | null> {
  const states = new Map<string, NonNullable<ReturnType<StateOf>>>();
  try {
    for await (const document of askService(await dataOf(site), 'doctor', { all: true })) {
      if (!('evidence' in (document as object))) continue;
      const { evidence, diagnosis } = document as Examined;
      states.set(evidence.device, { state: diagnosis.cause, lastSeen: evidence.heardAt });
    }
    return states;
  } catch (error) {
    if (isNotRunning(error)) return null;
    throw error;
  }
}

function notWritten(folder: string, code: string): Speech {
  if (code === 'EEXIST')
    return {
      zh: `${folder} 已经存在。请换一个新的文件夹名，免得新旧资料混在一起。`,
      en: `${folder} is there already. Name a new folder, so that old and new do not mix.`,
    };
  return {
    zh: `写不进 ${folder}（${code}）。请检查路径、权限和磁盘空间。`,
    en: `${folder} cannot be written (${code}). Check the path, its permissions and the disk’s space.`,
  };
}
