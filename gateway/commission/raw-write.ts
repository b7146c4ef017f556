import { type AskOptions, Questioner } from '../collect/modbus/read.ts';
import { exceptionName } from '../collect/modbus/exceptions.ts';
import { type Answer, type PlainRequest, readRequest } from '../collect/modbus/pdu.ts';
import type { Problem } from '../collect/poll/outcome.ts';

export interface RawWrite extends AskOptions {
  readonly unit: number;
  readonly table: 'holding' | 'coil';
  /** Zero-based. */
  readonly at: number;
  /** 0…65535 for registers, 0 or 1 for coils. */
  readonly values: readonly number[];
  /** Functions 15 and 16 also for a single value; some devices know no 5 and 6. */
  readonly isMultiple?: boolean;
  /** Told what stands there now; false: nothing is written. */
  readonly isSure: (before: readonly number[]) => Promise<boolean>;
}

export type RawWritten =
  | { readonly state: 'not-written' }
  | { readonly state: 'unreachable'; readonly problem: Problem }
  | { readonly state: 'refused'; readonly exception: number; readonly name: string }
  /** Read back as it was written; `wasAnswered`: the device also said so. */
  | { readonly state: 'confirmed'; readonly before: readonly number[]; readonly wasAnswered: boolean }
  /** Perhaps written, perhaps not: `after` is what was read back, undefined where that failed too. */
  | { readonly state: 'unknown'; readonly before: readonly number[]; readonly after?: readonly number[] };

/**
 * 写寄存器: reads what is there, asks, writes once and reads back; a write is never repeated by itself. Throws a RangeError
 * for what Modbus cannot say.
 */
export async function writeRaw(options: RawWrite): Promise<RawWritten> {
  const { unit, table, at, values, isSure } = options;
  const questioner = new Questioner(options);
  const read = readRequest(unit, table, at, values.length);
  try {
    const before = await questioner.ask(read);
    const old = valuesOf(before);
    if (old === undefined) return failure(before);
    if (!(await isSure(old))) return { state: 'not-written' };
    const said = await questioner.ask(writeRequest(options));
    if (isAnswer(said) && said.kind === 'exception') return failure(said);
    const after = valuesOf(await questioner.ask(read));
    const wasAnswered = isAnswer(said) && said.kind === 'written';
    if (after !== undefined && values.every((value, i) => after[i] === value))
      return { state: 'confirmed', before: old, wasAnswered };
    return { state: 'unknown', before: old, ...(after && { after }) };
  } finally {
    await questioner.stop();
  }
}

type Said = Answer | undefined | { readonly unreachable: Problem };

function writeRequest({ unit, table, at, values, isMultiple = false }: RawWrite): PlainRequest {
  const isSingle = values.length === 1 && !isMultiple;
  const fn = table === 'coil' ? (isSingle ? 5 : 15) : isSingle ? 6 : 16;
  return { unit, fn, start: at, count: values.length, values };
}

function isAnswer(said: Said): said is Answer {
  return said !== undefined && 'kind' in said;
}

function valuesOf(said: Said): number[] | undefined {
  if (!isAnswer(said)) return undefined;
  if (said.kind === 'words') return said.words;
  return said.kind === 'bits' ? said.bits.map(Number) : undefined;
}

function failure(said: Said): RawWritten {
  if (said !== undefined && 'unreachable' in said) return { state: 'unreachable', problem: said.unreachable };
  if (said?.kind !== 'exception') throw new Error(`a read was answered with ${String(said?.kind)}`);
  return { state: 'refused', exception: said.code, name: exceptionName(said.code) };
}
