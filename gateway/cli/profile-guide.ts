import { Unit, units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Block } from '../commission/guess.ts';
import type { NewPoint, NewRead } from '../commission/new-profile.ts';
import { type Recognised, recognise } from '../commission/recognise.ts';
import type { Speech } from './output.ts';

/** Somebody at a terminal, and the device before them. */
export interface GuideParts {
  readonly say: (speech: Speech) => string;
  /** Shows a line. */
  readonly tell: (line: string) => void;
  /** Asks and waits; null: there is nobody any more. */
  readonly ask: (question: string) => Promise<string | null>;
  /** The registers as they are now; null where the device no longer answers, which has been said then. */
  readonly read: () => Promise<readonly Block[] | null>;
}

/**
 * 对着表认寄存器: an installer says what the display shows, and each value is found in registers read at that moment, in
 * whatever type, order and scale it stands there. Ends with an empty line; nothing recognised is an empty list.
 */
export async function guide(parts: GuideParts): Promise<NewRead[]> {
  const { say, tell, ask, read } = parts;
  const reads: NewRead[] = [];
  tell(say(opening));
  for (;;) {
    const line = await ask('> ');
    if (line === null || line.trim() === '') return reads;
    const wanted = parseShown(line);
    if ('wrong' in wanted) {
      tell(say(wanted.wrong));
      continue;
    }
    if (reads.some(({ points }) => points.some(({ id }) => id === wanted.id))) {
      tell(say({ zh: `已有 ${wanted.id}，换一个名称。`, en: `There is a ${wanted.id}; choose another name.` }));
      continue;
    }
    const blocks = await read();
    if (blocks === null) continue;
    const found = await chosen(recognise(blocks, wanted.shown, wanted.at), parts);
    if (found === undefined) continue;
    reads.push(readOf(wanted, found));
    tell(
      say({ zh: `  ✓ ${wanted.id}：${wordsOf(found)} ${wanted.unit}`, en: `  ✓ ${wanted.id}: ${wordsOf(found)} ${wanted.unit}` }),
    );
  }
}

const opening = {
  zh: '看着表的显示屏，逐个写出读数，例如：voltage=230.2 V；知道地址时：voltage=230.2 V @0x2000。空行：写出档案。',
  en: 'Look at its display and write down one value after the other: voltage=230.2 V, or with its address: voltage=230.2 V @0x2000. An empty line ends.',
};

const form = /^([a-z0-9][a-z0-9._-]*)\s*=\s*(-?\d+(?:\.\d+)?)(?:\s+([^\s@]+))?(?:\s*@\s*(0x[0-9a-f]{1,4}|\d{1,5}))?$/i;

interface Shown {
  readonly id: string;
  /** As it stands on the display. */
  readonly shown: string;
  readonly unit: string;
  readonly at?: number;
}

/** `voltage=230.2 V @0x2000`; the unit by its id or as it is printed. */
export function parseShown(line: string): Shown | { readonly wrong: Speech } {
  const [, id, shown, printed = '1', at] = form.exec(line.trim()) ?? [];
  if (id === undefined || shown === undefined)
    return { wrong: { zh: '  要写成 voltage=230.2 V', en: '  Write it like voltage=230.2 V' } };
  const unit = unitOf(printed);
  if (unit === undefined) {
    const some = 'V A W kW kW.h Hz Cel %RH m3 kPa';
    return {
      wrong: { zh: `  没有单位“${printed}”；常用的有 ${some}`, en: `  There is no unit "${printed}"; usual ones are ${some}` },
    };
  }
  return { id: id.toLowerCase(), shown, unit, ...(at !== undefined && { at: Number(at) }) };
}

function unitOf(printed: string): string | undefined {
  const spelt = printed.replace('°C', '℃');
  return Unit.options.find((id) => id === spelt || units[id].symbol === spelt || units[id].zh === spelt);
}

async function chosen(found: readonly Recognised[], { say, tell, ask }: GuideParts): Promise<Recognised | undefined> {
  const [first, second] = found;
  if (first === undefined) {
    tell(say(nothing));
    return undefined;
  }
  if (second === undefined) return first;
  found.forEach((each, i) => tell(`  ${i + 1}) ${wordsOf(each)}`));
  const said = await ask(say({ zh: '  是哪一个？[1] ', en: '  Which one? [1] ' }));
  if (said === null) return undefined;
  const choice = found[said.trim() === '' ? 0 : Number(said) - 1];
  if (choice === undefined) tell(say({ zh: '  没有这一个，没有记下。', en: '  There is no such one; nothing was noted.' }));
  return choice;
}

const nothing = {
  zh: '  这段寄存器里没有这个读数。读数刚变过就再写一次；还没有就换一段地址（--at）或换表（--table）。',
  en: '  These registers do not hold it. If it has just changed, write it again; otherwise try other addresses (--at) or the other table (--table).',
};

function wordsOf({ at, type, order, scale, value, words }: Recognised): string {
  const hex = words.map((word) => word.toString(16).padStart(4, '0')).join(' ');
  const by = scale === 1 ? '' : ` ×${scale}`;
  return `${at} (0x${at.toString(16).padStart(4, '0')})  ${hex}  ${type}${words.length > 1 ? ` ${order}` : ''}${by} → ${value}`;
}

function readOf({ id, unit }: Shown, { at, type, order, scale, value, words }: Recognised): NewRead {
  const point: NewPoint = { id, at, type, order, scale, unit, shown: value };
  return { block: { start: at, words }, points: [point] };
}
