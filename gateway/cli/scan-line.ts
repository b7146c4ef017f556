import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { codecs } from '../codecs.ts';
import { shapeText } from '../collect/line/line-time.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { type LinePlace, linePlace, placeText } from '../commission/line-place.ts';
import { type LineWire, lineWires, type Slave, usualModbusMs } from '../commission/line-questions.ts';
import { ownerOfLine } from '../commission/owner.ts';
import { wiresFor } from '../commission/read-wire.ts';
import { type LineScan, type LineScanEvent, scanLine, usualListenMs } from '../commission/scan-line.ts';
import { idOf, siteLines } from '../commission/site-lines.ts';
import { defaultSite } from './check.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, table, withNext } from './output.ts';
import { lastingText, progressFor, stoppedByUser } from './progress.ts';

interface ScanOptions {
  json?: boolean;
  lang?: string;
  site: string;
  baud: number[];
  parity?: 'none' | 'even' | 'odd';
  wire: LineWire[];
  units: { from: number; to: number };
  timeout: number;
  listen: number;
  thorough?: boolean;
}

const examples = `
例 / examples:
  yihu-gateway scan serial /dev/ttyUSB0                        波特率、校验位、地址都试 / tries baud rates, parities, addresses
  yihu-gateway scan serial /dev/ttyUSB0 --baud 9600 --parity none --units 1-247
  yihu-gateway scan serial 192.168.1.40:4196 --wire dlt645     串口服务器后面 / behind a serial server`;

export function addScanLine(scan: Command): void {
  scan
    .command('serial')
    .argument('<path|host:port>', '串口，或串口服务器 / serial port, or serial server')
    .description(
      '在一条总线上找设备；先快问一遍再慢问一遍，听到别的主站就不再说话 / look for devices on a bus: in haste first, then with patience; falls silent where another master is heard',
    )
    .option('--baud <n>', '只试这个波特率，可写几次 / only this baud rate; may be given several times', bauds, [])
    .addOption(new Option('--parity <parity>', '只试这个校验位 / only this parity').choices(['none', 'even', 'odd']))
    .option('--wire <wire>', `只试这个协议 / only this wire: ${lineWires.join(' ')}`, wires, [])
    .addOption(
      new Option('--units <from-to>', 'Modbus 站号 / Modbus addresses')
        .argParser(parseUnits)
        .default({ from: 1, to: 32 }, '1-32'),
    )
    .option('--timeout <ms>', 'Modbus 应答时限 / how long a Modbus slave may think', parseWhole(20, 5_000), usualModbusMs)
    .option('--listen <ms>', '先听多久；0 不听 / how long to listen first; 0: not at all', parseWhole(0, 60_000), usualListenMs)
    .option('--thorough', '找到后也试其他参数 / tries the other parameters too when something was found')
    .option('--site <site.yaml>', '现场文件，用来看线路有没有主 / site file, to see who owns the line', defaultSite)
    .addHelpText('after', examples)
    .action((place: string, options: ScanOptions) => scanOne(linePlace(place), options, outputFor(options)));
}

function bauds(text: string, before: readonly number[]): number[] {
  return [...before, parseWhole(50, 4_000_000)(text)];
}

function wires(text: string, before: readonly LineWire[]): LineWire[] {
  const found = lineWires.find((wire) => wire === text);
  if (found === undefined) throw new InvalidArgumentError(`可以是 ${lineWires.join(' ')} / it may be ${lineWires.join(' ')}`);
  return [...before, found];
}

function parseUnits(text: string): { from: number; to: number } {
  const [, low = '', high = low] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  const [from, to] = [Number(low), Number(high)];
  if (low === '' || from < 1 || to > 247 || from > to)
    throw new InvalidArgumentError('要写成 1-32，在 1 到 247 之内 / write it like 1-32, within 1 to 247');
  return { from, to };
}

