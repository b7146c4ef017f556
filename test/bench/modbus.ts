import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../demo/ports.ts';
import { systemClock } from '../../gateway/clock.ts';
import { Hosts } from '../../gateway/collect/modbus/hosts.ts';
import { readRequest } from '../../gateway/collect/modbus/pdu.ts';
import { ModbusPort } from '../../gateway/collect/modbus/settings.ts';
import { tcpAsk } from '../../gateway/collect/modbus/tcp-bus.ts';
import { newCounters } from '../../gateway/collect/poll/counters.ts';
import { ExchangeLog } from '../../gateway/collect/poll/exchange-log.ts';
import type { Outcome } from '../../gateway/collect/poll/outcome.ts';
import type { Bench, Row } from './run.ts';

const seconds = 3;
const rounds = 3;

/** One connection, one request at a time, against the same server in the same run: ours, libmodbus, pymodbus. */
export const modbus: Bench = {
  name: 'modbus',
  title: `Modbus TCP reads, one at a time, median of ${rounds} rounds in turn`,
  async run() {
    const port = await freePort(0);
    const server = spawn(process.execPath, ['test/bench/modbus-server.ts', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout, 'data');
    try {
      const rows: Row[] = [];
      for (const count of [10, 125]) rows.push(...(await compare(port, count)));
      return rows;
    } finally {
      server.kill('SIGKILL');
    }
  },
};

async function compare(port: number, count: number): Promise<Row[]> {
  const ours: number[] = [];
  const libmodbus: number[] = [];
  const pymodbus: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await readsPerSecond(port, count));
    libmodbus.push(peer('libmodbus', port, count));
    pymodbus.push(peer('pymodbus', port, count));
  }
  const [own, c, python] = [median(ours), median(libmodbus), median(pymodbus)];
  return [
    { what: `${count} registers: Yihu`, value: own * count, unit: 'registers/s' },
    { what: `${count} registers: libmodbus (called from Python)`, value: c * count, unit: 'registers/s' },
    { what: `${count} registers: pymodbus`, value: python * count, unit: 'registers/s' },
    { what: `${count} registers: Yihu to libmodbus`, value: own / c, unit: '×', aim: count > 100 ? '≥ 0.80' : '≥ 0.95' },
    { what: `${count} registers: Yihu to pymodbus`, value: own / python, unit: '×' },
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function peer(which: string, port: number, count: number): number {
  return Number(
    execFileSync('/usr/bin/python3', ['test/bench/modbus_clients.py', which, String(port), String(count), String(seconds)], {
      encoding: 'utf8',
    }),
  );
}

async function readsPerSecond(port: number, count: number): Promise<number> {
  const section = ModbusPort.parse({ host: '127.0.0.1', port });
  const hosts = new Hosts({ port: section, folder: '.', clock: systemClock, chance: Math.random, counters: newCounters() });
  const bus = hosts.of({ unit: 1 });
  const ask = tcpAsk(readRequest(1, 'holding', 0, count));
  const party = { key: 'modbus:1', timeoutMs: 1_000, exchanges: new ExchangeLog() };
  const read = () => new Promise<Outcome>((done) => bus.submit({ ask, party, done }));
  await read();
  let reads = 0;
  const started = performance.now();
  while (performance.now() - started < seconds * 1_000) {
    const outcome = await read();
    if (outcome.kind !== 'answer') throw new Error(outcome.kind);
    reads++;
  }
  const perSecond = (reads / (performance.now() - started)) * 1_000;
  await hosts.stop();
  return perSecond;
}
