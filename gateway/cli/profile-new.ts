import { createInterface } from 'node:readline/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import { loadText } from '@yihu/device-profiles/library/load.ts';
import { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { Target } from '../collect/modbus/read.ts';
import { type NewPoint, type NewRead, profileText } from '../commission/new-profile.ts';
import { mostProbed, probeRegisters } from '../commission/probe.ts';
import { proveProfile } from '../prove.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor } from './output.ts';
import { guide } from './profile-guide.ts';
import { failUnreachable, isTaken, readThere, type TargetOptions, targetOf, withTarget } from './target.ts';

interface NewOptions extends TargetOptions {
  json?: boolean;
  lang?: string;
  table: 'holding' | 'input';
  category: string;
  point?: NewPoint[];
  at: number;
  count: number;
  folder: string;
}

const examples = `
例 / example（不给 --point 时对着表逐个认 / without --point it asks for what the display shows）:
  yihu-gateway profile new acme.m1 --serial /dev/ttyUSB0 --unit 3 --at 0x2000 --count 40 --category meter.electricity
例 / example（点位：名称@地址:类型:字节顺序:倍率:单位=表上显示的值 / a point: name@address:type:order:scale:unit=what its display shows）:
  yihu-gateway profile new acme.m1 --tcp 192.168.1.30 --category meter.electricity \\
    --point voltage@0x2000:f32:ABCD:1:V=230.2 --point current@0x2002:f32:ABCD:1:A`;

export function addProfileNew(profile: Command): void {
  const command = profile
    .command('new')
    .argument('<maker.model>', '档案的编号 / id of the profile', parseId)
    .description(
      '读一次设备，写出一个档案，向量取自真实的寄存器 / reads a device once and writes a profile with a vector of what was really read',
    );
  withTarget(command)
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices(['holding', 'input']).default('holding'))
    .addOption(new Option('--category <category>', '类别 / category').choices(Category.options).default('other'))
    .option('--at <address>', '从哪个地址起认 / where to look from', parseWhole(0, 0xffff), 0)
    .option('--count <n>', '看几个寄存器 / how many registers to look at', parseWhole(1, mostProbed), 64)
    .option('--point <point>', '点位，可写几次 / a point; may be given several times', parsePoint)
    .option('--folder <folder>', '写到哪个档案目录 / folder of profiles to write into', 'profiles')
    .addHelpText('after', examples)
    .action((id: string, options: NewOptions) => create(id, options, outputFor(options)));
}

function parseId(text: string): string {
  if (!/^[a-z0-9-]+\.[a-z0-9._-]+$/.test(text))
    throw new InvalidArgumentError('要写成 厂商.型号，小写，如 acme.m1 / write it as maker.model in lower case, such as acme.m1');
  return text;
}

const form =
  /^([a-z0-9][a-z0-9._-]*)@(0x[0-9a-f]{1,4}|\d{1,5}):([a-z0-9]+)(?::([A-D]{4}))?(?::([\d.]+))?(?::([^=]+))?(?:=(-?[\d.]+))?$/i;

function parsePoint(text: string, before: readonly NewPoint[] = []): NewPoint[] {
  const [, id, at, type, order = 'ABCD', scale = '1', unit = '1', shown] = form.exec(text) ?? [];
  const [wire, bytes] = [WireType.safeParse(type), Order.safeParse(order)];
  if (id === undefined || at === undefined || !wire.success || !bytes.success || !(Number(scale) > 0) || wire.data === 'string')
    throw new InvalidArgumentError('要写成 voltage@0x2000:f32:ABCD:1:V=230.2 / write it like voltage@0x2000:f32:ABCD:1:V=230.2');
  const point = { id, at: Number(at), type: wire.data, order: bytes.data, scale: Number(scale), unit };
  return [...before, shown === undefined ? point : { ...point, shown: Number(shown) }];
}

