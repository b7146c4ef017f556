import { type Command, Option } from 'commander';
import { LinePort } from '../collect/line/settings.ts';
import type { Target } from '../collect/modbus/read.ts';
import { ModbusPort } from '../collect/modbus/settings.ts';
import { type LinePlace, placeText } from '../commission/line-place.ts';
import { ownerOfLine } from '../commission/owner.ts';
import { defaultSite } from './check.ts';
import { parseWhole } from './numbers.ts';
import { type Output, type Speech, exit, withNext } from './output.ts';

/** Where a Modbus device is reached, as options of a command. */
export interface TargetOptions {
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
  timeout: number;
  site: string;
}

export function withTarget(command: Command): Command {
  return command
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
    .option('--timeout <ms>', '毫秒 / milliseconds', parseWhole(20, 60_000), 1_000)
    .option('--site <site.yaml>', '现场文件，用来看线路有没有主 / site file, to see who owns the line', defaultSite);
}

/** The same section a site file would hold, checked by the same schema; undefined where it is wrong, which has been said then. */
export function targetOf(options: TargetOptions, output: Output): Target | undefined {
  const given = [options.tcp, options.tls, options.rtuTcp, options.serial].filter((each) => each !== undefined);
  const parsed = given.length === 1 ? sectionOf(options) : undefined;
  if (parsed?.success === true) return parsed.data;
  const issues = parsed?.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  const why = issues === undefined ? '' : ` (${issues})`;
  output.fail(exit.usage, {
    zh: `请给且只给一个：--tcp 主机:端口、--tls 主机:端口、--rtu-tcp 主机:端口 或 --serial 串口${why}。`,
    en: `Give exactly one of --tcp host:port, --tls host:port, --rtu-tcp host:port, --serial path${why}.`,
  });
  return undefined;
}

/** Whether a running gateway has the line; two who ask would take each other's answers. It has been said then, with `next`. */
export async function isTaken(target: Target, site: string, next: Speech, output: Output): Promise<boolean> {
  const place = target.driver === 'line' ? placeOfLine(target.port) : undefined;
  const owner = place === undefined ? null : await ownerOfLine(site, place);
  if (place === undefined || owner === null) return false;
  output.fail(exit.problem, {
    zh: `${placeText(place)} 归正在运行的网关（进程 ${owner.pid}，端口 ${owner.port}）所有；两边同时问，应答会串。${next.zh}要直接问，先停掉网关：kill ${owner.pid}`,
    en: `${placeText(place)} belongs to the running gateway (process ${owner.pid}, port ${owner.port}); two who ask would take each other's answers. ${next.en} To ask directly stop the gateway first: kill ${owner.pid}`,
  });
  return true;
}

/** Where the gateway itself reads registers of a line that it has. */
export const readThere: Speech = {
  zh: '在网关的页面上读它的寄存器（按 S）；设备为什么不说话：yihu-gateway doctor。',
  en: "Read its registers on the gateway's page (S); why a device is silent: yihu-gateway doctor.",
};

function placeOfLine(port: Extract<Target, { driver: 'line' }>['port']): LinePlace | undefined {
  if (port.mode === 'serial') return { path: port.path };
  return port.mode === 'tcp' ? { host: port.host, port: port.port } : undefined;
}

/** Nobody is there: why, and where to look for who is. */
export function failUnreachable(problem: Speech, { tcp, tls, rtuTcp, serial }: TargetOptions, output: Output): void {
  const { host } = placeOf(tcp ?? tls ?? rtuTcp ?? '');
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(host);
  const onNetwork = isAddress ? `yihu-gateway scan tcp --subnet ${host}/32` : `ping -c 3 ${host}`;
  output.fail(exit.unreachable, withNext(problem, serial === undefined ? onNetwork : 'ls -l /dev/serial/by-id'));
}

function sectionOf(options: TargetOptions) {
  const tcp = options.tcp ?? options.tls;
  if (tcp !== undefined) {
    const { ca, cert, key, serverName } = options;
    const port = { ...placeOf(tcp), ...(options.tls !== undefined && { tls: { ca, cert, key, serverName } }) };
    return ModbusPort.transform((section): Target => ({ driver: 'modbus', port: section })).safeParse(port);
  }
  const { baud, parity, stopBits, dataBits } = options;
  const framing = options.ascii === true ? 'ascii' : 'rtu';
  const where =
    options.serial === undefined ? { mode: 'tcp', ...placeOf(options.rtuTcp ?? '') } : { mode: 'serial', path: options.serial };
  return LinePort.transform((port): Target => ({ driver: 'line', port, framing })).safeParse({
    ...where,
    baud,
    parity,
    stopBits,
    dataBits,
  });
}

/** `host:port`, with an address of IPv6 in brackets; the port may be left out. */
export function placeOf(text: string): { host: string; port?: number } {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return { host: text };
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Where it is, in the words of the option that named it: `--tcp 10.0.0.9:502`. */
export function targetWords(options: TargetOptions): string {
  const { tcp, tls, rtuTcp, serial, unit } = options;
  const shape = serial === undefined ? '' : ` --baud ${options.baud} --parity ${options.parity}`;
  const where = tcp ? `--tcp ${tcp}` : tls ? `--tls ${tls}` : rtuTcp ? `--rtu-tcp ${rtuTcp}` : `--serial ${serial ?? ''}`;
  return `${where}${shape} --unit ${unit}`;
}
