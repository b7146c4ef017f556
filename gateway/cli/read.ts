import { type Table, tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Order, WireType } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { exceptionText, readOnce, type ReadResult } from '../collect/modbus/read.ts';
import { ModbusPort } from '../collect/modbus/settings.ts';
import { decodeWords } from '../decode/value.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor } from './output.ts';

interface ReadOptions {
  json?: boolean;
  lang?: string;
  tcp?: string;
  rtuTcp?: string;
  serial?: string;
  baud: number;
  parity: string;
  stopBits: number;
  unit: number;
  table: Table;
  at: number;
  count: number;
  type?: WireType;
  order?: Order;
  timeout: number;
}

export function addRead(program: Command): void {
  program
    .command('read')
    .description('从 Modbus 设备读一次 / read once from a Modbus device')
    .option('--tcp <host:port>', 'Modbus TCP')
    .option('--rtu-tcp <host:port>', 'RTU over TCP')
    .option('--serial <path>', '串口，如 /dev/ttyUSB0 / serial port')
    .option('--baud <n>', '波特率 / baud rate', parseWhole(300, 4_000_000), 9_600)
    .addOption(new Option('--parity <parity>', '校验位 / parity').choices(['none', 'even', 'odd']).default('none'))
    .option('--stop-bits <n>', '停止位 / stop bits', parseWhole(1, 2), 1)
    .option('--unit <id>', '站号 / unit id', parseWhole(0, 255), 1)
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices([...tables]).default('holding'))
    .option('--at <address>', '从零算的地址 / zero-based address', parseWhole(0, 0xffff), 0)
    .option('--count <n>', '个数 / how many', parseWhole(1, 2_000), 1)
    .addOption(new Option('--type <type>', '解成这个类型 / decode as').choices(WireType.options))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options))
    .option('--timeout <ms>', '毫秒 / milliseconds', parseWhole(20, 60_000), 1_000)
    .action((options: ReadOptions) => read(options, outputFor(options)));
}

/** The same section a site file would hold, checked by the same schema. */
function targetOf(options: ReadOptions): unknown {
  const [mode, where] = options.tcp
    ? ['tcp', options.tcp]
    : options.rtuTcp
      ? ['rtu-over-tcp', options.rtuTcp]
      : ['rtu', options.serial];
  if (mode === 'rtu') return { mode, path: where, baud: options.baud, parity: options.parity, stopBits: options.stopBits };
  const colon = where?.lastIndexOf(':') ?? -1;
  return colon > 0
    ? { mode, host: where?.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(where?.slice(colon + 1)) }
    : { mode, host: where, port: 502 };
}

async function read(options: ReadOptions, output: Output): Promise<void> {
  const given = [options.tcp, options.rtuTcp, options.serial].filter((each) => each !== undefined);
  const target = ModbusPort.safeParse(targetOf(options));
  if (given.length !== 1 || !target.success) {
    const why =
      target.success || given.length !== 1
        ? ''
        : ` (${target.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')})`;
    return output.fail(exit.usage, {
      zh: `请给且只给一个：--tcp 主机:端口、--rtu-tcp 主机:端口 或 --serial 串口${why}。`,
      en: `Give exactly one of --tcp host:port, --rtu-tcp host:port, --serial path${why}.`,
    });
  }
  const { unit, table, at, count, timeout } = options;
  let answer: ReadResult;
  try {
    answer = await readOnce({ target: target.data, unit, table, at, count, timeoutMs: timeout, clock: systemClock });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return output.fail(exit.usage, {
      zh: `Modbus 不能这样读（${error.message}）：寄存器一次最多 125 个，位最多 2000 个，地址加个数不超过 65536，串口上不能读 0 号站。`,
      en: `Modbus cannot read that (${error.message}): at most 125 registers or 2000 bits at once, address plus count within 65536, and no unit 0 on a serial line.`,
    });
  }
  show(options, answer, output);
}

function show(options: ReadOptions, answer: ReadResult, output: Output): void {
  if ('unreachable' in answer) return output.fail(exit.unreachable, answer.unreachable);
  if ('exception' in answer)
    return output.fail(exit.problem, exceptionText(answer.exception), { exception: answer.exception, name: answer.name });
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
