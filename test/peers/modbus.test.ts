import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerTCP } from 'modbus-serial';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import { LinePort } from '../../gateway/collect/line/settings.ts';
import type { Answer, Request } from '../../gateway/collect/modbus/pdu.ts';
import { identifyOnce, Questioner, readOnce, type ReadResult, type Target } from '../../gateway/collect/modbus/read.ts';
import { ModbusPort } from '../../gateway/collect/modbus/settings.ts';
import { authority } from '../gateway/listening/certificates.ts';
import { cable, type Cable } from '../gateway/line/pty.ts';
import { ask, rtuAsker } from '../gateway/modbus/asking.ts';
import { describeWith } from '../needs.ts';
import { freePort, python, stop, type Peer } from './modbus-peer.ts';

/** Other people's servers: what they say is what we read, and what we write is what they hold. */

/** The values of both servers. */
const registers = (factor: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ((from + i) * factor) & 0xffff);
const bits = (factor: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(((from + i) * factor) / 8) % 2 === 1);

type Asking = Omit<Parameters<typeof readOnce>[0], 'target' | 'clock' | 'timeoutMs'>;

const patience = { timeoutMs: 3_000, clock: systemClock };
const section = (words: object) => ModbusPort.parse({ host: '127.0.0.1', ...words });
const serialLine = (path: string, framing: 'rtu' | 'ascii' = 'rtu'): Target => ({
  driver: 'line',
  port: LinePort.parse({ mode: 'serial', path, baud: 115_200 }),
  framing,
});

function everyTable(target: () => Target, units: readonly [number, number] = [1, 9]): void {
  const read = (asking: Asking): Promise<ReadResult> => readOnce({ ...asking, target: target(), ...patience });
  const [one, other] = units;

  it('reads all four tables', async () => {
    expect(await read({ unit: one, table: 'holding', at: 10, count: 5 })).toEqual({ words: registers(31, 10, 5) });
    expect(await read({ unit: one, table: 'input', at: 700, count: 1 })).toEqual({ words: registers(37, 700, 1) });
    expect(await read({ unit: other, table: 'coil', at: 3, count: 19 })).toEqual({ bits: bits(3, 3, 19) });
    expect(await read({ unit: other, table: 'discrete', at: 100, count: 8 })).toEqual({ bits: bits(5, 100, 8) });
  });

  it('reads as much as the standard allows', async () => {
    expect(await read({ unit: one, table: 'holding', at: 100, count: 125 })).toEqual({ words: registers(31, 100, 125) });
    expect(await read({ unit: one, table: 'coil', at: 0, count: 999 })).toEqual({ bits: bits(3, 0, 999) });
  });

  it('hears a refusal', async () => {
    expect(await read({ unit: one, table: 'holding', at: 5_000, count: 2 })).toEqual({
      exception: 2,
      name: 'illegal data address',
    });
  });
}

/** Functions 5, 6, 15, 16, 22 and 23, and what the peer holds afterwards. */
function everyWrite(target: () => Target, unit = 1): void {
  it('writes by every function, and the peer holds what was meant', async () => {
    const questioner = new Questioner({ target: target(), ...patience });
    const said = async (request: Request): Promise<Answer> => {
      const answer = await questioner.ask(request);
      if (answer === undefined || !('kind' in answer)) throw new Error(JSON.stringify(answer));
      return answer;
    };
    const written = { kind: 'written' };
    const coils = [1, 0, 1, 1, 0, 0, 1, 1, 1, 0];
    try {
      expect(await said({ unit, fn: 5, start: 900, count: 1, values: [1] })).toEqual(written);
      expect(await said({ unit, fn: 6, start: 900, count: 1, values: [0x1234] })).toEqual(written);
      expect(await said({ unit, fn: 15, start: 910, count: 10, values: coils })).toEqual(written);
      expect(await said({ unit, fn: 16, start: 910, count: 3, values: [1, 0xffff, 0x8000] })).toEqual(written);
      expect(await said({ unit, fn: 22, start: 900, and: 0xff00, or: 0x00ab })).toEqual(written);
      const exchanged = await said({ unit, fn: 23, start: 910, count: 4, writeStart: 912, values: [7, 8] });
      expect(exchanged).toEqual({ kind: 'words', words: [1, 0xffff, 7, 8] });
      expect(await said({ unit, fn: 1, start: 900, count: 1 })).toEqual({ kind: 'bits', bits: [true] });
      expect(await said({ unit, fn: 1, start: 910, count: 10 })).toEqual({ kind: 'bits', bits: coils.map((bit) => bit === 1) });
      expect(await said({ unit, fn: 3, start: 900, count: 1 })).toEqual({ kind: 'words', words: [0x12ab] });
    } finally {
      await questioner.stop();
    }
  });
}

