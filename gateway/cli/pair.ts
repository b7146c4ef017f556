import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { DeviceKeyError, issueSecret } from '../collect/mqtt/secret.ts';
import { pairingPort, withDevice } from '../commission/pairing.ts';
import { readSiteFile } from '../config.ts';
import { checkSiteText, openCatalog } from '../site.ts';
import { applyText } from './apply.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { exit, outputFor } from './output.ts';

interface Options {
  readonly site: string;
  readonly port: string;
  readonly profile: string;
  readonly name?: string;
  readonly identity?: string;
  readonly json?: boolean;
  readonly lang?: string;
}

const examples = `
例 / example:
  yihu-gateway pair smoke-502 --port wireless --profile heiman.hs1sa-e --name "3-2-502 烟感"`;

export function addPair(program: Command): void {
  program
    .command('pair')
    .argument('<device>', '设备编号 / id of the device')
    .requiredOption('--port <port>', '它连接的端口 / the port it connects to')
    .requiredOption('--profile <profile>', '档案 / its profile')
    .option('--name <name>', '名称；缺省同编号 / its name; the id by default')
    .option('--identity <identity>', '它的登录名；缺省同编号 / what it logs in as; the id by default')
    .option('--site <site.yaml>', '正在运行的现场文件 / the site file that runs', defaultSite)
    .description(
      '接入一台自己连上来的设备（MQTT、HTTP）：发口令、写进现场文件、生效 / take in a device that connects by itself: secret, site file, in force',
    )
    .addHelpText('after', examples)
    .action(pair);
}

async function pair(id: string, options: Options): Promise<void> {
  const output = outputFor(options);
  const file = resolve(options.site);
  const read = await readSiteFile(file);
  if ('problems' in read) return failWithProblems(output, options.site, read.problems);
  const catalog = await openCatalog();
  // Lines are counted in the file as it is, before anything is written into it.
  const checked = await checkSiteText(read.text, file, catalog);
  if ('problems' in checked) return failWithProblems(output, options.site, checked.problems);
  const port = pairingPort(read.text, options.port);
  if ('refused' in port) return output.fail(exit.problem, port.refused);
  const { name = id, identity = id, profile } = options;
  const device = { id, port: options.port, profile, name, identity };
  // What is wrong with the site is found before a secret is made.
  const trial = await checkSiteText(
    withDevice(read.text, device, port.secretWord, `hmac-sha256:${'0'.repeat(64)}`),
    file,
    catalog,
  );
  if ('problems' in trial) return failWithProblems(output, options.site, trial.problems);
  try {
    const { secret, hash } = issueSecret(resolve(dirname(file), port.keyFile));
    const applied = await applyText(file, withDevice(read.text, device, port.secretWord, hash), [id]);
    if (applied.kind === 'refused') return output.fail(exit.problem, applied.why);
    if (applied.kind === 'wrong') return failWithProblems(output, options.site, applied.problems);
    output.result({ schema: 'yihu.pair/1', device: id, identity, secret, isRunning: applied.kind === 'kept' }, [
      output.say({ zh: `登录名：${identity}`, en: `Login: ${identity}` }),
      output.say({
        zh: `口令（写进设备，只显示这一次）：${secret}`,
        en: `Secret (goes into the device; shown this once): ${secret}`,
      }),
      output.say(
        applied.kind === 'kept'
          ? {
              zh: `✓ ${id} 已生效，等它连上来：yihu-gateway doctor ${id}`,
              en: `✓ ${id} is in force and waited for: yihu-gateway doctor ${id}`,
            }
          : {
              zh: `✓ ${id} 已写进 ${options.site}。网关没有运行，启动：yihu-gateway run ${options.site}`,
              en: `✓ ${id} is in ${options.site}. The gateway does not run; start it: yihu-gateway run ${options.site}`,
            },
      ),
    ]);
  } catch (error) {
    if (!(error instanceof DeviceKeyError)) throw error;
    output.fail(exit.problem, error);
  }
}
