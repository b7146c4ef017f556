import { Server, type Socket } from 'node:net';
import { ServerTCP } from 'modbus-serial';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../../clock.ts';
import type { Chance } from '../../../random.ts';
import { lateMs } from '../../faults.ts';
import { cannotListen, type Endpoint } from '../../place.ts';
import { spoilt } from '../../spoil.ts';
import { type Answer, exception, type ModbusUnit } from './unit.ts';

/** An answer that is an error, the way modbus-serial's server wants it. */
class Exception extends Error {
  readonly modbusErrorCode: number;

  constructor(code: number) {
    super(`Modbus exception ${code}`);
    this.modbusErrorCode = code;
  }
}

interface Parts {
  readonly at: Endpoint;
  readonly units: ReadonlyMap<number, ModbusUnit>;
  readonly clock: Clock;
  readonly random: Chance;
}

/** Modbus TCP at one address, by modbus-serial: someone else's reading of the protocol than the gateway's. */
export class ModbusTcpHost {
  readonly #parts: Parts;
  readonly #sockets = new Set<Socket>();
  #server: ServerTCP | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws SimulationError where the address is taken. */
  async start(): Promise<void> {
    const { at } = this.#parts;
    const server = new ServerTCP(this.#vector(), at);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('initialized', () => resolve());
      server.once('serverError', (error) => reject(cannotListen(at, error ?? undefined)));
    });
    server.on('socketError', () => undefined);
    // The wire is spoilt behind the peer's back: it answers well, and something else arrives.
    const listening: unknown = Reflect.get(server, '_server');
    if (listening instanceof Server) listening.prependListener('connection', (socket: Socket) => this.#accept(socket));
  }

  /** Whoever is connected is hung up on where the wire is out. */
  failed(): void {
    if (this.#isUnplugged) for (const socket of this.#sockets) socket.destroy();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  get #isUnplugged(): boolean {
    return [...this.#parts.units.values()].some(({ device }) => device.fault === 'unplugged');
  }

  #vector(): ConstructorParameters<typeof ServerTCP>[0] {
    const many = (table: Table) => (start: number, count: number, unit: number, done: Done) =>
      void settle(
        this.#words(unit, (own, at) => own.read(table, start, count, at)),
        done,
      );
    const one = (table: Table) => async (start: number, unit: number) => {
      const [word = 0] = await this.#words(unit, (own, at) => own.read(table, start, 1, at));
      return word;
    };
    const bit = (table: Table) => {
      const word = one(table);
      return async (start: number, unit: number) => (await word(start, unit)) === 1;
    };
    const write = (table: 'coil' | 'holding') => async (start: number, values: readonly (number | boolean)[], unit: number) => {
      await this.#words(unit, (own) => own.write(table, start, values.map(Number)));
    };
    return {
      getCoil: bit('coil'),
      getDiscreteInput: bit('discrete'),
      getHoldingRegister: one('holding'),
      getInputRegister: one('input'),
      getMultipleHoldingRegisters: many('holding'),
      getMultipleInputRegisters: many('input'),
      setCoil: (at: number, value: boolean, unit: number) => write('coil')(at, [value], unit),
      setRegister: (at: number, value: number, unit: number) => write('holding')(at, [value], unit),
      setRegisterArray: (at: number, values: number[], unit: number) => write('holding')(at, values, unit),
    };
  }

  /** What the unit answers, after the time it takes. */
  async #words(unit: number, ask: (own: ModbusUnit, at: number) => Answer): Promise<number[]> {
    const { units, clock } = this.#parts;
    const own = units.get(unit);
    if (own === undefined) throw new Exception(exception.targetSilent);
    const fault = own.device.meet();
    // Silence is an answer that never comes.
    if (fault === 'silent') return new Promise<never>(() => undefined);
    if (fault === 'slow') await clock.sleep(lateMs);
    const answer = ask(own, clock.now());
    if (answer.kind === 'exception') throw new Exception(answer.code);
    return answer.kind === 'words' ? answer.words : [];
  }

  #accept(socket: Socket): void {
    if (this.#isUnplugged) return void socket.destroy();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const { units, random } = this.#parts;
    const write = socket.write.bind(socket);
    const faulty = (answer: Buffer): boolean => {
      const request = answer.subarray(unitAt);
      const fault = units.get(answer[unitAt] ?? 0)?.device.fault ?? null;
      return write(spoilt(fault, { bytes: answer, request, readdressed: () => readdressed(answer) }, random));
    };
    // Node itself puts another `write` there when the socket ends.
    Object.defineProperty(socket, 'write', { value: faulty, writable: true, configurable: true });
  }
}

type Done = (error: Error | null, values: number[]) => void;

/** Where the unit is in a Modbus TCP message. */
const unitAt = 6;

function readdressed(answer: Buffer): Buffer {
  const other = Buffer.from(answer);
  other[unitAt] = ((other[unitAt] ?? 0) % 247) + 1;
  return other;
}

async function settle(values: Promise<number[]>, done: Done): Promise<void> {
  try {
    done(null, await values);
  } catch (error) {
    done(error as Error, []);
  }
}
