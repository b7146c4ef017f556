import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type FoundPublisher, type MqttScan, scanMqtt } from '../commission/scan-mqtt.ts';
import { idOf, siteLines } from '../commission/site-lines.ts';
import { brokerUrl, passwordIn } from './broker.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, table, withNext } from './output.ts';
import { progressFor, stoppedByUser } from './progress.ts';

interface ScanOptions {
  json?: boolean;
  lang?: string;
  username?: string;
  passwordFile?: string;
  seconds: number;
}

const examples = `
例 / examples:
  yihu-gateway scan mqtt mqtt://127.0.0.1:1883
  yihu-gateway scan mqtt mqtt://192.168.1.5:1883 --username yihu --password-file broker.password --seconds 600`;

export function addScanMqtt(scan: Command): void {
  scan
    .command('mqtt')
    .argument('<url>', 'mqtt://主机:端口 / mqtt://host:port', brokerUrl)
    .description('听一个 MQTT 服务上有谁，什么也不发布 / listen who is on an MQTT broker; publishes nothing')
    .option('--username <name>', '用户名 / user name')
    .option('--password-file <file>', '密码文件 / file with the password')
    .option('--seconds <n>', '听多久 / how long', parseWhole(1, 86_400), 30)
    .addHelpText('after', examples)
    .action((url: string, options: ScanOptions) => scanBroker(url, options, outputFor(options)));
}

async function scanBroker(url: string, options: ScanOptions, output: Output): Promise<void> {
  const { username, passwordFile, seconds } = options;
  const password = passwordFile === undefined ? undefined : passwordIn(passwordFile, output);
  if (password === null) return;
  const { loadProfiles } = await import('../site.ts');
  const profiles = [...(await loadProfiles()).profiles.values()];
  const stop = stoppedByUser();
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  await follow({ url, ...login, ms: seconds * 1_000, profiles, clock: systemClock, signal: stop.signal }, output);
  stop.done();
}

async function follow(scan: MqttScan, output: Output): Promise<void> {
  const progress = progressFor(output);
  const found = new Map<string, FoundPublisher>();
  for await (const event of scanMqtt(scan)) {
    if (event.kind === 'listening')
      progress.say(
        output.say({
          zh: `听 ${event.forMs / 1_000} 秒；电池设备很久才说一次话，可加 --seconds。Ctrl+C 停止。`,
          en: `Listening for ${event.forMs / 1_000} s; battery devices speak rarely, --seconds makes it longer. Ctrl+C stops it.`,
        }),
      );
    else if (event.kind === 'found') {
      const { publisher } = event;
      found.set(`${publisher.family} ${publisher.id}`, publisher);
      progress.say(`✓ ${rowOf(publisher).join('  ')}`);
    } else if (event.kind === 'unreachable')
      return output.fail(exit.unreachable, withNext(event.problem, `yihu-gateway scan mqtt ${scan.url}`));
    else show(scan.url, [...found.values()], event.topics, output);
  }
}

function rowOf({ family, id, name, model, profiles }: FoundPublisher): string[] {
  return [family, id, name ?? '', model ?? '', profiles.join(' ') || '-'];
}

function show(url: string, found: readonly FoundPublisher[], topics: number, output: Output): void {
  const devices = found.flatMap(({ id, name, profiles: [profile] }) =>
    profile === undefined ? [] : [{ id: idOf(name ?? id), profile, port: 'mqtt-1', address: { identity: id }, name: name ?? id }],
  );
  const ports = devices.length === 0 ? [] : [{ id: 'mqtt-1', driver: 'mqtt', connect: url }];
  const lines = siteLines({ ports, devices });
  const document = { schema: 'yihu.scan-mqtt/1', found, topics, lines };
  if (found.length === 0)
    return output.fail(
      exit.problem,
      topics === 0
        ? {
            zh: '一条消息也没有听到。设备在发吗？用户允许订阅 # 吗？加 --seconds 听久一点。',
            en: 'Not one message was heard. Do the devices publish? May this user subscribe to #? Listen longer with --seconds.',
          }
        : {
            zh: `听到 ${topics} 个主题，没有认识的。看看内容：mosquitto_sub -v -t '#'，再写一个档案。`,
            en: `${topics} topics were heard and none is known. See what they say: mosquitto_sub -v -t '#', then write a profile.`,
          },
      document,
    );
  const head = [
    output.say({ zh: '家族', en: 'FAMILY' }),
    output.say({ zh: '身份', en: 'IDENTITY' }),
    output.say({ zh: '名称', en: 'NAME' }),
    output.say({ zh: '型号', en: 'MODEL' }),
    output.say({ zh: '档案', en: 'PROFILE' }),
  ];
  output.result(document, ['', ...table([head, ...found.map(rowOf)]), '', ...lines]);
}
