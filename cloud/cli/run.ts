import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Command, Option } from 'commander';
import { createLog } from '../log.ts';
import { type RunningCloud, startCloud } from '../main.ts';
import { gatewayLifeMs } from '../registry/pki.ts';
import { exitCodes, failWith, outputOf } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';

export function addRun(program: Command): void {
  withSettings(program.command('run'))
    .description('启动云端 / start the cloud')
    .option('--listen <host:port>', '网页和接口，默认 127.0.0.1:8080 / screens and API, 127.0.0.1:8080 by default')
    .option(
      '--uplink-listen <host:port>',
      '网关接入（MQTT over TLS），默认 0.0.0.0:8883 / where gateways connect (MQTT over TLS), 0.0.0.0:8883 by default',
    )
    .option('--public-url <url>', '外部访问的网址 / how it is reached from outside')
    .option('--tls-cert <file>', 'HTTPS 证书（PEM） / certificate for HTTPS')
    .option('--tls-key <file>', 'HTTPS 私钥（PEM） / key for HTTPS')
    .option('--metrics-token-file <file>', '/metrics 的令牌文件 / token file for /metrics')
    .option(
      '--channels <file>',
      '通知渠道文件，默认数据目录下的 channels.yaml / channels file, channels.yaml in the data folder by default',
    )
    .option(
      '--broker <url>',
      '集群：网关接入的消息服务器，代替自带的接入 / the broker gateways connect to, in place of our own listener',
    )
    .option('--broker-ca <file>', '消息服务器的根证书 / authority of the broker')
    .option('--broker-cert <file>', '在消息服务器上的证书 / our certificate at the broker')
    .option('--broker-key <file>', '在消息服务器上的私钥 / our key at the broker')
    .option(
      '--role <roles>',
      '这个进程做什么：web,accept,sweep，默认全部 / what this process does: web,accept,sweep; all of it by default',
    )
    .option(
      '--keep <terms>',
      '保存期限（天），如 calls=365,stories=1095 / for how many days what is kept, such as calls=365,stories=1095',
    )
    .option('--worker <name>', '在集群中的名字 / its name in the cluster')
    .option(
      '--second-factor <rule>',
      'optional 或 required：管理员和调度员必须有第二因素 / optional or required: administrators and dispatchers need a second factor',
    )
    .option('--webhook-private <addresses>', '允许推送到的内网地址，逗号分开 / inner addresses that events may be pushed to')
    .option(
      '--gateway-certificate <hours>',
      '网关证书有效几小时，默认 2160（90 天） / for how many hours a gateway’s certificate is good, 2160 (90 days) by default',
    )
    .option('--demo', '建立演示用的街道、社区和网格 / make the areas of the demonstration')
    .addOption(
      new Option('--log-level <level>', '日志级别 / log level')
        .choices(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options: { demo?: boolean; logLevel: string; gatewayCertificate?: string }, command: Command) => {
      const output = outputOf(command);
      const settings = settingsOf(command, output);
      if (settings === null) return;
      const gatewayCertificateMs = hoursIn(options.gatewayCertificate);
      if (gatewayCertificateMs === null) return output.fail(exitCodes.usage, wrongHours);
      const log = createLog(options.logLevel);
      const onDeath = (error: Error): void => {
        log.fatal({ err: error }, 'the database ended; the cloud stops, so that whoever supervises it starts it again');
        process.exit(exitCodes.problem);
      };
      output.note({ zh: '正在启动 …', en: 'Starting …' });
      try {
        const cloud = await startCloud({ ...settings, gatewayCertificateMs, demo: options.demo === true, log, onDeath });
        stopOnSignals(cloud);
        output.say(documentOf(cloud), linesOf(cloud));
      } catch (error) {
        log.debug({ err: error }, 'did not start');
        failWith(output, error);
      }
    });
}

const wrongHours = {
  zh: '--gateway-certificate 是小时数，大于 0，最多 2160（90 天）。',
  en: '--gateway-certificate is a number of hours, above 0 and at most 2160 (90 days).',
};

/** Milliseconds; undefined where nothing is said, null where it is no such number. */
function hoursIn(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined;
  const ms = Number(text) * 3_600_000;
  return ms > 0 && ms <= gatewayLifeMs ? ms : null;
}

function documentOf({ url, uplinkUrl, accounts }: RunningCloud): object {
  return { schema: 'yihu.cloud/1', url, uplink: uplinkUrl, ...(accounts ? { accounts } : {}) };
}

function linesOf({ url, uplinkUrl, accounts }: RunningCloud): Text[] {
  const up = {
    zh: `✓ 一呼云已启动：${url || '（不含网页）'}  网关接入：${uplinkUrl || '（不接入）'}`,
    en: `✓ The Yihu cloud is up: ${url || '(no screens)'}  gateways: ${uplinkUrl || '(none here)'}`,
  };
  if (accounts === null) return [up];
  const people = accounts.map(({ account, password, name }) => `  ${account.padEnd(10)} ${password}  ${name}`).join('\n');
  const once = {
    zh: `首次启动的账号，密码只显示这一次：\n${people}`,
    en: `The first accounts; the passwords are shown this once:\n${people}`,
  };
  return [up, once];
}

function stopOnSignals(cloud: RunningCloud): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    cloud.stop().then(
      () => process.exit(exitCodes.ok),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(exitCodes.problem);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}
