import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DeviceKeyError, issueSecret } from '../collect/mqtt/secret.ts';
import { exit, outputFor } from './output.ts';

export function addSecret(program: Command): void {
  program
    .command('secret')
    .argument('<key file>', '端口设置里的 deviceKeyFile / deviceKeyFile of the port')
    .description('给一台 MQTT 或 HTTP 设备发一个口令，只显示一次 / issue a secret for one MQTT or HTTP device, shown once')
    .action((file: string, options: { json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      try {
        const { secret, hash } = issueSecret(resolve(file));
        output.result({ schema: 'yihu.secret/1', secret, hash }, [
          output.say({ zh: `口令（写进设备）：${secret}`, en: `Secret (goes into the device): ${secret}` }),
          output.say({
            zh: `写进现场文件 devices[].address.secret（HTTP 设备写 address.key）：${hash}`,
            en: `Goes into the site file, devices[].address.secret (address.key of an HTTP device): ${hash}`,
          }),
        ]);
      } catch (error) {
        if (!(error instanceof DeviceKeyError)) throw error;
        output.fail(exit.problem, error);
      }
    });
}
