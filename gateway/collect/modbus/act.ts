import { type ModbusDo, type ModbusStep, type Written, writtenBy } from '@yihu/device-profiles/library/modbus-steps.ts';
import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Act } from '../driver.ts';
import type { Manner, Read, Taken } from '../line/dialect.ts';
import type { Answer, Request } from './pdu.ts';
import { type Put, refusalOf } from './reads.ts';

type Refused = { readonly refused: { code: string; zh: string; en: string } };

interface Write {
  readonly request: Request;
  readonly manner: Manner;
}

/** A command of a profile as writes in their order. `isLine`: a broadcast reaches somebody. */
export function modbusAct<A extends Manner>(
  profile: Profile,
  unit: number,
  { spec, args }: Pick<Act, 'spec' | 'args'>,
  put: Put<A>,
  isLine: boolean,
): Read<A> | Refused {
  const steps = spec.do as ModbusDo;
  if (!isLine && steps.some(({ broadcast }) => broadcast === true)) return noBroadcast;
  try {
    return new WriteChain(
      steps.map((step) => writeOf(step, writtenBy(profile, step, args), unit)),
      put,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const en = `The arguments cannot be written: ${error.message}.`;
    return { refused: { code: 'bad-arguments', zh: `参数写不进设备：${error.message}。`, en } };
  }
}

const noBroadcast: Refused = {
  refused: {
    code: 'no-broadcast',
    zh: '这条命令含广播，只能在串行总线上执行，不能走 Modbus TCP。',
    en: 'This command has a broadcast in it, which only a serial line carries, not Modbus TCP.',
  },
};

/** What a device is told at each (re)connect, and so as often as may be. The loader has tried every step. */
export function tellings<A extends Manner>(profile: Profile, unit: number, put: Put<A>): Read<A>[] {
  const harmless = true;
  return modbusOf(profile).init.map(
    (step) => new WriteChain([writeOf({ ...step, harmless }, writtenBy(profile, step), unit)], put),
  );
}

function writeOf(step: ModbusStep, written: Written, unit: number): Write {
  const { broadcast, harmless, prepare, rest } = step;
  return {
    request: requestOf(written, broadcast === true ? 0 : unit),
    manner: {
      ...(harmless === true && { isHarmless: true }),
      ...(prepare === true && { isPreparation: true }),
      ...(rest !== undefined && { restMs: rest }),
    },
  };
}

function requestOf({ fn, start, values }: Written, unit: number): Request {
  if (fn === 22) return { unit, fn, start, and: values[0] ?? 0xffff, or: values[1] ?? 0 };
  return { unit, fn, start, count: values.length, values };
}

/** Writes one after the other; the next only when the last was confirmed. */
class WriteChain<A extends Manner> implements Read<A> {
  readonly #writes: readonly Write[];
  readonly #put: Put<A>;
  #at = 0;

  constructor(writes: readonly Write[], put: Put<A>) {
    this.#writes = writes;
    this.#put = put;
  }

  first(): A {
    this.#at = 0;
    return this.#ask();
  }

  /** Undefined is the answer to a broadcast. */
  take(answer: unknown): Taken<A> {
    const said = answer as Answer | undefined;
    if (said?.kind === 'exception') return { exception: refusalOf(said.code) };
    this.#at += 1;
    return this.#at < this.#writes.length ? { next: this.#ask() } : { bodies: [] };
  }

  fault(fault: ReadFault, detail: string): FrameBody {
    const request = this.#writes[this.#at]?.request;
    const start = request === undefined || request.fn === 43 ? 0 : request.start;
    return { kind: 'fault', table: 'holding', start, count: 1, fault, detail };
  }

  #ask(): A {
    const write = this.#writes[this.#at];
    if (write === undefined) throw new Error('a chain of writes without writes');
    return { ...this.#put(write.request), ...write.manner };
  }
}
