import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import type { AlarmTestStep } from '../commission/alarm-test.ts';
import { placeText } from '../local/devices.ts';
import type { StandingAlarm } from '../service.ts';
import { defaultSite } from './check.ts';
import { parseWhole } from './numbers.ts';
import { type Output, type Speech, exit, outputFor, table } from './output.ts';
import { progressFor, stoppedByUser } from './progress.ts';
import { askRunning } from './running.ts';

interface TestOptions {
  json?: boolean;
  lang?: string;
  site: string;
  wait: number;
  answer: number;
}

const examples = `
例 / example:
  yihu-gateway alarm test smoke-3      标为试验，不派人 / marked as a test, nobody is sent`;

const acknowledging = `
确认告警在值班屏上做：那里知道是谁确认的。网关只说哪些告警还在。
Alarms are acknowledged on the screen on duty, which knows by whom. The gateway says which of them stand.`;

export function addAlarm(program: Command): void {
  const alarm = program.command('alarm').alias('alarms').description('告警 / alarms').addHelpText('after', acknowledging);
  alarm
    .command('list')
    .argument('[device]', '只看这台设备和它的部件 / this device and its parts only')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .description(
      '还没恢复的告警，最急的在前；有就退出码 2 / alarms that stand, the gravest first; exit code 2 where there are any',
    )
    .action((device: string | undefined, options: ListOptions) => list(device, options, outputFor(options)));
  alarm
    .command('test')
    .argument('<device>', '设备 / device')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .option('--wait <seconds>', '等云端确认多久 / how long to wait for the cloud', parseWhole(1, 600), 30)
    .option('--answer <seconds>', '再等值班员确认多久，0 不等 / and then for somebody on duty, 0: not', parseWhole(0, 600), 60)
    .description(
      '从网关经云端到值班屏走一遍试验告警，每段用时都列出 / a test alarm from the gateway by the cloud to the screen on duty, each delay shown',
    )
    .addHelpText('after', examples)
    .action((device: string, options: TestOptions) => test(device, options, outputFor(options)));
}

interface ListOptions {
  readonly site: string;
  readonly json?: boolean;
  readonly lang?: string;
}

async function list(device: string | undefined, { site }: ListOptions, output: Output): Promise<void> {
  let alarms: readonly StandingAlarm[] = [];
  const body = device === undefined ? {} : { device };
  const isAnswered = await askRunning({ site, ask: 'alarms', body }, output, (document) => {
    ({ alarms } = document as { alarms: readonly StandingAlarm[] });
  });
  if (!isAnswered) return;
  const first = alarms.find(({ isTest }) => !isTest);
  if (first !== undefined) process.exitCode = exit.problem;
  output.result({ schema: 'yihu.alarms/1', alarms }, alarms.length === 0 ? [output.say(none)] : linesOf(alarms, first, output));
}

const none = { zh: '✓ 没有还在的告警。', en: '✓ No alarm stands.' };

/** 级别: a mark, a number and a word, never a colour alone. */
const levels: Readonly<Record<Severity, Speech>> = {
  critical: { zh: '◆ I 级', en: '◆ I' },
  major: { zh: '▲ II 级', en: '▲ II' },
  minor: { zh: '■ III 级', en: '■ III' },
  warning: { zh: '● IV 级', en: '● IV' },
};

function linesOf(alarms: readonly StandingAlarm[], first: StandingAlarm | undefined, { say, language }: Output): string[] {
  const head = [
    say({ zh: '级别', en: 'LEVEL' }),
    say({ zh: '告警', en: 'ALARM' }),
    say({ zh: '设备', en: 'DEVICE' }),
    say({ zh: '名称', en: 'NAME' }),
    say({ zh: '位置', en: 'PLACE' }),
    '',
  ];
  const rows = alarms.map(({ severity, name, device, deviceName, place, isTest }) => [
    say(levels[severity]),
    textIn(name, language),
    device,
    textIn(deviceName, language),
    textIn(placeText(place) ?? { zh: '-' }, language),
    isTest ? say({ zh: '试验', en: 'test' }) : '',
  ]);
  const device = first?.part?.parent ?? first?.device;
  const next =
    device === undefined
      ? []
      : [
          say({
            zh: `还有 ${alarms.length} 条。看设备为什么这样：yihu-gateway doctor ${device}`,
            en: `${alarms.length} alarm${alarms.length === 1 ? ' stands' : 's stand'}. How the device is: yihu-gateway doctor ${device}`,
          }),
        ];
  return [...table([head, ...rows]), ...next];
}

async function test(device: string, { site, wait, answer }: TestOptions, output: Output): Promise<void> {
  const progress = progressFor(output);
  const steps: AlarmTestStep[] = [];
  const stop = stoppedByUser();
  const body = { device, waitMs: wait * 1_000, answerMs: answer * 1_000 };
  const isDone = await askRunning({ site, ask: 'alarm-test', body, signal: stop.signal }, output, (document) => {
    const step = document as AlarmTestStep;
    steps.push(step);
    progress.say(lineOf(step, output));
  });
  stop.done();
  if (!isDone) return;
  const failed = steps.find((step) => step.step === 'failed');
  const isKept = steps.some(({ step }) => step === 'kept');
  const isAcknowledged = steps.some(({ step }) => step === 'acknowledged');
  const isAnswered = steps.some(({ step }) => step === 'answered');
  const ok = failed === undefined && isKept;
  if (!ok) process.exitCode = exit.problem;
  output.result({ schema: 'yihu.alarm-test/1', device, ok, isAcknowledged, isAnswered, steps }, [
    output.say(verdict(ok, isAcknowledged, isAnswered)),
  ]);
}

function verdict(ok: boolean, isAcknowledged: boolean, isAnswered: boolean): { zh: string; en: string } {
  if (!ok)
    return {
      zh: '✗ 试验没有走完。下一步：yihu-gateway status',
      en: '✗ The test did not get through. Next: yihu-gateway status',
    };
  if (isAnswered) return { zh: '✓ 从网关到值班员都通。', en: '✓ It went through, from the gateway to who is on duty.' };
  return isAcknowledged
    ? {
        zh: '✓ 从网关到云端都通；值班员没有确认。',
        en: '✓ It went through, from the gateway to the cloud; nobody on duty acknowledged it.',
      }
    : {
        zh: '✓ 已存到本机；这台网关不上送云端（uplink: off）。',
        en: '✓ It is kept here; this gateway works alone (uplink: off).',
      };
}

function lineOf(step: AlarmTestStep, { say }: Output): string {
  const at = `${String(step.ms).padStart(6)} ms  `;
  switch (step.step) {
    case 'kept':
      return at + say({ zh: `已写入磁盘（序号 ${step.seq}）`, en: `kept on disk (sequence ${step.seq})` });
    case 'uplink':
      return at + say({ zh: `交给上送（${step.wire}）`, en: `handed to the uplink (${step.wire})` });
    case 'acknowledged':
      return at + say({ zh: '云端已确认保存', en: 'the cloud has acknowledged it' });
    case 'shown':
      return at + say({ zh: `值班屏已显示（${step.by}）`, en: `shown on the screen of ${step.by}` });
    case 'answered':
      return at + say({ zh: `值班员 ${step.by} 已确认`, en: `acknowledged by ${step.by}` });
    case 'unanswered':
      return `${at}! ${say(step)}`;
    case 'cleared':
      return at + say({ zh: '试验告警已解除', en: 'the test alarm is cleared' });
    case 'failed':
      return `${at}✗ ${say(step)}`;
  }
}
