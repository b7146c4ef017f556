import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import type { Target } from '../collect/modbus/read.ts';
import { type Fit, fitProfiles } from '../commission/fit.ts';
import { type Block, type Guess, guessesAt, likely } from '../commission/guess.ts';
import { marksText } from '../commission/plausible.ts';
import { mostProbed, type Probed, probeRegisters } from '../commission/probe.ts';
import { parseWhole } from './numbers.ts';
import { type Output, exit, outputFor, table } from './output.ts';
import { profileNamed } from './profile-file.ts';
import { failUnreachable, isTaken, readThere, type TargetOptions, targetOf, targetWords, withTarget } from './target.ts';

interface ProbeOptions extends TargetOptions {
  json?: boolean;
  lang?: string;
  table: 'holding' | 'input';
  at: number;
  count: number;
  all?: boolean;
  profile: string[];
  fit?: boolean;
}

const examples = `
例 / examples:
  yihu-gateway probe --tcp 192.168.1.30 --unit 1 --at 0 --count 40       读一段，给出最像的解法 / the likeliest reading of a range
  yihu-gateway probe --serial /dev/ttyUSB0 --unit 3 --at 0x2000 --all    一个地址的全部类型和字节顺序 / all types and orders
  yihu-gateway probe --tcp 192.168.1.30 --profile chint.ddsu666          哪个变体合适 / which variant fits
  yihu-gateway probe --tcp 192.168.1.30 --fit                            档案库里哪个合适 / which of the library fits`;

export function addProbe(program: Command): void {
  withTarget(
    program
      .command('probe')
      .description('不认识的设备：读一次，按每种类型和字节顺序解开 / an unknown device: one read in every type and byte order'),
  )
    .addOption(new Option('--table <table>', 'Modbus 表 / Modbus table').choices(['holding', 'input']).default('holding'))
    .option('--at <address>', '从零算的地址 / zero-based address', parseWhole(0, 0xffff), 0)
    .option('--count <n>', '几个寄存器 / how many registers', parseWhole(1, mostProbed), 16)
    .option('--all', '每个地址列出全部解法 / every reading of every address')
    .option(
      '--profile <id|file>',
      '看这个档案的哪个变体合适，可写几次 / which variant of it fits; may be given several times',
      several,
      [],
    )
    .option('--fit', '看档案库里哪个合适 / which profile of the library fits')
    .addHelpText('after', examples)
    .action((options: ProbeOptions) => probe(options, outputFor(options)));
}

