import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { type CloudConfig, readConfig } from '../config.ts';
import { exitCodes, type Output } from './output.ts';

/** The flags that are settings: the same names as in the file and the environment. */
export function withSettings(command: Command): Command {
  return command
    .option('--config <file>', '设置文件（YAML） / settings file (YAML)')
    .option('--data <folder>', '数据目录，默认 .yihu/cloud / data folder, .yihu/cloud by default')
    .option('--people-key-file <file>', '个人信息密钥，默认在数据目录 / key of the personal data, in the data folder by default')
    .option('--database-url <url>', '已有的 PostgreSQL，默认用自带的 / a PostgreSQL of your own; the embedded one otherwise');
}

/** The settings, or null after every problem with them was said. */
export function settingsOf(command: Command, output: Output): CloudConfig | null {
  const { config: file, data, databaseUrl, ...rest } = command.opts<Record<string, string | undefined>>();
  const { broker, brokerCa, brokerCert, brokerKey, worker, keep } = rest;
  // Of an account elsewhere: `user add --role dispatcher`.
  const role = command.name() === 'run' ? rest['role'] : undefined;
  const {
    listen,
    uplinkListen,
    publicUrl,
    tlsCert,
    tlsKey,
    metricsTokenFile,
    channels,
    peopleKeyFile,
    secondFactor,
    webhookPrivate,
  } = rest;
  const flags = {
    data,
    databaseUrl,
    listen,
    uplinkListen,
    publicUrl,
    tlsCert,
    tlsKey,
    metricsTokenFile,
    channels,
    peopleKeyFile,
    broker,
    brokerCa,
    brokerCert,
    brokerKey,
    role,
    keep,
    worker,
    secondFactor,
    webhookPrivate,
  };
  const result = readConfig(flags, process.env, file);
  if (result.ok) return result.config;
  const count = result.problems.length;
  const list = (language: 'zh' | 'en') =>
    result.problems.map(({ path, message }) => `\n  ${path}: ${message[language] ?? message.zh}`);
  const sentence: Text = {
    zh: `设置有 ${count} 处不对：${list('zh').join('')}`,
    en: `${count} settings are wrong:${list('en').join('')}`,
  };
  output.fail(exitCodes.problem, sentence, { problems: result.problems });
  return null;
}
