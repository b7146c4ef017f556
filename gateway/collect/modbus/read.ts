import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import { openBuses } from './buses.ts';
import { newCounters } from './counters.ts';
import { exceptionName } from './exceptions.ts';
import type { Outcome, Problem } from './outcome.ts';
import { assertRequest, readRequest } from './pdu.ts';
import type { ModbusPort } from './settings.ts';

export { exceptionText } from './exceptions.ts';

export interface ReadOptions {
  /** As the `modbus` port section of a site file, after its schema. */
  readonly target: ModbusPort;
  readonly unit: number;
  readonly table: Table;
  /** Zero-based. */
  readonly at: number;
  /** 1…125 registers or 1…2000 bits. */
  readonly count: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export type ReadResult =
  | { readonly words: number[] }
  | { readonly bits: boolean[] }
  | { readonly exception: number; readonly name: string }
  | { readonly unreachable: Problem };

/** One read over a wire of its own, for the installer. Throws a RangeError for what Modbus cannot ask. */
export async function readOnce(options: ReadOptions): Promise<ReadResult> {
  const { target, unit, table, at, count, timeoutMs, clock } = options;
  const request = readRequest(unit, table, at, count);
  assertRequest(request);
  if (unit === 0 && target.mode !== 'tcp') throw new RangeError('unit 0 is the broadcast: nobody answers it');
  const buses = openBuses({ id: 'read', port: target, clock }, newCounters());
  const bus = buses.of({ unit });
  const outcome = await new Promise<Outcome>((resolve) => bus.submit({ request, timeoutMs, done: resolve }));
  const problem = bus.problem();
  await buses.stop();
  return resultOf(outcome, problem);
}

function resultOf(outcome: Outcome, problem: Problem | undefined): ReadResult {
  switch (outcome.kind) {
    case 'words':
      return { words: outcome.words };
    case 'bits':
      return { bits: outcome.bits };
    case 'exception':
      return { exception: outcome.code, name: exceptionName(outcome.code) };
    case 'written':
      throw new Error('a read was answered as a write');
    case 'silent':
      return { unreachable: problem ?? quiet(outcome.detail) };
  }
}

function quiet(detail: string): Problem {
  return {
    zh: '没有应答。请核对从站地址、波特率、校验位和接线（A/B 是否接反）。',
    en: `No usable answer (${detail}). Check unit id, baud rate, parity and wiring (A and B may be swapped).`,
  };
}