async function scanOne(place: LinePlace, options: ScanOptions, output: Output): Promise<void> {
  const owner = await ownerOfLine(options.site, place);
  if (owner)
    return output.fail(exit.problem, {
      zh: `${placeText(place)} 归正在运行的网关（进程 ${owner.pid}，端口 ${owner.port}）所有；两边同时问，应答会串。在网关的页面上扫描（按 S，轮询会暂停），或先停掉网关：kill ${owner.pid}`,
      en: `${placeText(place)} belongs to the running gateway (process ${owner.pid}, port ${owner.port}); two who ask would take each other's answers. Scan from the gateway's page (S; its polls pause), or stop the gateway first: kill ${owner.pid}`,
    });
  const stop = stoppedByUser();
  const scan = { ...scanOf(place, options), signal: stop.signal };
  const report = await follow(scan, output);
  stop.done();
  if (report) show(place, report, output);
}

function scanOf(place: LinePlace, { baud, parity, wire, units, timeout, listen, thorough }: ScanOptions): LineScan {
  const parities = parity === undefined ? (['none', 'even'] as const) : [parity];
  const shapes = baud.flatMap((each) => parities.map((own): SerialShape => ({ baud: each, parity: own, stopBits: 1 })));
  return {
    place,
    clock: systemClock,
    units,
    modbusMs: timeout,
    listenMs: listen,
    isThorough: thorough === true,
    ...(wire.length > 0 && { wires: wire }),
    ...(shapes.length > 0 && { shapes }),
  };
}

type Found = Extract<LineScanEvent, { kind: 'found' }>;

interface Report {
  readonly found: readonly Found[];
  readonly noise: readonly Extract<LineScanEvent, { kind: 'noise' }>[];
  readonly wasStopped: boolean;
}

/** Shows each event as it happens; undefined where there is nothing more to say. */
async function follow(scan: LineScan, output: Output): Promise<Report | undefined> {
  const progress = progressFor(output);
  const found: Found[] = [];
  const noise: Report['noise'][number][] = [];
  let wasStopped = false;
  for await (const event of scanLine(scan)) {
    switch (event.kind) {
      case 'plan': {
        const lasting = lastingText(event.atMostMs);
        progress.say(
          output.say({
            zh: `${event.shapes} 组串口参数，每组 ${event.questions} 个问题：先快问一遍，没应答的再慢问一遍；没人应答时最多 ${lasting.zh}，Ctrl+C 停止。`,
            en: `${event.shapes} sets of parameters, ${event.questions} questions each: first in haste, then those that have not answered once more with patience; at most ${lasting.en} where nobody answers. Ctrl+C stops it.`,
          }),
        );
        break;
      }
      case 'asking':
        progress.show({
          zh: `${event.done}/${event.of}  ${event.shape ? shapeText(event.shape) : ''}  ${event.name}`,
          en: `${event.done}/${event.of}  ${event.shape ? shapeText(event.shape) : ''}  ${event.name}`,
        });
        break;
      case 'found':
        found.push(event);
        progress.say(`✓ ${rowOf(event).join('  ')}`);
        break;
      case 'noise':
        noise.push(event);
        break;
      case 'occupied':
        progress.clear();
        occupied(event.bytes, output);
        return undefined;
      case 'unreachable':
        progress.clear();
        output.fail(exit.unreachable, withNext(event.problem, nextLook(scan.place)));
        return undefined;
      case 'done':
        wasStopped = event.wasStopped;
    }
  }
  progress.clear();
  return { found, noise, wasStopped };
}

function nextLook(place: LinePlace): string {
  return 'path' in place ? 'ls -l /dev/serial/by-id' : `ping -c 3 ${place.host}`;
}

function rowOf({ slave, shape, tookMs }: Found): string[] {
  const address = Object.entries(slave.address).map(([key, value]) => `${key} ${value}`);
  return [shape ? shapeText(shape) : '-', slave.wire, address.join(' '), slave.kind, slave.profiles[0] ?? '-', `${tookMs} ms`];
}

