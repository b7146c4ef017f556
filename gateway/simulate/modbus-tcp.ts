import { ServerTCP } from 'modbus-serial';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Chance } from '../random.ts';
import { noise } from './noise.ts';
import type { Answer, ModbusUnits } from './modbus-units.ts';

export interface Listening {
  stop(): Promise<void>;
}

/** An answer that is an error, the way modbus-serial's server wants it. */
class Exception extends Error {
  readonly modbusErrorCode: number;

  constructor(code: number) {
    super(`Modbus exception ${code}`);
    this.modbusErrorCode = code;
  }
}

/** Modbus TCP at one address, by modbus-serial: someone else's reading of the protocol than the gateway's. */
export async function listenTcp(host: string, port: number, units: ModbusUnits, random: Chance): Promise<Listening> {
  const shout = () => server.socks.forEach((_, socket) => socket.write(noise(random)));
  const read = (table: Table) => async (address: number, count: number, unit: number) => {
    const answer = await units.read(unit, table, address, count);
    if (answer.kind === 'garbage') shout();
    return wordsOf(answer);
  };
  const bits = (table: Table) => {
    const readTable = read(table);
    return async (address: number, unit: number) => (await readTable(address, 1, unit))[0] === 1;
  };
  const words = (table: Table) => {
    const readTable = read(table);
    return (address: number, count: number, unit: number, done: (error: Error | null, values: number[]) => void) =>
      void settle(readTable(address, count, unit), done);
  };
  const single = (table: Table) => {
    const readTable = read(table);
    return async (address: number, unit: number) => (await readTable(address, 1, unit))[0] ?? 0;
  };
  const server = new ServerTCP(
    {
      getCoil: bits('coil'),
      getDiscreteInput: bits('discrete'),
      getHoldingRegister: single('holding'),
      getInputRegister: single('input'),
      getMultipleHoldingRegisters: words('holding'),
      getMultipleInputRegisters: words('input'),
    },
    { host, port },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('initialized', () => resolve());
    server.once('serverError', (error) => reject(error ?? new Error('the server did not start')));
  });
  server.on('socketError', () => undefined);
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

function wordsOf(answer: Answer): number[] | Promise<never> {
  if (answer.kind === 'words') return answer.words;
  if (answer.kind === 'exception') throw new Exception(answer.code);
  // Silence is an answer that never comes.
  return new Promise<never>(() => undefined);
}

async function settle(values: Promise<number[]>, done: (error: Error | null, values: number[]) => void): Promise<void> {
  try {
    done(null, await values);
  } catch (error) {
    done(error as Error, []);
  }
}
