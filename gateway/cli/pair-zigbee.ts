import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type ZigbeeJoinEvent, zigbeeJoin } from '../commission/zigbee-join.ts';
import { brokerUrl, passwordIn } from './broker.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, withNext } from './output.ts';
import { progressFor, stoppedByUser } from './progress.ts';

interface Options {
  readonly base: string;
  readonly seconds: number;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
  readonly lang?: string;
}

export function addPairZigbee(program: Command): void {
  program
    .command('pair-zigbee')
    .argument('<url>', 'zigbee2mqtt 所在的 MQTT：mqtt://主机:端口 / the broker that zigbee2mqtt is on', brokerUrl)
    .option('--base <topic>', '网桥的 base_topic / the base topic of the bridge', 'zigbee2mqtt')
    .option('--seconds <n>', '打开多久 / for how long', parseWhole(1, 254), 120)
    .option('--username <name>', '用户名 / user name')
    .option('--password-file <file>', '密码文件 / file with the password')
    .description('打开 Zigbee 配对窗口，按网桥自己的截止时间倒数；Ctrl+C 提前关上 / open the pairing window of a Zigbee bridge')
    .action(pairZigbee);
}

async function pairZigbee(url: string, options: Options): Promise<void> {
  const output = outputFor(options);
  const { base, seconds, username, passwordFile } = options;
  const password = passwordFile === undefined ? undefined : passwordIn(passwordFile, output);
  if (password === null) return;
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const progress = progressFor(output);
  const stop = stoppedByUser();
  const events: ZigbeeJoinEvent[] = [];
  for await (const event of zigbeeJoin({ url, base, seconds, ...login, clock: systemClock, signal: stop.signal })) {
    events.push(event);
    if (event.kind === 'unreachable' || event.kind === 'refused') {
      stop.done();
      const code = event.kind === 'refused' ? exit.problem : exit.unreachable;
      return output.fail(code, withNext(event.problem, `yihu-gateway scan mqtt ${url}`));
    }
    progress.say(lineOf(event, output));
  }
  stop.done();
  output.result({ schema: 'yihu.pair-zigbee/1', events }, [
    output.say({
      zh: `配对窗口已关。找新设备的档案：yihu-gateway scan mqtt ${url}`,
      en: `The window is closed. Find the profile of what joined: yihu-gateway scan mqtt ${url}`,
    }),
  ]);
}

function lineOf(event: Exclude<ZigbeeJoinEvent, { kind: 'unreachable' | 'refused' }>, { say }: Output): string {
  switch (event.kind) {
    case 'open': {
      const left = event.until === null ? '?' : String(Math.max(0, Math.round((event.until - systemClock.now()) / 1000)));
      return say({
        zh: `配对窗口已开，网桥还留 ${left} 秒；现在按设备上的配对键。`,
        en: `The window is open; the bridge leaves ${left} s. Press the pairing button of the device now.`,
      });
    }
    case 'joined':
      return say({
        zh: `✓ ${event.address} 加入了，正在询问它是什么…`,
        en: `✓ ${event.address} has joined; it is being asked what it is…`,
      });
    case 'interview': {
      const words = {
        started: { zh: '开始询问', en: 'asked' },
        successful: { zh: `✓ 认出：${event.model ?? '未知型号'}`, en: `✓ known as ${event.model ?? 'an unknown model'}` },
        failed: { zh: '✗ 没有问清楚，请靠近网桥重新配对', en: '✗ not understood; pair it again nearer to the bridge' },
      };
      return `${event.address}  ${say(words[event.state])}`;
    }
    case 'closed':
      return say({ zh: '网桥关上了配对窗口。', en: 'The bridge has closed the window.' });
  }
}