function several(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

async function probe(options: ProbeOptions, output: Output): Promise<void> {
  const target = targetOf(options, output);
  if (target === undefined) return;
  if (options.at + options.count > 0x10000 || (target.driver === 'line' && options.unit === 0))
    return output.fail(exit.usage, {
      zh: '地址加个数不能超过 65536；串口上没有 0 号站可读。',
      en: 'Address plus count must stay within 65536, and on a serial line nobody answers as unit 0.',
    });
  if (await isTaken(target, options.site, readThere, output)) return;
  if (options.fit === true || options.profile.length > 0) return fit(options, target, output);
  const { unit, table: from, at, count, timeout: timeoutMs } = options;
  const probed = await probeRegisters({ target, unit, table: from, at, count, timeoutMs, clock: systemClock });
  if ('unreachable' in probed) return failUnreachable(probed.unreachable, options, output);
  show(options, probed, output);
}

function show(options: ProbeOptions, { blocks, refused }: Probed, output: Output): void {
  const { unit, table: from } = options;
  const isAll = options.all === true;
  const guesses = blocks.flatMap((block) => (isAll ? allOf(block) : likely(block)));
  const document = { schema: 'yihu.probe/1', unit, table: from, blocks, refused, guesses };
  if (blocks.length === 0)
    return output.fail(
      exit.problem,
      {
        zh: `设备在，但 ${from} 表的这段地址都没有（异常 ${refused[0]?.exception ?? ''}）。换 --table ${other(from)}，或换一段地址。`,
        en: `The device is there and has none of these addresses in table ${from} (exception ${refused[0]?.exception ?? ''}). Try --table ${other(from)}, or other addresses.`,
      },
      document,
    );
  output.result(document, [
    ...table([headOf(output), ...guesses.map((guess) => rowOf(guess, output))]),
    ...(refused.length === 0 ? [] : [output.say(refusedWords(refused))]),
    output.say({
      zh: `下一步：yihu-gateway probe ${targetWords(options)} --fit；数值对不上时加 --all 看全部解法。`,
      en: `Next: yihu-gateway probe ${targetWords(options)} --fit; where a value is not right, --all shows every reading of it.`,
    }),
  ]);
}

function allOf(block: Block): Guess[] {
  return block.words.flatMap((_, index) => guessesAt(block, block.start + index));
}

function other(from: string): string {
  return from === 'holding' ? 'input' : 'holding';
}

function headOf({ say }: Output): string[] {
  return [
    say({ zh: '地址', en: 'ADDRESS' }),
    say({ zh: '寄存器', en: 'REGISTERS' }),
    say({ zh: '类型', en: 'TYPE' }),
    say({ zh: '顺序', en: 'ORDER' }),
    say({ zh: '数值', en: 'VALUE' }),
    say({ zh: '像吗', en: 'PLAUSIBLE' }),
    '',
  ];
}

function rowOf({ at, words, type, order, value, score, marks }: Guess, output: Output): string[] {
  const shown = words.slice(0, 4).map((word) => word.toString(16).padStart(4, '0'));
  return [
    `${at} (0x${at.toString(16).padStart(4, '0')})`,
    shown.join(' ') + (words.length > 4 ? ' …' : ''),
    type,
    words.length === 1 || type === 'string' ? '' : order,
    value === null ? '—' : String(value),
    `${Math.round(score * 100)}%`,
    output.say(marksText(marks)),
  ];
}

function refusedWords(refused: Probed['refused']) {
  const list = refused.slice(0, 8).map(({ at }) => `0x${at.toString(16).padStart(4, '0')}`);
  const more = refused.length > list.length ? ' …' : '';
  return {
    zh: `设备没有这些地址：${list.join('、')}${more}`,
    en: `The device does not have: ${list.join(', ')}${more}`,
  };
}

async function fit(options: ProbeOptions, target: Target, output: Output): Promise<void> {
  const profiles: Profile[] = [];
  for (const said of options.profile) {
    const loaded = await profileNamed(said, output);
    if (loaded === undefined) return;
    profiles.push(loaded.profile);
  }
  if (options.fit === true) {
    const { loadProfiles } = await import('../site.ts');
    profiles.push(...(await loadProfiles()).profiles.values());
  }
  const { unit, timeout: timeoutMs } = options;
  const fits = await fitProfiles({ target, unit, profiles, timeoutMs, clock: systemClock });
  if ('unreachable' in fits) return failUnreachable(fits.unreachable, options, output);
  const best = fits.find(({ good }) => good > 0);
  const document = { schema: 'yihu.fit/1', unit, fits };
  if (best === undefined)
    return output.fail(
      exit.problem,
      {
        zh: `没有一个档案合适。看看设备里有什么：yihu-gateway probe ${targetWords(options)}`,
        en: `No profile fits. See what the device has: yihu-gateway probe ${targetWords(options)}`,
      },
      document,
    );
  output.result(document, fitLines(fits, best, profiles, output));
}

function fitLines(fits: readonly Fit[], best: Fit, profiles: readonly Profile[], output: Output): string[] {
  const { say, language } = output;
  const profile = profiles.find(({ id }) => id === best.profile);
  const head = [
    say({ zh: '档案', en: 'PROFILE' }),
    say({ zh: '变体', en: 'VARIANT' }),
    say({ zh: '读到/点位', en: 'GOOD/POINTS' }),
    '',
  ];
  const rows = fits
    .filter(({ good }) => good > 0)
    .map((each) => [
      each.profile,
      each.variant ?? '-',
      `${each.good}/${each.points}`,
      each.isChosen ? say({ zh: '探测选中', en: 'its probes say so' }) : '',
    ]);
  const values = best.readings
    .filter(({ quality }) => quality === 'good')
    .map(({ point, value }) => {
      const { name, unit = '' } = profile?.points[point] ?? {};
      return [
        `  ${point}`,
        name === undefined ? '' : textIn(name, language),
        `${String(value)} ${unit === '1' ? '' : unit}`.trim(),
      ];
    });
  const written = `profile: ${best.profile}${best.variant === null ? '' : `, variant: ${best.variant}`}`;
  return [
    ...table([head, ...rows]),
    '',
    say({ zh: `最合适：${best.profile} ${best.variant ?? ''}`.trim(), en: `Best: ${best.profile} ${best.variant ?? ''}`.trim() }),
    ...table(values),
    say({ zh: `写进现场文件：${written}`, en: `Write into the site file: ${written}` }),
  ];
}