async function create(id: string, options: NewOptions, output: Output): Promise<void> {
  const target = targetOf(options, output);
  if (target === undefined || (await isTaken(target, options.site, readThere, output))) return;
  const reads =
    options.point === undefined ? await guided(options, target, output) : await named(options.point, options, target, output);
  if (reads === undefined) return;
  const day = new Date(systemClock.now()).toISOString().slice(0, 10);
  const { unit, table, category, baud, parity, stopBits } = options;
  const line = target.driver === 'line' ? { serial: { baud, parity, stopBits } } : {};
  const text = profileText({ id, category, unit, ...line, table, reads, day });
  const [maker = '', ...model] = id.split('.');
  const file = resolve(options.folder, maker, `${model.join('.')}.yaml`);
  const loaded = loadText(text, file, { prove: proveProfile });
  if ('problems' in loaded) {
    const [first] = loaded.problems;
    const document = { problems: loaded.problems };
    return output.fail(
      exit.problem,
      {
        zh: `没有写：${first?.zh ?? ''} 表上显示的值与解出的不同时，换类型、字节顺序或倍率（yihu-gateway probe --all）。`,
        en: `Nothing was written: ${first?.en ?? ''} Where the display shows another value, change type, order or scale (yihu-gateway probe --all).`,
      },
      document,
    );
  }
  save(file, text, { id, tier: loaded.tier }, output);
}

/** The points as they were named, read in one run; undefined where that has failed, which has been said then. */
async function named(
  points: readonly NewPoint[],
  options: NewOptions,
  target: Target,
  output: Output,
): Promise<NewRead[] | undefined> {
  const at = Math.min(...points.map((point) => point.at));
  const count = Math.max(...points.map((point) => point.at + registerCount(point.type))) - at;
  const probed = await look({ ...options, at, count: Math.min(count, 125) }, target);
  if ('unreachable' in probed) {
    failUnreachable(probed.unreachable, options, output);
    return undefined;
  }
  const [block, second] = probed.blocks;
  if (count <= 125 && block !== undefined && second === undefined && block.words.length >= count) return [{ block, points }];
  output.fail(exit.problem, {
    zh: '这些点位不在一段连续的 125 个寄存器之内，或设备没有其中一些。请先只写相邻的点位，再手工合并。',
    en: 'These points are not within one run of 125 registers, or the device lacks some. Name neighbouring points first and join the files by hand.',
  });
  return undefined;
}

function look(options: NewOptions, target: Target): ReturnType<typeof probeRegisters> {
  const { unit, table, at, count, timeout: timeoutMs } = options;
  return probeRegisters({ target, unit, table, at, count, timeoutMs, clock: systemClock });
}

async function guided(options: NewOptions, target: Target, output: Output): Promise<NewRead[] | undefined> {
  if (!process.stdin.isTTY || output.json) {
    output.fail(exit.usage, {
      zh: '没有终端可以询问。请用 --point 写出点位，写法见 yihu-gateway profile new --help。',
      en: 'There is no terminal to ask on. Name the points with --point; yihu-gateway profile new --help shows how.',
    });
    return undefined;
  }
  const first = await look(options, target);
  if ('unreachable' in first) {
    failUnreachable(first.unreachable, options, output);
    return undefined;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<null>((end) => terminal.once('close', () => end(null)));
  try {
    const tell = (line: string) => process.stderr.write(`${line}\n`);
    const read = async () => {
      const probed = await look(options, target);
      if ('blocks' in probed) return probed.blocks;
      tell(`✗ ${output.say(probed.unreachable)}`);
      return null;
    };
    const ask = (question: string) => Promise.race([terminal.question(question), ended]);
    const reads = await guide({ say: output.say, tell, ask, read });
    if (reads.length > 0) return reads;
    output.fail(exit.problem, { zh: '没有认出点位，没有写档案。', en: 'No point was recognised; nothing was written.' });
    return undefined;
  } finally {
    terminal.close();
  }
}

function save(file: string, text: string, { id, tier }: { id: string; tier: string }, output: Output): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    return output.fail(exit.problem, {
      zh: `写不了 ${file}（${code}）。已有的文件不会覆盖；换一个编号或目录。`,
      en: `${file} cannot be written (${code}). A file that is there is not overwritten; choose another id or folder.`,
    });
  }
  output.result({ schema: 'yihu.profile-new/1', file, id, tier }, [
    output.say({
      zh: `✓ ${file}（${tier}）。改好名称，再运行：yihu-gateway profile test ${file}；现场文件里写 profiles: [目录]。`,
      en: `✓ ${file} (${tier}). Give it names, then run: yihu-gateway profile test ${file}; name its folder as profiles in the site file.`,
    }),
  ]);
}
