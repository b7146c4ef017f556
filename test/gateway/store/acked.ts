import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { expect } from 'vitest';
import type { Log } from '../../../gateway/store/log.ts';
import { expectConservation, numberOf, readAll } from './log-fixtures.ts';

/** What a child that appends was told: lane → sequence → number. */
export class Acked {
  readonly telemetry = new Map<number, number>();
  readonly alarm = new Map<number, number>();

  get size(): number {
    return this.telemetry.size + this.alarm.size;
  }

  note(line: string): void {
    const [lane, seq, number] = line.split(' ');
    if (lane === 'telemetry' || lane === 'alarm') this[lane].set(Number(seq), Number(number));
  }
}

/** Runs `append-forever.ts` until `acks` more are noted, then calls `end`, and waits for the child to be gone. */
export async function appendUntil(
  folder: string,
  maxBytes: number,
  acked: Acked,
  acks: number,
  end: (child: ChildProcess) => void,
): Promise<void> {
  const script = fileURLToPath(new URL('./append-forever.ts', import.meta.url));
  const firstNumber = Math.max(0, ...acked.telemetry.values()) + 1000;
  const child = spawn(process.execPath, [script, folder, String(firstNumber), String(maxBytes)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  const goal = acked.size + acks;
  let ended = false;
  for await (const line of createInterface({ input: child.stdout })) {
    // Acks after the end began say nothing: the child may outlive its disk by a moment.
    if (ended) continue;
    acked.note(line);
    if (acked.size < goal) continue;
    ended = true;
    end(child);
  }
  await gone;
}

/** Every ack is a record with that number, or lies in a gap; sequences touch; no alarm is in a gap. */
export async function expectNothingLost(log: Log, acked: Acked): Promise<void> {
  for (const lane of ['telemetry', 'alarm'] as const) {
    const { held, gaps } = await everything(log, lane);
    for (const [seq, number] of acked[lane]) if (!gaps.has(seq)) expect(held.get(seq), `${lane} ${seq}`).toBe(number);
    if (lane === 'alarm') expect(gaps.size).toBe(0);
  }
  await expectConservation(log);
}

async function everything(log: Log, lane: Lane): Promise<{ held: Map<number, number>; gaps: Set<number> }> {
  const held = new Map<number, number>();
  const gaps = new Set<number>();
  let next = 1;
  for (const { seq, through, record } of await readAll(log, 'cloud', lane)) {
    expect(seq).toBe(next);
    next = through + 1;
    if (record.kind === 'gap') for (let gone = seq; gone <= through; gone++) gaps.add(gone);
    else held.set(seq, numberOf(record));
  }
  expect(next - 1).toBe((await log.stats()).lanes[lane].last);
  return { held, gaps };
}
