import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../clock.ts';
import { Questioner, type Target } from '../collect/modbus/read.ts';
import { readRequest } from '../collect/modbus/pdu.ts';
import type { Problem } from '../collect/poll/outcome.ts';
import type { Block } from './guess.ts';

export interface ProbeOptions {
  readonly target: Target;
  /** 0…255. */
  readonly unit: number;
  /** A register table. */
  readonly table: Extract<Table, 'holding' | 'input'>;
  /** Zero-based. */
  readonly at: number;
  /** How many registers, at most `mostProbed`. */
  readonly count: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called after each question with how many of `count` registers are known about. */
  readonly onProgress?: (known: number) => void;
}

export interface Probed {
  /** What could be read, by rising address. */
  readonly blocks: readonly Block[];
  /** Addresses that the device refused, each with its exception code. */
  readonly refused: readonly { readonly at: number; readonly exception: number }[];
}

/** More takes minutes on a slow line. */
export const mostProbed = 1_000;
/** One request: short enough for meters that take few registers, and for a line that others use. */
const registersAtOnce = 32;
/** A device without any of it says so address by address; nobody waits for a thousand refusals. */
const mostRefusals = 64;

/**
 * Reads a range of registers once, taking apart what is refused together. A device that does not answer ends it.
 * Throws a RangeError for what Modbus cannot ask.
 */
export async function probeRegisters(options: ProbeOptions): Promise<Probed | { readonly unreachable: Problem }> {
  const questioner = new Questioner(options);
  try {
    return await readAll(questioner, options);
  } finally {
    await questioner.stop();
  }
}

interface Range {
  readonly start: number;
  readonly count: number;
}

async function readAll(questioner: Questioner, options: ProbeOptions): Promise<Probed | { unreachable: Problem }> {
  const { unit, table, at, count, signal, onProgress } = options;
  const todo: Range[] = [{ start: at, count }];
  const parts: Block[] = [];
  const refused: { at: number; exception: number }[] = [];
  let known = 0;
  for (let range = todo.pop(); range !== undefined; range = todo.pop()) {
    if (signal?.aborted === true) break;
    const now = Math.min(range.count, registersAtOnce);
    if (range.count > now) todo.push({ start: range.start + now, count: range.count - now });
    const said = await questioner.ask(readRequest(unit, table, range.start, now));
    if (said !== undefined && 'unreachable' in said) return said;
    if (said?.kind === 'words') parts.push({ start: range.start, words: said.words });
    else if (said?.kind === 'exception' && now > 1 && refused.length < mostRefusals) {
      const half = now >> 1;
      todo.push({ start: range.start + half, count: now - half }, { start: range.start, count: half });
      continue;
    } else if (said?.kind === 'exception') refused.push({ at: range.start, exception: said.code });
    known += now;
    onProgress?.(known);
  }
  return { blocks: joined(parts), refused };
}

/** Blocks that touch are one: a value may stand across two reads. */
function joined(parts: readonly Block[]): Block[] {
  const blocks: { start: number; words: number[] }[] = [];
  for (const { start, words } of parts.toSorted((a, b) => a.start - b.start)) {
    const last = blocks.at(-1);
    if (last && last.start + last.words.length === start) last.words.push(...words);
    else blocks.push({ start, words: [...words] });
  }
  return blocks;
}
