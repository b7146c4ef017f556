import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { ServerTCP } from 'modbus-serial';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import { LinePort } from '../../gateway/collect/line/settings.ts';
import { readOnce, type ReadResult } from '../../gateway/collect/modbus/read.ts';
import { ModbusPort } from '../../gateway/collect/modbus/settings.ts';
import { ask, rtuAsker, tcpAsker } from '../gateway/modbus/asking.ts';
import { cable, type Cable } from '../gateway/line/pty.ts';
import { describeWith } from '../needs.ts';

/** Other people's servers: what they say is what we read. */

const server = new URL('./modbus-server.py', import.meta.url).pathname;

/** The values of `modbus-server.py`. */
const registers = (factor: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ((from + i) * factor) & 0xffff);
const bits = (factor: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(((from + i) * factor) / 8) % 2 === 1);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function pymodbus(...args: string[]): Promise<ChildProcess> {
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', server, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const said of createInterface(child.stdout)) if (said === 'ready') break;
  return child;
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

type Asking = Omit<Parameters<typeof readOnce>[0], 'target' | 'clock' | 'timeoutMs'>;

function everyTable(read: (asking: Asking) => Promise<ReadResult>): void {
  it('reads all four tables', async () => {
    expect(await read({ unit: 1, table: 'holding', at: 10, count: 5 })).toEqual({ words: registers(31, 10, 5) });
    expect(await read({ unit: 1, table: 'input', at: 700, count: 1 })).toEqual({ words: registers(37, 700, 1) });
    expect(await read({ unit: 9, table: 'coil', at: 3, count: 19 })).toEqual({ bits: bits(3, 3, 19) });
    expect(await read({ unit: 9, table: 'discrete', at: 100, count: 8 })).toEqual({ bits: bits(5, 100, 8) });
  });

  it('reads as much as the standard allows', async () => {
    expect(await read({ unit: 1, table: 'holding', at: 100, count: 125 })).toEqual({ words: registers(31, 100, 125) });
    expect(await read({ unit: 1, table: 'coil', at: 0, count: 999 })).toEqual({ bits: bits(3, 0, 999) });
  });

  it('hears a refusal', async () => {
    expect(await read({ unit: 1, table: 'holding', at: 5_000, count: 2 })).toEqual({
      exception: 2,
      name: 'illegal data address',
    });
  });
}

describeWith(['pymodbus'], 'pymodbus over TCP', () => {
  let child: ChildProcess;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    child = await pymodbus('tcp', String(port));
  });
  afterAll(() => stop(child));

  const read = (asking: Asking, timeoutMs = 2_000) => {
    const target = { driver: 'modbus', port: ModbusPort.parse({ host: '127.0.0.1', port }) } as const;
    return readOnce({ ...asking, target, timeoutMs, clock: systemClock });
  };
  everyTable((asking) => read(asking));

  it('writes coils and registers, and reads them back', async () => {
    const asker = tcpAsker(port);
    const writes = [
      { unit: 1, fn: 5, start: 900, count: 1, values: [1] },
      { unit: 1, fn: 6, start: 900, count: 1, values: [4711] },
      { unit: 1, fn: 15, start: 910, count: 10, values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0] },
      { unit: 1, fn: 16, start: 910, count: 3, values: [1, 0xffff, 0x8000] },
    ] as const;
    for (const request of writes) expect(await ask(asker, request, 2_000)).toMatchObject({ kind: 'written' });
    await asker.bus.stop();
    expect(await read({ unit: 1, table: 'coil', at: 900, count: 1 })).toEqual({ bits: [true] });
    expect(await read({ unit: 1, table: 'holding', at: 900, count: 1 })).toEqual({ words: [4711] });
    const written = [true, false, true, true, false, false, true, true, true, false];
    expect(await read({ unit: 1, table: 'coil', at: 910, count: 10 })).toEqual({ bits: written });
    expect(await read({ unit: 1, table: 'holding', at: 910, count: 3 })).toEqual({ words: [1, 0xffff, 0x8000] });
  });

  it('says in words that a unit is silent, and never asks for more than a frame holds', async () => {
    const silent = await read({ unit: 77, table: 'holding', at: 0, count: 1 }, 200);
    expect(silent).toEqual({
      unreachable: { zh: expect.stringContaining('没有应答'), en: expect.stringContaining('No usable answer') },
    });
    await expect(read({ unit: 1, table: 'holding', at: 0, count: 126 })).rejects.toThrow(RangeError);
  });
});

describeWith(['pymodbus', 'socat'], 'pymodbus over a serial line', () => {
  let line: Cable;
  let child: ChildProcess;
  beforeAll(async () => {
    line = await cable();
    child = await pymodbus('rtu', line.theirs);
  });
  afterAll(async () => {
    await stop(child);
    await line.remove();
  });

  everyTable((asking) => {
    const target = { driver: 'line', port: LinePort.parse({ mode: 'serial', path: line.ours, baud: 115_200 }) } as const;
    return readOnce({ ...asking, target, timeoutMs: 2_000, clock: systemClock });
  });
});

describe('modbus-serial', () => {
  let peer: ServerTCP;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const vector = {
      getHoldingRegister: (at: number) =>
        at < 1_000 ? (at * 31) & 0xffff : Promise.reject(Object.assign(new Error('none'), { modbusErrorCode: 2 })),
      getInputRegister: (at: number) => (at * 37) & 0xffff,
      getCoil: (at: number) => Math.floor((at * 3) / 8) % 2 === 1,
      getDiscreteInput: (at: number) => Math.floor((at * 5) / 8) % 2 === 1,
    };
    peer = new ServerTCP(vector, { host: '127.0.0.1', port, unitID: 255 });
    await new Promise((resolve) => peer.on('initialized', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => peer.close(() => resolve())));

  everyTable((asking) => {
    const target = { driver: 'modbus', port: ModbusPort.parse({ host: '127.0.0.1', port }) } as const;
    return readOnce({ ...asking, target, timeoutMs: 2_000, clock: systemClock });
  });

  it('speaking Modbus TCP to an RTU master is not understood, and not mistaken for values', async () => {
    const asker = rtuAsker(port);
    expect(await ask(asker, { unit: 1, fn: 3, start: 1, count: 2 }, 100)).toMatchObject({ kind: 'silent' });
    await asker.bus.stop();
  });
});
