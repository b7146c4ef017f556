import type { LocalGuess, LocalProbe, LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';
import { ModbusPort } from '../collect/modbus/settings.ts';
import type { Target } from '../collect/modbus/read.ts';
import { type Block, type Guess, guessesAt } from '../commission/guess.ts';
import { linePlace, linePort } from '../commission/line-place.ts';
import { marksText } from '../commission/plausible.ts';
import { type Probed, probeRegisters } from '../commission/probe.ts';
import { LinePort } from '../collect/line/settings.ts';
import type { SitePort } from '../config.ts';
import type { Lend } from './lend.ts';
import { placeOf } from './lines.ts';

export interface ProbingOptions {
  readonly clock: Clock;
  readonly ports: () => readonly SitePort[];
  readonly lend: Lend;
}

/** A device that nobody knows may be slow. */
export const timeoutMs = 1_000;

/** 试读: some registers once, and every way to read them side by side. The line of a port is borrowed for it. */
export async function probe(options: ProbingOptions, asked: LocalProbeRequest): Promise<LocalProbe | { refused: Text }> {
  const probed = await readPlace(options, asked);
  if ('unreachable' in probed) return { refused: probed.unreachable };
  return { registers: probed.blocks.flatMap(registersOf), refused: probed.refused };
}

/** Registers of a device as they are now. */
export async function readPlace(
  options: ProbingOptions,
  { place, unit, table, at, count }: LocalProbeRequest,
): Promise<Probed | { unreachable: Text }> {
  const found = placeNamed(options, place);
  if (found === null) return { unreachable: noModbus };
  const { clock } = options;
  return found.ask(({ target, signal }) =>
    probeRegisters({ target, unit, table, at, count, timeoutMs, clock, ...(signal && { signal }) }),
  );
}

/** Where a device is, and how it is spoken to there. */
export interface FoundPlace {
  /** The port of the site file that has this line; null where none has. */
  readonly port: string | null;
  readonly target: Target;
  /** Polls of a line pause meanwhile. */
  ask<T>(run: (wire: { readonly target: Target; readonly signal?: AbortSignal }) => Promise<T>): Promise<T>;
}

/** A line, or the Modbus TCP port of the site file; null where registers cannot be asked for. */
export function placeNamed({ ports, lend }: ProbingOptions, place: string): FoundPlace | null {
  const owner = ports().find((port) => `port:${port.id}` === place || placeOf(port) === place);
  if (!owner && place.startsWith('port:')) return null;
  const target = owner ? targetOf(owner) : ({ driver: 'line', port: linePort(linePlace(place)) } as const);
  if (target === null) return null;
  return {
    port: owner?.id ?? null,
    target,
    ask: (run) => (owner?.driver.name === 'line' ? lend(owner.id, (signal) => run({ target, signal })) : run({ target })),
  };
}

export const noModbus: Text = { zh: '这个端口不能试读 Modbus 寄存器。', en: 'Modbus registers cannot be read on this port.' };

function targetOf({ driver, settings }: SitePort): Target | null {
  if (driver.name === 'modbus') {
    const port = ModbusPort.safeParse(settings);
    return port.success ? { driver: 'modbus', port: port.data } : null;
  }
  const port = driver.name === 'line' ? LinePort.safeParse(settings) : null;
  return port?.success ? { driver: 'line', port: port.data, framing: 'rtu' } : null;
}

function registersOf(block: Block): LocalProbe['registers'] {
  return block.words.map((word, index) => {
    const at = block.start + index;
    const hex = word.toString(16).padStart(4, '0').toUpperCase();
    return { at, hex, guesses: guessesAt(block, at).map(guessOf) };
  });
}

function guessOf({ type, order, value, score, marks }: Guess): LocalGuess {
  return { type, order, value: value === null ? null : String(value), score, mark: marks.length === 0 ? null : marksText(marks) };
}
