import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SimulationError } from '../simulate/device.ts';
import { defaultSite } from './check.ts';
import { exit, outputFor } from './output.ts';

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .description('按现场文件启动模拟设备，每台说自己的真实协议 / start the devices of a site, each on its real protocol')
    .action(async (file: string, options: { json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const { runSimulator } = await import('../simulate/process.ts');
      try {
        const devices = await runSimulator(resolve(file));
        output.result({ schema: 'yihu.simulate/1', file, devices }, [
          output.say({
            zh: `✓ ${devices} 台模拟设备在线。可输入：list、set <设备> <点位> <值>、fire <设备> <事件>、fault <设备> silent；Ctrl+C 停止。`,
            en: `✓ ${devices} simulated devices are up. Type: list, set <device> <point> <value>, fire <device> <event>, fault <device> silent; Ctrl+C stops.`,
          }),
        ]);
      } catch (error) {
        if (!(error instanceof SimulationError)) throw error;
        output.fail(exit.problem, error);
      }
    });
}