/** Function 43/14, whose answer does not fit one frame. */
function identifies(target: () => Target): void {
  it('asks who it is, and goes on while there is more', async () => {
    const found = await identifyOnce({ target: target(), unit: 1, ...patience });
    if (!('objects' in found)) throw new Error(JSON.stringify(found));
    const texts = found.objects.map(({ id, bytes }) => [
      id,
      Buffer.from(bytes)
        .toString()
        .replace(/(.)\1{20,}/, '$1…'),
    ]);
    expect(texts).toEqual([
      [0, 'Xingfuli v…'],
      [1, 'XF-1'],
      [2, '2.11'],
      [3, 'http://example.org/u…'],
      [4, 'meter p…'],
      [5, 'model'],
      [6, 'test'],
    ]);
  });
}

const pymodbus = (...args: string[]) => python('modbus-server.py', ...args);
const libmodbus = (...args: string[]) => python('libmodbus-server.py', ...args);

describeWith(['pymodbus'], 'pymodbus over TCP', () => {
  let peer: Peer;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    peer = await pymodbus('tcp', String(port));
  });
  afterAll(() => stop(peer));
  const target = (): Target => ({ driver: 'modbus', port: section({ port }) });
  everyTable(target);
  everyWrite(target);
  identifies(target);

  it('says in words that a unit is silent, and never asks for more than a frame holds', async () => {
    const silent = await readOnce({
      target: target(),
      unit: 77,
      table: 'holding',
      at: 0,
      count: 1,
      timeoutMs: 200,
      clock: systemClock,
    });
    expect(silent).toEqual({
      unreachable: { zh: expect.stringContaining('没有应答'), en: expect.stringContaining('No usable answer') },
    });
    const tooMuch = readOnce({ target: target(), unit: 1, table: 'holding', at: 0, count: 126, ...patience });
    await expect(tooMuch).rejects.toThrow(RangeError);
  });
});

describeWith(['pymodbus'], 'pymodbus behind a serial server', () => {
  let peer: Peer;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    peer = await pymodbus('rtu-tcp', String(port));
  });
  afterAll(() => stop(peer));
  const target = (): Target => ({ driver: 'line', port: LinePort.parse({ mode: 'tcp', host: '127.0.0.1', port }) });
  everyTable(target);
  everyWrite(target);
  identifies(target);
});

describe.each(['rtu', 'ascii'] as const)('on a serial line, in %s', (framing) => {
  describeWith(['pymodbus', 'socat'], 'pymodbus', () => {
    let line: Cable;
    let peer: Peer;
    beforeAll(async () => {
      line = await cable();
      peer = await pymodbus(framing, line.theirs);
    });
    afterAll(async () => {
      await stop(peer);
      await line.remove();
    });
    const target = () => serialLine(line.ours, framing);
    everyTable(target);
    everyWrite(target);
    identifies(target);
  });
});

describeWith(['libmodbus'], 'libmodbus over TCP', () => {
  let peer: Peer;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    peer = await libmodbus('tcp', String(port));
  });
  afterAll(() => stop(peer));
  const target = (): Target => ({ driver: 'modbus', port: section({ port }) });
  everyTable(target, [255, 255]);
  everyWrite(target, 255);
});

