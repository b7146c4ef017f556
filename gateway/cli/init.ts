import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { isZone } from '@yihu/device-profiles/library/zone.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Command, InvalidArgumentError } from 'commander';
import { defaultSite } from './check.ts';
import { type Output, exit, outputFor } from './output.ts';

interface Options {
  readonly id?: string;
  readonly name?: string;
  readonly zone: string;
  readonly listen: string;
  readonly alone?: boolean;
  readonly json?: boolean;
  readonly lang?: string;
}

export function addInit(program: Command): void {
  program
    .command('init')
    .argument('[site.yaml]', '要写的现场文件 / site file to write', defaultSite)
    .option('--id <id>', '网关编号，如 gw-xfl-1 / id of the gateway, such as gw-xfl-1', idOf)
    .option('--name <name>', '网关名称，如 幸福里一号网关 / its name, such as “Gateway 1”')
    .option('--zone <zone>', '时区 / time zone', zoneOf, 'Asia/Shanghai')
    .option('--listen <host:port>', '本地页面的地址 / address of the local page', '0.0.0.0:8610')
    .option('--alone', '不连云端 / without a cloud')
    .description('写出第一份现场文件；没有给出的会逐项询问 / write a first site file; asks for what is not given')
    .action(async (file: string, options: Options) => {
      const output = outputFor(options);
      const asked = await answersOf(options, output);
      if (asked === null) return;
      try {
        await writeFile(resolve(file), siteText(asked, options), { flag: 'wx', mode: 0o640 });
      } catch (error) {
        return output.fail(exit.problem, notWritten(file, (error as NodeJS.ErrnoException).code ?? String(error)));
      }
      output.result({ schema: 'yihu.init/1', file, gateway: asked.id }, [
        output.say({
          zh: `✓ 已写出 ${file}。下一步：yihu-gateway run ${file}，再用浏览器打开 http://${pageOf(options, '网关地址')} 接入设备。`,
          en: `✓ ${file} is written. Next: yihu-gateway run ${file}, then open http://${pageOf(options, '<gateway>')} in a browser to add devices.`,
        }),
      ]);
    });
}

/** Where a browser finds the page; `any` stands for the machine's address where it listens on all of them. */
function pageOf({ listen }: Options, any: string): string {
  return listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, any);
}

function idOf(text: string): string {
  if (Id.safeParse(text).success) return text;
  throw new InvalidArgumentError('要用小写字母、数字和 . _ - / use lower-case letters, digits and . _ -');
}

function zoneOf(text: string): string {
  if (isZone(text)) return text;
  throw new InvalidArgumentError('要写成 Asia/Shanghai 或 +08:00 / write it as Asia/Shanghai or +08:00');
}

/** What the options left open, asked on a terminal; null where there is none to ask on, which has been said then. */
async function answersOf({ id, name }: Options, output: Output): Promise<{ id: string; name: string } | null> {
  if (id !== undefined && name !== undefined) return { id, name };
  if (!process.stdin.isTTY || output.json) {
    output.fail(exit.usage, {
      zh: '没有终端可以询问。请写明，如 yihu-gateway init --id gw-1 --name 一号网关。',
      en: 'There is no terminal to ask on. Say it all, such as yihu-gateway init --id gw-1 --name "Gateway 1".',
    });
    return null;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return { id: id ?? (await askId(terminal, output)), name: name ?? (await askName(terminal, output)) };
  } finally {
    terminal.close();
  }
}

type Terminal = ReturnType<typeof createInterface>;

async function askId(terminal: Terminal, { say }: Output): Promise<string> {
  for (;;) {
    const text = await terminal.question(say({ zh: '网关编号（如 gw-xfl-1）：', en: 'Id of the gateway (such as gw-xfl-1): ' }));
    if (Id.safeParse(text.trim()).success) return text.trim();
    process.stderr.write(
      `${say({ zh: '编号要用小写字母、数字和 . _ -', en: 'An id has lower-case letters, digits and . _ -' })}\n`,
    );
  }
}

async function askName(terminal: Terminal, { say }: Output): Promise<string> {
  for (;;) {
    const text = await terminal.question(say({ zh: '网关名称（如 幸福里一号网关）：', en: 'Its name (such as Gateway 1): ' }));
    if (text.trim() !== '') return text.trim();
  }
}

function siteText({ id, name }: { id: string; name: string }, { zone, listen, alone }: Options): string {
  return `# 现场文件 / site file. 检查 / check: yihu-gateway check
schema: yihu-site/1
gateway:
  id: ${id}
  name: ${JSON.stringify(name)}
  zone: ${JSON.stringify(zone)}

# 数据目录：日志、历史、身份 / folder of the log, the history and the identity
data: data
# 本地页面 / local page
listen: ${JSON.stringify(listen)}
# off：不连云端 / works without a cloud
uplink: ${alone === true ? '"off"' : '"on"'}

# 线路，例如 / lines, such as:
#   - {id: bus, driver: line, mode: serial, path: /dev/ttyUSB0, baud: 9600}
ports: []
# 设备，例如 / devices, such as:
#   - {id: meter-1, profile: eastron.sdm120, port: bus, address: {unit: 1}, name: 一号电表}
devices: []
`;
}

function notWritten(file: string, code: string) {
  if (code === 'EEXIST')
    return {
      zh: `${file} 已经存在，没有动它。请换一个文件名，或先检查它：yihu-gateway check ${file}`,
      en: `${file} is there already and was left alone. Name another file, or look at it: yihu-gateway check ${file}`,
    };
  return {
    zh: `写不出 ${file}（${code}）。请检查路径和权限。`,
    en: `${file} cannot be written (${code}). Check the path and its permissions.`,
  };
}
