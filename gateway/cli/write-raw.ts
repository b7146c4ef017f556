import { encodeWords, type RawValue } from '@yihu/device-profiles/library/encode.ts';
import { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { exceptionText } from '../collect/modbus/read.ts';
import { type RawWritten, writeRaw } from '../commission/raw-write.ts';
import { parseWhole, parseWords } from './numbers.ts';
import { type Output, exit, outputFor, type Speech } from './output.ts';
import { isSure } from './sure.ts';
import { failUnreachable, isTaken, type TargetOptions, targetOf, withTarget } from './target.ts';

interface RawOptions extends TargetOptions {
  json?: boolean;
  lang?: string;
  at: number;
  words?: number[];
  bits?: number[];
  value?: string;
  type: WireType;
  order: Order;
  multiple?: boolean;
  yes?: boolean;
}

const examples = `
例 / examples:
  yihu-gateway write-raw --tcp 192.168.1.30 --at 0x0100 --words 0001
  yihu-gateway write-raw --serial /dev/ttyUSB0 --unit 3 --at 40 --value 21.5 --type f32 --order CDAB
  yihu-gateway write-raw --rtu-tcp 192.168.1.7:4196 --unit 2 --at 0 --bits 1,0`;

export function addWriteRaw(program: Command): void {
  withTarget(
    program
      .command('write-raw')
      .description(
        '没有档案时写寄存器或线圈：先读，问一声，写一次，再回读 / writes registers or coils without a profile: reads, asks, writes once, reads back',
      ),
  )
    .requiredOption('--at <address>', '从零算的地址 / zero-based address', parseWhole(0, 0xffff))
    .option('--words <hex>', '寄存器，十六进制，如 "0001 00ff" / registers in hex', parseWords)
    .option('--bits <bits>', '线圈，如 1,0,1 / coils', parseBits)
    .option('--value <value>', '一个数，按 --type 和 --order 编成寄存器 / a number, put into registers by --type and --order')
    .addOption(new Option('--type <type>', '类型 / type').choices(WireType.options).default('u16'))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options).default('ABCD'))
    .option('--multiple', '一个值也用功能码 15、16 / functions 15 and 16 for a single value too')
    .option('--yes', '不问 / do not ask')
    .addHelpText('after', examples)
    .action((options: RawOptions) => write(options, outputFor(options)));
}

function parseBits(text: string): number[] {
  if (!/^[01]([\s,]*[01])*$/.test(text)) throw new InvalidArgumentError('要写成 1,0,1 / write it like 1,0,1');
  return Array.from(text.replace(/[\s,]/g, ''), Number);
}

async function write(options: RawOptions, output: Output): Promise<void> {
  const target = targetOf(options, output);
  if (target === undefined) return;
  const values = valuesOf(options, output);
  if (values === undefined || (await isTaken(target, options.site, writeThere, output))) return;
  const table = options.bits === undefined ? 'holding' : 'coil';
  const { unit, at, timeout: timeoutMs, multiple: isMultiple = false } = options;
  try {
    const sure = (before: readonly number[]) =>
      options.yes === true
        ? Promise.resolve(true)
        : isSure(`${unit}/${table} ${at}: ${textOf(before, table)} → ${textOf(values, table)}`, output);
    const request = { target, unit, table, at, values, isMultiple, timeoutMs, clock: systemClock, isSure: sure } as const;
    show(await writeRaw(request), { unit, table, at, values }, options, output);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    output.fail(exit.usage, {
      zh: `Modbus 不能这样写（${error.message}）：寄存器一次最多 123 个，线圈最多 1968 个；串口上的 0 号站是广播，没有回读，这里不写。`,
      en: `Modbus cannot write that (${error.message}): at most 123 registers or 1968 coils at once; unit 0 of a serial line is the broadcast, which cannot be read back and is not written here.`,
    });
  }
}

