import { type Table, tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { objectNames } from '../collect/modbus/identification.ts';
import {
  exceptionText,
  identifyOnce,
  type IdentifyResult,
  readAgain,
  readOnce,
  type ReadResult,
  type Target,
} from '../collect/modbus/read.ts';
import { decodeWords } from '../decode/value.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor } from './output.ts';
import { stoppedByUser } from './progress.ts';
import { failUnreachable, isTaken, readThere, type TargetOptions, targetOf, withTarget } from './target.ts';

interface ReadOptions extends TargetOptions {
  json?: boolean;
  lang?: string;
  identify?: boolean;
  table: Table;
  at: number;
  count: number;
  watch?: number;
  type?: WireType;
  order?: Order;
}

const examples = `
例 / examples:
  yihu-gateway read --tcp 192.168.1.30 --unit 1 --at 0x2000 --count 2 --type f32
  yihu-gateway read --serial /dev/ttyUSB0 --baud 9600 --unit 3 --at 0 --count 2 --type f32 --watch    看着它变 / watch it change
  yihu-gateway read --serial /dev/ttyUSB0 --baud 9600 --unit 3 --identify`;

export function addRead(program: Command): void {
  withTarget(program.command('read').description('从 Modbus 设备读一次 / read once from a Modbus device'))
    .option('--identify', '读设备标识（厂商、型号、版本） / read the device’s own identification')
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices([...tables]).default('holding'))
    .option('--at <address>', '从零算的地址 / zero-based address', parseWhole(0, 0xffff), 0)
    .option('--count <n>', '个数 / how many', parseWhole(1, 2_000), 1)
    .addOption(
      new Option('--watch [seconds]', '一直读，Ctrl+C 停止 / go on reading, Ctrl+C stops')
        .argParser(parseWhole(1, 3_600))
        .preset('1'),
    )
    .addOption(new Option('--type <type>', '解成这个类型 / decode as').choices(WireType.options))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options))
    .addHelpText('after', examples)
    .action((options: ReadOptions) => read(options, outputFor(options)));
}

async function read(options: ReadOptions, output: Output): Promise<void> {
  const target = targetOf(options, output);
  if (target === undefined || (await isTaken(target, options.site, readThere, output))) return;
  const { unit, table, at, count, timeout: timeoutMs } = options;
  if (options.watch !== undefined && (output.json || options.identify === true))
    return output.fail(exit.usage, {
      zh: '--watch 是给人看的，不与 --json、--identify 同用；程序请反复运行 read --json。',
      en: '--watch is for people and does not go with --json or --identify; a program runs read --json again.',
    });
  try {
    if (options.watch !== undefined) return await watch(options, target, output);
    if (options.identify === true)
      return showIdentity(options, await identifyOnce({ target, unit, timeoutMs, clock: systemClock }), output);
    return show(options, await readOnce({ target, unit, table, at, count, timeoutMs, clock: systemClock }), output);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return output.fail(exit.usage, {
      zh: `Modbus 不能这样读（${error.message}）：寄存器一次最多 125 个，位最多 2000 个，地址加个数不超过 65536，串口上不能读 0 号站。`,
      en: `Modbus cannot read that (${error.message}): at most 125 registers or 2000 bits at once, address plus count within 65536, and no unit 0 on a serial line.`,
    });
  }
}

/** A line each time, with the clock; ends with how the last read went. */
async function watch(options: ReadOptions, target: Target, output: Output): Promise<void> {
  const { unit, table, at, count, timeout: timeoutMs, watch: seconds } = options;
  const stop = stoppedByUser();
  const reads = { target, unit, table, at, count, timeoutMs, clock: systemClock, signal: stop.signal };
  for await (const answer of readAgain({ ...reads, everyMs: (seconds ?? 1) * 1_000 })) {
    process.exitCode = exit.ok;
    const time = new Date(systemClock.now()).toTimeString().slice(0, 8);
    process.stdout.write(`${time}  ${wordsOf(options, answer, output)}\n`);
  }
  stop.done();
}

/** One read in one line; what went wrong sets the exit code. */
function wordsOf({ type, order }: ReadOptions, answer: ReadResult, output: Output): string {
  if ('unreachable' in answer) {
    process.exitCode = exit.unreachable;
    return `✗ ${output.say(answer.unreachable)}`;
  }
  if ('exception' in answer) {
    process.exitCode = exit.problem;
    return `✗ ${output.say(exceptionText(answer.exception))}`;
  }
  if ('bits' in answer) return answer.bits.map((bit) => (bit ? 1 : 0)).join(' ');
  const hex = answer.words.map((word) => word.toString(16).padStart(4, '0')).join(' ');
  if (type === undefined) return `${hex}  ${answer.words.join(' ')}`;
  const decoded = decodeWords({ type, words: answer.words, ...(order ? { order } : {}) });
  if ('refused' in decoded) process.exitCode = exit.problem;
  return `${hex}  ${'refused' in decoded ? `✗ ${output.say(decoded.refused)}` : String(decoded.value)}`;
}

type Failed = { unreachable: { zh: string; en: string } } | { exception: number; name: string };

function failed(answer: Failed, options: ReadOptions, output: Output): void {
  if ('unreachable' in answer) return failUnreachable(answer.unreachable, options, output);
  const { exception, name } = answer;
  return output.fail(exit.problem, exceptionText(exception), { exception, name });
}

function showIdentity(options: ReadOptions, answer: IdentifyResult, output: Output): void {
  if (!('objects' in answer)) return failed(answer, options, output);
  const { unit } = options;
  const objects = answer.objects.map(({ id, bytes }) => {
    const name = objectNames[id];
    return { id, name: name?.key ?? `object-${id}`, text: Buffer.from(bytes).toString('utf8'), zh: name?.zh, en: name?.en };
  });
  output.result(
    {
      schema: 'yihu.identify/1',
      unit,
      conformity: answer.conformity,
      objects: objects.map(({ id, name, text }) => ({ id, name, text })),
    },
    objects.map(({ id, text, zh, en }) => `${output.say({ zh: zh ?? `对象 ${id}`, en: en ?? `object ${id}` })}  ${text}`),
  );
}

function show(options: ReadOptions, answer: ReadResult, output: Output): void {
  if ('unreachable' in answer || 'exception' in answer) return failed(answer, options, output);
  const { unit, table, at } = options;
  if ('bits' in answer)
    return output.result(
      { schema: 'yihu.read/1', unit, table, at, bits: answer.bits },
      answer.bits.map((bit, i) => `${at + i}  ${bit ? 1 : 0}`),
    );
  const words = answer.words;
  const hex = words.map((word) => word.toString(16).padStart(4, '0'));
  if (!options.type)
    return output.result(
      { schema: 'yihu.read/1', unit, table, at, words },
      words.map((word, i) => `${at + i}  ${hex[i] ?? ''}  ${word}`),
    );
  const decoded = decodeWords({ type: options.type, words, ...(options.order ? { order: options.order } : {}) });
  if ('refused' in decoded) return output.fail(exit.problem, decoded.refused, { words, reason: decoded.refused.code });
  output.result({ schema: 'yihu.read/1', unit, table, at, words, ...decoded }, [
    `${hex.join(' ')}  ${options.type} ${options.order ?? 'ABCD'}  ${String(decoded.value)}`,
  ]);
}
