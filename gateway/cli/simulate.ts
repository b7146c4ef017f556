import type { Command } from 'commander';
import { defaultSite } from './check.ts';

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .description('按现场文件启动模拟设备，每台说自己的真实协议 / start the devices of a site, each on its real protocol')
    .action(async (file: string) => {
      process.argv[2] = file;
      await import('../simulate/process.ts');
    });
}