function valuesOf({ words, bits, value, type, order }: RawOptions, output: Output): readonly number[] | undefined {
  const given = [words, bits, value].filter((each) => each !== undefined).length;
  if (given !== 1) {
    output.fail(exit.usage, {
      zh: '写什么？请给且只给一个：--words 十六进制寄存器、--value 数值 或 --bits 线圈。',
      en: 'Write what? Give exactly one of --words (hex registers), --value (a number), --bits (coils).',
    });
    return undefined;
  }
  if (words ?? bits) return words ?? bits;
  const raw = rawOf(type, value ?? '');
  if (raw === undefined) {
    output.fail(exit.usage, {
      zh: `“${value ?? ''}”写不成 ${type}。数写成 230.5 这样，bit 写成 0 或 1，时间写成 2026-11-29 08:30:00。`,
      en: `"${value ?? ''}" is no ${type}. Write a number such as 230.5, a bit as 0 or 1, a time as 2026-11-29 08:30:00.`,
    });
    return undefined;
  }
  try {
    // A text takes the registers it needs.
    return encodeWords({ type, order, length: Math.ceil(Buffer.byteLength(String(raw)) / 2) }, raw);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    output.fail(exit.usage, {
      zh: `${type} 装不下 ${value ?? ''}（${error.message}）。换一个类型，或直接给 --words。`,
      en: `${type} cannot hold ${value ?? ''} (${error.message}). Choose another type, or give --words.`,
    });
    return undefined;
  }
}

/** What is typed, as the type takes it; undefined where it is none. What is no number is never written as one. */
function rawOf(type: WireType, text: string): RawValue | undefined {
  if (type === 'string') return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
  if (type.includes('time')) return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?$/.test(text) ? text : undefined;
  if (type === 'bit') return { 0: false, 1: true, false: false, true: true }[text];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  if (type.startsWith('f')) return Number(text);
  if (type.startsWith('bcd')) return Number.isInteger(Number(text)) ? Number(text) : undefined;
  return text.replace('+', '');
}

const writeThere: Speech = {
  zh: '有档案的设备用 yihu-gateway write。',
  en: 'For a device with a profile use yihu-gateway write.',
};

function textOf(values: readonly number[], table: 'holding' | 'coil'): string {
  return values.map((value) => (table === 'coil' ? String(value) : value.toString(16).padStart(4, '0'))).join(' ');
}

interface Asked {
  readonly unit: number;
  readonly table: 'holding' | 'coil';
  readonly at: number;
  readonly values: readonly number[];
}

function show(written: RawWritten, asked: Asked, options: RawOptions, output: Output): void {
  const document = { schema: 'yihu.write-raw/1', ...asked, ...written };
  const text = (values: readonly number[]) => textOf(values, asked.table);
  switch (written.state) {
    case 'not-written':
      return;
    case 'unreachable':
      return failUnreachable(written.problem, options, output);
    case 'refused':
      return output.fail(exit.problem, exceptionText(written.exception), document);
    case 'confirmed': {
      const { before, wasAnswered } = written;
      const unanswered = wasAnswered ? { zh: '', en: '' } : { zh: '；写时没有应答', en: '; the write itself was not answered' };
      return output.result(document, [
        output.say({
          zh: `✓ 已写，回读一致：${text(before)} → ${text(asked.values)}${unanswered.zh}`,
          en: `✓ written and read back: ${text(before)} → ${text(asked.values)}${unanswered.en}`,
        }),
      ]);
    }
    case 'unknown': {
      const { after } = written;
      const now =
        after === undefined
          ? { zh: '读不回来', en: 'it cannot be read back' }
          : { zh: `回读是 ${text(after)}`, en: `it reads ${text(after)}` };
      return output.fail(
        exit.problem,
        {
          zh: `结果未知：写了 ${text(asked.values)}，${now.zh}。没有自动重写；请看设备本身，再决定要不要再写一次。`,
          en: `Unknown: ${text(asked.values)} was written, ${now.en}. It is not repeated by itself; look at the device before you write again.`,
        },
        document,
      );
    }
  }
}