describeWith(['libmodbus', 'socat'], 'libmodbus on a serial line', () => {
  let line: Cable;
  let peer: Peer;
  beforeAll(async () => {
    line = await cable();
    peer = await libmodbus('rtu', line.theirs, '5');
  });
  afterAll(async () => {
    await stop(peer);
    await line.remove();
  });
  const target = () => serialLine(line.ours);
  everyTable(target, [5, 5]);
  everyWrite(target, 5);
});

describeWith(['pymodbus'], 'pymodbus over TLS (Modbus/TCP Security)', () => {
  let peer: Peer;
  let port: number;
  const folder = mkdtempSync(join(tmpdir(), 'yihu-tls-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  beforeAll(async () => {
    port = await freePort();
    const [ours, strangers] = [await authority('site'), await authority('somebody else')];
    const [server, client] = [await ours.issue('meter'), await ours.issue('gateway')];
    file('ca.pem', ours.ca);
    file('cert.pem', client.cert);
    file('key.pem', client.key);
    file('other-ca.pem', strangers.ca);
    const stranger = await strangers.issue('stranger');
    file('stranger.pem', stranger.cert);
    file('stranger-key.pem', stranger.key);
    const [cert, key] = [file('server.pem', server.cert), file('server-key.pem', server.key)].map((name) => join(folder, name));
    peer = await pymodbus('tls', String(port), cert ?? '', key ?? '', join(folder, 'ca.pem'));
  });
  afterAll(async () => {
    await stop(peer);
    rmSync(folder, { recursive: true, force: true });
  });
  const secure = (tls: object): Target => ({ driver: 'modbus', port: section({ port, tls }) });
  const read = (tls: object) =>
    readOnce({ target: secure(tls), folder, unit: 1, table: 'holding', at: 10, count: 2, ...patience });
  const good = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' };

  it('reads, each side knowing the other', async () => {
    expect(await read(good)).toEqual({ words: registers(31, 10, 2) });
  });

  it('does not talk to a peer that another authority signed, and says what to look at', async () => {
    expect(await read({ ...good, ca: 'other-ca.pem' })).toMatchObject({
      unreachable: { en: expect.stringContaining('not trusted; check the CA file'), zh: expect.stringContaining('证书不可信') },
    });
  });

  it('nor to one whose certificate bears another name', async () => {
    expect(await read({ ...good, serverName: 'meter.example' })).toMatchObject({
      unreachable: { en: expect.stringContaining('serverName') },
    });
  });

  it('is not let in without a certificate of its own, or with a stranger’s', async () => {
    expect(await read({ ca: 'ca.pem' })).toHaveProperty('unreachable');
    expect(await read({ ca: 'ca.pem', cert: 'stranger.pem', key: 'stranger-key.pem' })).toHaveProperty('unreachable');
  });

  it('says which file cannot be read', async () => {
    expect(await read({ ...good, ca: 'gone.pem' })).toMatchObject({
      unreachable: { en: expect.stringMatching(/gone\.pem.*ENOENT/) },
    });
  });

  it('says that plain Modbus TCP is spoken where TLS was expected', async () => {
    const plain = await freePort();
    const other = await pymodbus('tcp', String(plain));
    const target: Target = { driver: 'modbus', port: section({ port: plain, tls: { ca: 'ca.pem' } }) };
    const said = await readOnce({
      target,
      folder,
      unit: 1,
      table: 'holding',
      at: 10,
      count: 2,
      timeoutMs: 1_000,
      clock: systemClock,
    });
    await stop(other);
    expect(said).toMatchObject({ unreachable: { en: expect.stringContaining('check whether that port speaks TLS') } });
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

  everyTable(() => ({ driver: 'modbus', port: section({ port }) }));

  it('speaking Modbus TCP to an RTU master is not understood, and not mistaken for values', async () => {
    const asker = rtuAsker(port);
    expect(await ask(asker, { unit: 1, fn: 3, start: 1, count: 2 }, 100)).toMatchObject({ kind: 'silent' });
    await asker.bus.stop();
  });
});
