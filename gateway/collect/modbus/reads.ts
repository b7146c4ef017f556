import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Manner, Read, SlaveRefusal, Taken } from '../line/dialect.ts';
import type { LineTime } from '../line/dialect.ts';
import { exceptionName, exceptionText } from './exceptions.ts';
import { type IsLacking, lackingOf } from './lacking.ts';
import { type Answer, type PlainRequest, readRequest, type Request } from './pdu.ts';
import { type PlannedRead, planReads, split } from './planner.ts';

/** Puts a request as its wire is given it: framed for a line, bare for Modbus TCP. */
export type Put<A> = (request: Request) => A;

/** The reads that bring `points`, ready to be asked of a unit. */
export function modbusReads<A extends Manner>(
  profile: Profile,
  points: readonly string[],
  unit: number,
  put: Put<A>,
  line?: LineTime,
): Read<A>[] {
  const isLacking = lackingOf(profile, points);
  return planReads(profile, points, line).map((read) => new ModbusRead(read, unit, put, isLacking));
}

/** One planned read: registers or bits from the slave, or why not. */
export class ModbusRead<A extends Manner> implements Read<A> {
  readonly key: string;
  readonly planned: PlannedRead;
  readonly #request: PlainRequest;
  readonly #unit: number;
  readonly #put: Put<A>;
  readonly #isLacking: IsLacking | undefined;
  #ask: A | undefined;

  constructor(planned: PlannedRead, unit: number, put: Put<A>, isLacking?: IsLacking) {
    const { table, start, count } = planned;
    this.planned = planned;
    this.key = `${table} ${start}+${count}`;
    this.#unit = unit;
    this.#put = put;
    this.#isLacking = isLacking;
    this.#request = readRequest(unit, table, start, count);
  }

  /** The same bytes in every round. */
  first(): A {
    this.#ask ??= this.#put(this.#request);
    return this.#ask;
  }

  take(answer: unknown): Taken<A> {
    const said = answer as Answer;
    switch (said.kind) {
      case 'words':
      case 'bits':
        return this.#came(this.#body(said));
      case 'exception':
        return { exception: refusalOf(said.code) };
      case 'written':
      case 'identification':
        throw new Error(`a read was answered with ${said.kind}`);
    }
  }

  #came(body: FrameBody): Taken<A> {
    return this.#isLacking?.(body) === true ? { bodies: [body], isLacking: true } : { bodies: [body] };
  }

  fault(fault: ReadFault, detail: string): FrameBody {
    const { table, start, count } = this.planned;
    return { kind: 'fault', table, start, count, fault, detail };
  }

  parts(): Read<A>[] | undefined {
    return split(this.planned)?.map((part) => new ModbusRead(part, this.#unit, this.#put, this.#isLacking));
  }

  #body(said: Extract<Answer, { kind: 'words' | 'bits' }>): FrameBody {
    const { table, start } = this.planned;
    if (said.kind === 'bits') return { kind: 'bits', table: table === 'coil' ? 'coil' : 'discrete', start, bits: said.bits };
    return { kind: 'registers', table: table === 'input' ? 'input' : 'holding', start, words: said.words };
  }
}

/** What an exception code means for whoever asked (Modbus Application Protocol 1.1b3, §7). */
export function refusalOf(code: number): SlaveRefusal {
  return {
    detail: `exception ${code} (${exceptionName(code)})`,
    text: exceptionText(code),
    isLasting: code >= 1 && code <= 3,
    // A register that nobody wanted, or a count that is too large, may be all that is wrong.
    isTooMuch: code === 2 || code === 3,
    isBusy: code === 5 || code === 6,
    // 10 and 11 come from the gateway in front of the slave.
    isAbsent: code === 10 || code === 11,
  };
}