/** Whoever talks there can be listened to, and is no reason to talk into it. */
function occupied(bytes: Uint8Array, output: Output): void {
  const hex = Buffer.from(bytes).toString('hex');
  const [best] = wiresFor(codecs.values(), { text: hex, as: 'hex' });
  const heard = best ? { zh: `，像 ${best.wire}`, en: `, it looks like ${best.wire}` } : { zh: '', en: '' };
  output.fail(
    exit.problem,
    {
      zh: `这条线上另有主站在问（听到 ${bytes.length} 字节${heard.zh}），没有发问，以免打断它。停掉它再扫描；确要一起问，加 --listen 0。`,
      en: `Somebody else asks on this line (${bytes.length} bytes were heard${heard.en}); nothing was sent, so as not to break into it. Stop that first, or ask all the same with --listen 0.`,
    },
    { schema: 'yihu.scan-line/1', heard: hex, wire: best?.wire ?? null },
  );
}

function show(place: LinePlace, { found, noise, wasStopped }: Report, output: Output): void {
  const lines = proposal(place, found);
  const document = {
    schema: 'yihu.scan-line/1',
    place,
    wasStopped,
    found: found.map(({ slave, shape, tookMs }) => ({ ...slave, shape, tookMs })),
    noise: noise.map(({ name, shape, heard }) => ({ name, shape, heard })),
    lines,
  };
  if (found.length === 0) return output.fail(exit.problem, noise.length > 0 ? onlyNoise : nobody, document);
  const head = [
    output.say({ zh: '串口参数', en: 'PARAMETERS' }),
    output.say({ zh: '协议', en: 'WIRE' }),
    output.say({ zh: '地址', en: 'ADDRESS' }),
    output.say({ zh: '是什么', en: 'KIND' }),
    output.say({ zh: '档案', en: 'PROFILE' }),
    output.say({ zh: '应答', en: 'TOOK' }),
  ];
  output.result(document, ['', ...table([head, ...found.map(rowOf)]), '', ...lines, ...nextOf(place, found, output)]);
}

const nobody = {
  zh: '没有设备应答。查供电、A/B 是否接反、终端电阻；设备地址大于 32 时加 --units 1-247，应答慢时加 --timeout 1000。',
  en: 'Nobody answered. Check power, whether A and B are swapped, termination; for addresses above 32 add --units 1-247, for slow devices --timeout 1000.',
};

const onlyNoise = {
  zh: '有回音，但读不懂：可能串口参数不同，或几台表同时应答。只留一台再扫描，或用 --baud、--parity 指定参数。',
  en: 'Something answered that cannot be read: other serial parameters, or several meters at once. Leave one on the line, or name the parameters with --baud and --parity.',
};

function proposal(place: LinePlace, found: readonly Found[]): string[] {
  const [first] = found;
  if (first === undefined) return [];
  const where = 'path' in place ? { mode: 'serial', ...place } : { mode: 'tcp', ...place };
  const known = found.flatMap(({ slave }) => {
    const [profile] = slave.profiles;
    return profile === undefined ? [] : [deviceOf(slave, profile)];
  });
  return siteLines({ ports: [{ id: 'bus-1', driver: 'line', ...where, ...first.shape }], devices: known });
}

function deviceOf({ wire, address }: Slave, profile: string) {
  const name = Object.values(address).map(String).join('-');
  return { id: idOf(`${wire}-${name}`), profile, port: 'bus-1', address, name: `${wire} ${name}` };
}

function nextOf(place: LinePlace, found: readonly Found[], output: Output): string[] {
  const unknown = found.find(({ slave }) => slave.wire === 'modbus');
  if (unknown === undefined) return [];
  const { shape, slave } = unknown;
  const words = 'path' in place ? `--serial ${place.path}` : `--rtu-tcp ${placeText(place)}`;
  const parameters = shape ? ` --baud ${shape.baud} --parity ${shape.parity}` : '';
  const next = `yihu-gateway probe ${words}${parameters} --unit ${String(slave.address['unit'])} --fit`;
  return ['', output.say({ zh: `下一步，看是什么型号：${next}`, en: `Next, see what it is: ${next}` })];
}
