import { Server, type Socket } from 'node:net';
import { ServerTCP } from 'modbus-serial';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Chance } from '../../../random.ts';
import { disturbed } from '../../spoil.ts';
import type { ModbusUnits, ReadAnswer } from './units.ts';
import { noise } from '../../noise.ts';

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
  const write = (table: 'coil' | 'holding') => async (start: number, values: readonly (number | boolean)[], unit: number) => {
    const said = await units.write(unit, table, start, values.map(Number));
    if (said.kind === 'garbage') shout();
    if (said.kind !== 'written') await wordsOf(said);
  };
  const server = new ServerTCP(
    {
      getCoil: bits('coil'),
      getDiscreteInput: bits('discrete'),
      getHoldingRegister: single('holding'),
      getInputRegister: single('input'),
      getMultipleHoldingRegisters: words('holding'),
      getMultipleInputRegisters: words('input'),
      setCoil: (at: number, value: boolean, unit: number) => write('coil')(at, [value], unit),
      setRegister: (at: number, value: number, unit: number) => write('holding')(at, [value], unit),
      setRegisterArray: (at: number, values: number[], unit: number) => write('holding')(at, values, unit),
    },
    { host, port },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('initialized', () => resolve());
    server.once('serverError', (error) => reject(error ?? new Error('the server did not start')));
  });
  server.on('socketError', () => undefined);
  // The wire is spoilt behind the peer's back: it answers well, and something else arrives.
  const listening: unknown = Reflect.get(server, '_server');
  if (listening instanceof Server) listening.prependListener('connection', (socket: Socket) => spoil(socket, units, random));
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

const unitAt = 6;

function spoil(socket: Socket, units: ModbusUnits, random: Chance): void {
  if (units.isUnplugged) return void socket.destroy();
  const write = socket.write.bind(socket);
  const spoilt = (answer: Buffer): boolean => {
    if (units.isUnplugged) return socket.destroy().writable;
    const unit = answer[unitAt] ?? 0;
    const reframe = (as: number) => Buffer.concat([answer.subarray(0, unitAt), Buffer.from([as]), answer.subarray(unitAt + 1)]);
    return write(disturbed(units.faultOf(unit), answer, { request: answer.subarray(unitAt), reframe, random }));
  };
  // Node itself puts another `write` there when the socket ends.
  Object.defineProperty(socket, 'write', { value: spoilt, writable: true, configurable: true });
}

function wordsOf(answer: ReadAnswer): number[] | Promise<never> {
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
