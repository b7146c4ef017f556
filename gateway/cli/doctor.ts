import type { Command } from 'commander';
import type { Examined } from '../service.ts';
import { defaultSite } from './check.ts';
import { type Output, exit, outputFor } from './output.ts';
import { askRunning } from './running.ts';

const examples = `
例 / examples:
  yihu-gateway doctor                  所有不说话的设备 / every device that does not speak
  yihu-gateway doctor meter-1          一台设备，带最后的报文 / one device, with its last bytes`;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .argument('[device]', '设备 / device')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .description(
      '设备为什么不说话：最后的报文、时间、一个原因、下一步 / why a device is silent: last bytes, timing, one cause, what to try',
    )
    .addHelpText('after', examples)
    .action((device: string | undefined, options: { site: string; json?: boolean; lang?: string }) =>
      doctor(device, options.site, outputFor(options)),
    );
}

async function doctor(device: string | undefined, site: string, output: Output): Promise<void> {
  const examined: Examined[] = [];
  const body = device === undefined ? {} : { device };
  if (!(await askRunning({ site, ask: 'doctor', body }, output, (document) => examined.push(document as Examined)))) return;
  const silent = examined.filter(({ diagnosis }) => diagnosis.cause !== 'speaks');
  if (silent.length > 0) process.exitCode = exit.problem;
  output.result({ schema: 'yihu.doctor/1', devices: examined }, [
    ...examined.flatMap((each) => linesOf(each, device !== undefined, output)),
    ...(examined.length === 0 ? [output.say({ zh: '✓ 所有设备都在说话。', en: '✓ Every device speaks.' })] : []),
  ]);
}

const mostShown = 6;
const two = (value: number) => String(value).padStart(2, '0');

/** 11-29 21:04:07.250, by the clock of this machine: what stands beside the device's own display. */
function timeText(at: number): string {
  const date = new Date(at);
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function linesOf({ evidence, diagnosis }: Examined, isAlone: boolean, output: Output): string[] {
  const { say } = output;
  const mark = diagnosis.cause === 'speaks' ? '✓' : '✗';
  const lines = [
    `${mark} ${evidence.device}  ${say(diagnosis)}`,
    `  ${say({ zh: '下一步：', en: 'Next: ' })}${say(diagnosis.next)}`,
  ];
  return isAlone ? [...lines, factsOf(evidence, diagnosis.en, output), ...exchangesOf(evidence, output)] : lines;
}

/** The fault is the log's own word; where the cause was said in it, it is not said again. */
function factsOf({ heardAt, failures, now, fault, breaker }: Examined['evidence'], cause: string, { say }: Output): string {
  const seconds = heardAt === null ? null : Math.round((now - heardAt) / 1_000);
  const heard =
    seconds === null
      ? say({ zh: '从未听到', en: 'never heard' })
      : say({ zh: `${seconds} 秒前听到`, en: `heard ${seconds} s ago` });
  const failed = failures === 0 ? '' : say({ zh: `，连续失败 ${failures} 次`, en: `, ${failures} failures in a row` });
  const rested = breaker === 'open' ? say({ zh: '，已减少询问', en: ', asked less often now' }) : '';
  const why = fault === undefined || cause.includes(fault) ? '' : say({ zh: `（${fault}）`, en: ` (${fault})` });
  return `  ${heard}${failed}${rested}${why}`;
}

function exchangesOf({ exchanges }: Examined['evidence'], { say }: Output): string[] {
  return exchanges
    .slice(-mostShown)
    .flatMap(({ at, sent, heard, tookMs, note }) => [
      '',
      `  ${timeText(at)}${tookMs === undefined ? '' : `  ${tookMs} ms`}`,
      ...(sent === undefined ? [] : [`  >> ${sent}`]),
      `  << ${heard ?? ''}`,
      ...(note === undefined ? [] : [`  ${say({ zh: note.zh, en: note.en ?? note.zh })}`]),
    ]);
}
