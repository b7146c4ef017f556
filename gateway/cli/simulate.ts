import { resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { SimulationError } from '../simulate/device.ts';
import type { WrongSite } from '../simulate/process.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { parseWhole } from './numbers.ts';
import { exit, type Output, outputFor } from './output.ts';

interface Options {
  readonly json?: boolean;
  readonly lang?: string;
  readonly profile?: string;
  readonly port: number;
  readonly serial?: string;
  readonly key?: string;
  readonly scenario?: string;
  readonly seed?: number;
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .description('启动模拟设备，每台说自己的真实协议 / start simulated devices, each on its real protocol')
    .option(
      '--profile <id>',
      '只模拟一台这种档案的设备，例如 eastron/sdm120 / one device of this profile, such as eastron/sdm120',
    )
    .option(
      '--port <number>',
      '设备所在（或网关监听）的本机端口 / where it is, or where the gateway listens',
      parseWhole(1, 65_535),
      1502,
    )
    .option(
      '--serial <path>',
      '在此路径建立虚拟串口，例如 /tmp/ttyV0（需要 socat） / on a virtual serial port made here, such as /tmp/ttyV0 (needs socat)',
    )
    .option('--key <key>', '设备登录网关的密钥 / the key the device shows to the gateway')
    .option('--scenario <file>', '设备上线后播放的剧本 / a scenario to play')
    .option('--seed <number>', '随机种子：同一种子，同样的故障 / the same seed, the same chance', parseWhole(0, 0xffff_ffff))
    .action(async (file: string, options: Options) => {
      const output = outputFor(options);
      try {
        if (options.profile === undefined) await simulateSite(file, options, output);
        else await simulateOne(options.profile, options, output);
      } catch (error) {
        if (!(error instanceof SimulationError)) throw error;
        if (isWrongSite(error)) return failWithProblems(output, file, error.problems);
        output.fail(exit.problem, error);
      }
    });
}

/** The simulator is loaded only when it is wanted. */
const isWrongSite = (error: SimulationError): error is WrongSite => 'problems' in error;

const orders = {
  zh: '可输入：list、set <设备> <点位> <值>、fire <设备> <事件>、fault <设备> <故障> [10%] [for 30s]；Ctrl+C 停止。',
  en: 'Type: list, set <device> <point> <value>, fire <device> <event>, fault <device> <fault> [10%] [for 30s]; Ctrl+C stops.',
};

async function simulateSite(file: string, { scenario, seed }: Options, output: Output): Promise<void> {
  const { runSimulator } = await import('../simulate/process.ts');
  const devices = await runSimulator(resolve(file), { scenario, seed });
  output.result({ schema: 'yihu.simulate/1', file, devices }, [
    output.say({
      zh: `✓ ${devices} 台模拟设备在线。${orders.zh}`,
      en: `✓ ${devices} simulated devices are up. ${orders.en}`,
    }),
  ]);
}

/** With the lines of the site file by which a gateway knows the device. */
async function simulateOne(name: string, { port, serial, key, scenario, seed }: Options, output: Output): Promise<void> {
  const { runProfile } = await import('../simulate/process.ts');
  const one = await runProfile(name, { port, serial, key, scenario, seed });
  const site = {
    ports: [{ id: 'port-1', driver: one.driver, ...one.port }],
    devices: [{ id: 'device-1', profile: one.bound.id, port: 'port-1', address: one.address }],
  };
  output.result({ schema: 'yihu.simulate/1', devices: 1, site }, [
    output.say({
      zh: `✓ 设备 device-1 在线。网关现场文件中这样写：`,
      en: `✓ Device device-1 is up. In the gateway's site file it is:`,
    }),
    stringify(site).trimEnd(),
    output.say(orders),
  ]);
}
