import { type Table, tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { systemClock } from '../clock.ts';
import { LinePort } from '../collect/line/settings.ts';
import { objectNames } from '../collect/modbus/identification.ts';
import {
  exceptionText,
  identifyOnce,
  type IdentifyResult,
  readOnce,
  type ReadResult,
  type Target,
} from '../collect/modbus/read.ts';
import { ModbusPort } from '../collect/modbus/settings.ts';
import { decodeWords } from '../decode/value.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor } from './output.ts';

interface ReadOptions {
  json?: boolean;
  lang?: string;
  tcp?: string;
  tls?: string;
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
  rtuTcp?: string;
  serial?: string;
  ascii?: boolean;
  baud: number;
  parity: string;
  stopBits: number;
  dataBits: number;
  unit: number;
  identify?: boolean;
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
    .option('--tls <host:port>', 'Modbus TCP over TLS（Modbus/TCP Security）')
    .option('--ca <file>', 'TLS：设备证书的签发者 / who signed the device’s certificate (PEM)')
    .option('--cert <file>', 'TLS：本机证书 / our certificate (PEM)')
    .option('--key <file>', 'TLS：本机私钥 / its key (PEM)')
    .option('--server-name <name>', 'TLS：证书上的名称 / the name in the device’s certificate')
    .option('--rtu-tcp <host:port>', '串口服务器上的 RTU / RTU over TCP')
    .option('--serial <path>', '串口，如 /dev/serial/by-id/… / serial port')
    .option('--ascii', 'Modbus ASCII 而不是 RTU / Modbus ASCII instead of RTU')
    .option('--baud <n>', '波特率 / baud rate', parseWhole(50, 4_000_000), 9_600)
    .addOption(new Option('--parity <parity>', '校验位 / parity').choices(['none', 'even', 'odd']).default('none'))
    .option('--stop-bits <n>', '停止位 / stop bits', parseWhole(1, 2), 1)
    .option('--data-bits <n>', '数据位 / data bits', parseWhole(7, 8), 8)
    .option('--unit <id>', '站号 / unit id', parseWhole(0, 255), 1)
    .option('--identify', '读设备标识（厂商、型号、版本） / read the device’s own identification')
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices([...tables]).default('holding'))
    .option('--at <address>', '从零算的地址 / zero-based address', parseWhole(0, 0xffff), 0)
    .option('--count <n>', '个数 / how many', parseWhole(1, 2_000), 1)
    .addOption(new Option('--type <type>', '解成这个类型 / decode as').choices(WireType.options))
    .addOption(new Option('--order <order>', '字节顺序 / byte order').choices(Order.options))
    .option('--timeout <ms>', '毫秒 / milliseconds', parseWhole(20, 60_000), 1_000)
    .action((options: ReadOptions) => read(options, outputFor(options)));
}

type Parsed = { readonly target: Target } | { readonly error: z.ZodError | undefined };

/** The same section a site file would hold, checked by the same schema. */
function targetOf(options: ReadOptions): Parsed {
  const given = [options.tcp, options.tls, options.rtuTcp, options.serial].filter((each) => each !== undefined);
  if (given.length !== 1) return { error: undefined };
  const secure = options.tls !== undefined;
  const tcp = options.tcp ?? options.tls;
  if (tcp !== undefined) {
    const { ca, cert, key, serverName } = options;
    const parsed = ModbusPort.safeParse({ ...placeOf(tcp), ...(secure && { tls: { ca, cert, key, serverName } }) });
    return parsed.success ? { target: { driver: 'modbus', port: parsed.data } } : { error: parsed.error };
  }
  const { baud, parity, stopBits, dataBits } = options;
  const where =
    options.serial === undefined ? { mode: 'tcp', ...placeOf(options.rtuTcp ?? '') } : { mode: 'serial', path: options.serial };
  const parsed = LinePort.safeParse({ ...where, baud, parity, stopBits, dataBits });
  if (!parsed.success) return { error: parsed.error };
  return { target: { driver: 'line', port: parsed.data, framing: options.ascii === true ? 'ascii' : 'rtu' } };
}

function placeOf(text: string): { host: string; port?: number } {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return { host: text };
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

async function read(options: ReadOptions, output: Output): Promise<void> {
  const parsed = targetOf(options);
  if ('error' in parsed) {
    const issues = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    const why = issues === undefined ? '' : ` (${issues})`;
    return output.fail(exit.usage, {
      zh: `请给且只给一个：--tcp 主机:端口、--tls 主机:端口、--rtu-tcp 主机:端口 或 --serial 串口${why}。`,
      en: `Give exactly one of --tcp host:port, --tls host:port, --rtu-tcp host:port, --serial path${why}.`,
    });
  }
  const { unit, table, at, count, timeout: timeoutMs } = options;
  const { target } = parsed;
  try {
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

function failed(answer: { unreachable: { zh: string; en: string } } | { exception: number; name: string }, output: Output): void {
  if ('unreachable' in answer) return output.fail(exit.unreachable, answer.unreachable);
  const { exception, name } = answer;
  return output.fail(exit.problem, exceptionText(exception), { exception, name });
}

function showIdentity({ unit }: ReadOptions, answer: IdentifyResult, output: Output): void {
  if (!('objects' in answer)) return failed(answer, output);
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
  if ('unreachable' in answer || 'exception' in answer) return failed(answer, output);
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
