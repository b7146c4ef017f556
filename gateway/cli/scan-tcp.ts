import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { hostsIn, isWithin, mostHosts, scanTcp, type TcpScanEvent, usualPorts } from '../commission/scan-tcp.ts';
import { subnetsOf } from '../commission/owner.ts';
import { idOf, siteLines } from '../commission/site-lines.ts';
import { siteEgress } from '../egress.ts';
import { defaultSite } from './check.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, table } from './output.ts';
import { lastingText, progressFor, stoppedByUser } from './progress.ts';
import { parseSubnet } from './scan-cameras.ts';

interface ScanOptions {
  json?: boolean;
  lang?: string;
  subnet?: string[];
  port: number[];
  site: string;
}

const examples = `
例 / examples:
  yihu-gateway scan tcp                               现场文件 network.subnets 里的网段 / the subnets of the site file
  yihu-gateway scan tcp --subnet 192.168.1.0/24
  yihu-gateway scan tcp --subnet 192.168.1.30/32 --port 1502`;

export function addScanTcp(scan: Command): void {
  scan
    .command('tcp')
    .description('在网段里找 Modbus TCP 设备和串口服务器 / look for Modbus TCP devices and serial servers')
    .option(
      '--subnet <cidr>',
      '网段，可写几次；默认是现场文件里的 / a subnet, may be given several times; default: the site file’s',
      parseSubnet,
    )
    .option('--port <n>', `端口，可写几次 / a port, may be given several times (${usualPorts.join(' ')})`, ports, [])
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .addHelpText('after', examples)
    .action((options: ScanOptions) => scanAll(options, outputFor(options)));
}

function ports(text: string, before: readonly number[]): number[] {
  return [...before, parseWhole(1, 65_535)(text)];
}

type Found = Extract<TcpScanEvent, { kind: 'found' }>;

async function scanAll(options: ScanOptions, output: Output): Promise<void> {
  const declared = await subnetsOf(options.site);
  const subnets = options.subnet ?? declared;
  if (subnets.length === 0)
    return output.fail(exit.usage, {
      zh: `${options.site} 没有声明网段（network.subnets）。请用 --subnet 192.168.1.0/24 写明要扫描哪里。`,
      en: `${options.site} declares no network.subnets. Say where to look with --subnet 192.168.1.0/24.`,
    });
  if (hostsIn(subnets) === null)
    return output.fail(exit.usage, {
      zh: `网段太大：一次最多 ${mostHosts} 个地址，每个网段不大于 /22，只能是 IPv4。请分几次扫描。`,
      en: `Too large: at most ${mostHosts} addresses at once, each subnet /22 or smaller, IPv4 only. Scan in several steps.`,
    });
  const stop = stoppedByUser();
  const { found, wasStopped } = await follow(options, subnets, stop.signal, output);
  stop.done();
  show({ found, wasStopped, undeclared: subnets.filter((subnet) => !isWithin(subnet, declared)) }, output);
}

async function follow({ port }: ScanOptions, subnets: readonly string[], signal: AbortSignal, output: Output) {
  const progress = progressFor(output);
  const found: Found[] = [];
  let wasStopped = false;
  const scan = { subnets, egress: siteEgress(subnets), clock: systemClock, signal, ...(port.length > 0 && { ports: port }) };
  for await (const event of scanTcp(scan)) {
    if (event.kind === 'plan') {
      const lasting = lastingText(event.atMostMs);
      const what = event.ports.join(' ');
      progress.say(
        output.say({
          zh: `${event.addresses} 个地址，端口 ${what}，最多约 ${lasting.zh}；Ctrl+C 停止。`,
          en: `${event.addresses} addresses, ports ${what}; at most some ${lasting.en}. Ctrl+C stops it.`,
        }),
      );
    } else if (event.kind === 'progress') progress.show({ zh: `${event.done}/${event.of}`, en: `${event.done}/${event.of}` });
    else if (event.kind === 'found') {
      found.push(event);
      progress.say(`✓ ${rowOf(event, output).join('  ')}`);
    } else wasStopped = event.wasStopped;
  }
  progress.clear();
  return { found, wasStopped };
}

function rowOf({ host, port, speaks, units }: Found, { say }: Output): string[] {
  const words = {
    'modbus-tcp': { zh: 'Modbus TCP', en: 'Modbus TCP' },
    'rtu-over-tcp': { zh: '串口服务器（RTU）', en: 'serial server (RTU)' },
    none: { zh: '端口开着，不说 Modbus', en: 'open, speaks no Modbus' },
  };
  return [`${host}:${port}`, say(words[speaks ?? 'none']), units.toSorted((a, b) => a - b).join(' ')];
}

function headOf({ say }: Output): string[] {
  return [say({ zh: '地址', en: 'ADDRESS' }), say({ zh: '是什么', en: 'KIND' }), say({ zh: '站号', en: 'UNITS' })];
}

interface Report {
  readonly found: readonly Found[];
  readonly wasStopped: boolean;
  readonly undeclared: readonly string[];
}

function show({ found, wasStopped, undeclared }: Report, output: Output): void {
  const lines = siteLines({ ports: found.flatMap(portOf), devices: [] });
  const document = {
    schema: 'yihu.scan-tcp/1',
    wasStopped,
    found: found.map(({ host, port, speaks, units }) => ({ host, port, speaks, units })),
    undeclared,
    lines,
  };
  if (found.length === 0)
    return output.fail(
      exit.problem,
      {
        zh: '没有地址应答。查设备是否通电、网线和网段；端口不同时用 --port 写明。',
        en: 'No address answered. Check power, cable and subnet of the devices; name another port with --port.',
      },
      document,
    );
  const first = found.find(({ speaks }) => speaks !== null);
  const next = first && `yihu-gateway probe ${optionOf(first)} ${first.host}:${first.port} --unit ${first.units[0] ?? 1} --fit`;
  output.result(document, [
    '',
    ...table([headOf(output), ...found.map((each) => rowOf(each, output))]),
    '',
    ...lines,
    ...(undeclared.length > 0
      ? [
          output.say({
            zh: `现场文件的 network.subnets 里还没有 ${undeclared.join('、')}。`,
            en: `network.subnets of the site file does not have ${undeclared.join(', ')} yet.`,
          }),
        ]
      : []),
    ...(next ? [output.say({ zh: `下一步，看是什么型号：${next}`, en: `Next, see what it is: ${next}` })] : []),
  ]);
}

function optionOf({ speaks }: Found): string {
  return speaks === 'modbus-tcp' ? '--tcp' : '--rtu-tcp';
}

function portOf({ host, port, speaks }: Found): Readonly<Record<string, unknown>>[] {
  if (speaks === null) return [];
  const id = idOf(`p-${host}-${port}`);
  return [speaks === 'modbus-tcp' ? { id, driver: 'modbus', host, port } : { id, driver: 'line', mode: 'tcp', host, port }];
}
