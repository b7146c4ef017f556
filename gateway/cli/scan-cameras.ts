import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { type Discovered, discoverCameras } from '../collect/onvif/discovery.ts';
import { siteEgress } from '../egress.ts';
import { type Output, exit, outputFor, table } from './output.ts';

interface ScanOptions {
  json?: boolean;
  lang?: string;
  subnet: string[];
}

const examples = `
例 / example:
  yihu-gateway scan cameras --subnet 192.168.64.0/24`;

export function addScanCameras(scan: Command): void {
  scan
    .command('cameras')
    .description('在给出的网段里找 ONVIF 摄像机 / look for ONVIF cameras on the subnets you name')
    .requiredOption('--subnet <cidr>', '网段，如 192.168.64.0/24，可以写几次 / a subnet; may be given several times', parseSubnet)
    .addHelpText('after', examples)
    .action((options: ScanOptions) => cameras(options, outputFor(options)));
}

export function parseSubnet(text: string, before: readonly string[] = []): string[] {
  if (!z.cidrv4().safeParse(text).success)
    throw new InvalidArgumentError('要写成 192.168.64.0/24 这样 / write it like 192.168.64.0/24');
  return [...before, text];
}

async function cameras({ subnet }: ScanOptions, output: Output): Promise<void> {
  const found = await discoverCameras({ egress: siteEgress(subnet), clock: systemClock });
  if (found.askedFrom.length > 0) return show(found, output);
  return output.fail(exit.usage, {
    zh: `本机没有地址在 ${subnet.join('、')} 里，没有地方可问。请用 ip addr 查看本机地址，再写它所在的网段。`,
    en: `This machine has no address in ${subnet.join(', ')}, so nobody could be asked. See its addresses with ip addr and name a subnet it is in.`,
  });
}

function show({ cameras, askedFrom, dropped }: Discovered, output: Output): void {
  const rows = cameras.map(({ host, port, path, isSecure, name, hardware }) => [
    host,
    `${port}${isSecure ? ' https' : ''}`,
    path,
    name,
    hardware,
  ]);
  const next = cameras.length > 0 ? written : noneFound;
  output.result({ schema: 'yihu.scan-cameras/1', cameras, askedFrom, dropped }, [...table(rows), output.say(next)]);
}

const written = {
  zh: '把 host、port、path 写进现场文件里设备的 address，再运行 yihu-gateway check。',
  en: 'Write host, port and path into the device’s address in the site file, then run yihu-gateway check.',
};

const noneFound = {
  zh: '没有摄像机应答。请检查摄像机是否通电、在同一网段，并启用 ONVIF 和“设备发现”。',
  en: 'No camera answered. Check that it has power, is on the same subnet, and has ONVIF and its discovery switched on.',
};
