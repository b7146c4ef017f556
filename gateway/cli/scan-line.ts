import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { type LinePlace, linePlace, placeText } from '../commission/line-place.ts';
import { type LineWire, lineWires, type Slave, usualModbusMs } from '../commission/line-questions.ts';
import { type LineOwner, ownerOfLine } from '../commission/owner.ts';
import { type LineScan, scanLine, usualListenMs } from '../commission/scan-line.ts';
import { idOf, siteLines } from '../commission/site-lines.ts';
import type { ScanStep } from '../local/scans.ts';
import { defaultSite } from './check.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, table } from './output.ts';
import { stoppedByUser } from './progress.ts';
import { askRunning } from './running.ts';
import { type Found, type Report, rowOf, ScanView } from './scan-view.ts';

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
  const stop = stoppedByUser();
  const view = new ScanView(place, owner, output);
  const isSeen = owner
    ? await throughGateway(owner, options, view, stop.signal, output)
    : await view.follow(scanLine({ ...scanOf(place, options), signal: stop.signal }));
  stop.done();
  if (isSeen) show(view.report(stop.signal.aborted), output);
}

/** The gateway that owns the line asks on it; two who ask would take each other's answers. */
async function throughGateway(
  owner: LineOwner,
  options: ScanOptions,
  view: ScanView,
  signal: AbortSignal,
  output: Output,
): Promise<boolean> {
  view.sayOwner();
  const { shapes, wires, modbusMs, isThorough } = scanOf({ path: owner.place }, options);
  const how = { modbusMs, isThorough, ...(shapes && { shapes }), ...(wires && { wires }) };
  const body = { place: owner.place, ...options.units, ...how };
  const take = (document: unknown) => view.take(document as ScanStep);
  const isAnswered = await askRunning({ site: options.site, ask: 'scan', body, signal }, output, take);
  return isAnswered && !view.isOver;
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

function show({ place, owner, found, noise, wasStopped }: Report, output: Output): void {
  const lines = proposal(place, owner, found);
  const document = {
    schema: 'yihu.scan-line/1',
    place,
    wasStopped,
    found: found.map(({ slave, shape, tookMs, known = null }) => ({ ...slave, shape, tookMs, known })),
    noise: noise.map(({ name, shape, heard }) => ({ name, shape, heard })),
    lines,
  };
  if (found.length === 0) return output.fail(exit.problem, noise.length > 0 ? onlyNoise : nobody, document);
  const head = [
    output.say({ zh: '串口参数', en: 'PARAMETERS' }),
    output.say({ zh: '协议', en: 'WIRE' }),
    output.say({ zh: '地址', en: 'ADDRESS' }),
    output.say({ zh: '是什么', en: 'KIND' }),
    output.say(owner ? { zh: '设备或档案', en: 'DEVICE OR PROFILE' } : { zh: '档案', en: 'PROFILE' }),
    output.say({ zh: '应答', en: 'TOOK' }),
  ];
  output.result(document, [
    '',
    ...table([head, ...found.map(rowOf)]),
    '',
    ...lines,
    ...(owner ? nextThere(output) : nextOf(place, found, output)),
  ]);
}

const nobody = {
  zh: '没有设备应答。查供电、A/B 是否接反、终端电阻；设备地址大于 32 时加 --units 1-247，应答慢时加 --timeout 1000。',
  en: 'Nobody answered. Check power, whether A and B are swapped, termination; for addresses above 32 add --units 1-247, for slow devices --timeout 1000.',
};

const onlyNoise = {
  zh: '有回音，但读不懂：可能串口参数不同，或几台表同时应答。只留一台再扫描，或用 --baud、--parity 指定参数。',
  en: 'Something answered that cannot be read: other serial parameters, or several meters at once. Leave one on the line, or name the parameters with --baud and --parity.',
};

/** What the site file does not have yet: of a line that it has, devices alone. */
function proposal(place: LinePlace, owner: LineOwner | null, all: readonly Found[]): string[] {
  const found = all.filter(({ known }) => typeof known !== 'string');
  const [first] = found;
  if (first === undefined) return [];
  const port = owner?.port ?? 'bus-1';
  const where = 'path' in place ? { mode: 'serial', ...place } : { mode: 'tcp', ...place };
  const known = found.flatMap(({ slave }) => {
    const [profile] = slave.profiles;
    return profile === undefined ? [] : [deviceOf(slave, profile, port)];
  });
  const ports = owner ? [] : [{ id: port, driver: 'line', ...where, ...first.shape }];
  return siteLines({ ports, devices: known });
}

function deviceOf({ wire, address }: Slave, profile: string, port: string) {
  const name = Object.values(address).map(String).join('-');
  return { id: idOf(`${wire}-${name}`), profile, port, address, name: `${wire} ${name}` };
}

/** `probe` would talk into the gateway's line; its page has the same. */
function nextThere(output: Output): string[] {
  return [
    '',
    output.say({
      zh: '下一步：在网关的页面上读它的寄存器、加入设备（按 S）。',
      en: "Next, on the gateway's page (S): read its registers, take it in.",
    }),
  ];
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
