import { describe, expect, it } from 'vitest';
import { registerServer } from '../modbus/register-server.ts';
import { here } from './here.ts';

/** Registers written by hand: once, read back, and never called done when it is not. */

const raw = (port: number, ...args: string[]) => here('write-raw', '--tcp', `127.0.0.1:${port}`, '--json', '--yes', ...args);
const said = ({ out }: { out: string }) => JSON.parse(out) as Record<string, unknown>;

describe('write-raw', () => {
  it('reads, writes once with function 6 and reads back', async () => {
    const server = await registerServer('tcp');
    server.holding.set(0x100, 7);
    const written = await raw(server.port, '--at', '0x0100', '--words', '0001');
    expect(written.code).toBe(0);
    expect(said(written)).toEqual({
      schema: 'yihu.write-raw/1',
      unit: 1,
      table: 'holding',
      at: 256,
      values: [1],
      state: 'confirmed',
      before: [7],
      wasAnswered: true,
    });
    expect(server.heard).toEqual(['1 0301000001', '1 0601000001', '1 0301000001']);
  });

  it('puts a number into registers by type and order, and takes function 16 for a single one when asked to', async () => {
    const server = await registerServer('tcp');
    await raw(server.port, '--at', '40', '--value', '21.5', '--type', 'f32', '--order', 'CDAB');
    expect([server.holding.get(40), server.holding.get(41)]).toEqual([0, 0x41ac]);
    await raw(server.port, '--at', '50', '--value', '-2', '--type', 's16', '--multiple');
    expect(server.heard.at(-2)).toBe('1 100032000102fffe');
    await raw(server.port, '--at', '60', '--value', '0', '--type', 'bit');
    expect(server.heard.at(-2)).toBe('1 06003c0000');
    await raw(server.port, '--at', '60', '--value', 'AB1', '--type', 'string');
    expect(server.heard.at(-2)).toBe('1 10003c00020441423100');
    await raw(server.port, '--at', '60', '--value', '2026-11-29 08:30:05', '--type', 'time6');
    expect(server.heard.at(-2)).toBe('1 10003c0003061a0b1d081e05');
    const coils = await raw(server.port, '--at', '3', '--bits', '1,0,1');
    expect(said(coils)).toMatchObject({ table: 'coil', state: 'confirmed', values: [1, 0, 1] });
  });

  it('says what the device refuses, and writes nothing where it cannot even be read', async () => {
    const server = await registerServer('tcp');
    server.next = [(_, good) => good(), () => Buffer.from([0x86, 3])];
    const refused = await raw(server.port, '--at', '1', '--words', '0001');
    expect(refused.code).toBe(2);
    expect(said(refused)).toMatchObject({ state: 'refused', exception: 3 });
    server.heard.length = 0;
    server.next = [() => Buffer.from([0x83, 2])];
    expect(said(await raw(server.port, '--at', '1', '--words', '0001'))).toMatchObject({ state: 'refused', exception: 2 });
    expect(server.heard).toEqual(['1 0300010001']);
  });

  it('does not repeat a write that was not answered: what is read back decides', async () => {
    const server = await registerServer('tcp');
    server.next = [(_, good) => good(), (_, good) => void good()];
    const silent = await raw(server.port, '--at', '9', '--words', '00aa', '--timeout', '200');
    expect(said(silent)).toMatchObject({ state: 'confirmed', wasAnswered: false });
    expect(server.heard.filter((each) => each.startsWith('1 06'))).toHaveLength(1);
    server.next = [(_, good) => good(), () => undefined];
    const lost = await raw(server.port, '--at', '9', '--words', '00bb', '--timeout', '200');
    expect(lost.code).toBe(2);
    expect(said(lost)).toMatchObject({ state: 'unknown', before: [0xaa], after: [0xaa] });
  });

  it('calls a device that keeps its own value unknown, not written', async () => {
    const server = await registerServer('tcp');
    // It echoes the write as Modbus asks, and does something else.
    server.next = [(_, good) => good(), (pdu) => Buffer.from(pdu)];
    expect(said(await raw(server.port, '--at', '2', '--words', '0005'))).toMatchObject({ state: 'unknown', after: [0] });
  });

  it('refuses what Modbus cannot say, two things at once, and to act where nobody can be asked', async () => {
    const server = await registerServer('tcp');
    for (const args of [
      ['--at', '0', '--words', Array.from({ length: 124 }, () => '0').join(' ')],
      ['--at', '65535', '--words', '1 2'],
      ['--at', '0', '--words', '1', '--bits', '1'],
      ['--at', '0'],
      ['--at', '0', '--value', '70000'],
      ['--at', '0', '--value', 'much'],
      ['--at', '0', '--value', ''],
      ['--at', '0', '--value', '', '--type', 'f32'],
      ['--at', '0', '--value', 'abc', '--type', 'f32'],
      ['--at', '0', '--value', 'NaN', '--type', 'f64'],
      ['--at', '0', '--value', '1e40', '--type', 'f32'],
      ['--at', '0', '--value', '1.5', '--type', 'bcd32'],
      ['--at', '0', '--value', '2', '--type', 'bit'],
      ['--at', '0', '--value', '2026', '--type', 'time6'],
      ['--at', '0', '--value', '烟感', '--type', 'string'],
    ])
      expect((await raw(server.port, ...args)).code, args.join(' ')).toBe(1);
    expect(server.heard.filter((each) => !each.startsWith('1 03'))).toEqual([]);
    const alone = await here('write-raw', '--tcp', `127.0.0.1:${server.port}`, '--at', '0', '--words', '1', '--json');
    expect(alone.code).toBe(1);
    expect(server.holding.get(0) ?? 0).toBe(0);
  });
});
