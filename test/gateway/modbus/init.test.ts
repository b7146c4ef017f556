import { describe, expect, it } from 'vitest';
import { driver as line } from '../../../gateway/collect/line/driver.ts';
import { driver as tcp } from '../../../gateway/collect/modbus/driver.ts';
import { run, type Running } from '../line/running.ts';
import { profileOf } from './profiles.ts';
import { registerServer, type RegisterServer } from './register-server.ts';

/** What a device is told when the wire has come up, and when it answers again after a silence. */

const profile = profileOf(
  { a: { at: 100 } },
  {
    groups: { fast: { every: '60ms' } },
    transport: {
      timing: { timeout: '80ms', retries: 0 },
      serial: { baud: 115_200 },
      init: [
        { write: 'holding', at: 1, value: 7 },
        { write: 'holding', at: 2, values: [8, 9] },
      ],
    },
  },
);

const told = ['1 0600010007', '1 10000200020400080009'];
const isTold = (each: string) => told.includes(each);

async function start(framing: 'tcp' | 'rtu'): Promise<{ server: RegisterServer; running: Running }> {
  const server = await registerServer(framing);
  const running =
    framing === 'tcp'
      ? await run(tcp, { host: '127.0.0.1', port: server.port }, [{ id: 'meter-1', profile, address: { unit: 1 } }])
      : await run(line, { mode: 'tcp', host: '127.0.0.1', port: server.port }, [
          { id: 'meter-1', profile, address: line.addressOf?.('modbus').parse({ unit: 1 }) ?? {} },
        ]);
  return { server, running };
}

describe.each(['tcp', 'rtu'] as const)('init over %s', (framing) => {
  it('is told when the device answers for the first time, before any value is taken, and not again', async () => {
    const { server, running } = await start(framing);
    server.holding.set(100, 5);
    await expect.poll(() => running.calls.length).toBeGreaterThan(3);
    expect(server.heard.slice(0, 4)).toEqual(['1 0300640001', ...told, '1 0300640001']);
    expect(server.heard.filter(isTold)).toEqual(told);
    expect(running.calls[0]?.length).toBe(1);
    expect([1, 2, 3].map((at) => server.holding.get(at))).toEqual([7, 8, 9]);
    expect(running.port.counters()).toMatchObject({ init_writes: 2 });
  });

  it('is told again after the device was silent: it may have been without power', async () => {
    const { server, running } = await start(framing);
    await expect.poll(() => running.calls.length).toBeGreaterThan(1);
    server.holding.clear();
    const silent = () => undefined;
    server.next = Array.from({ length: 4 }, () => silent);
    await expect.poll(() => server.holding.get(3)).toBe(9);
    // A slow machine may be silent once more, and is told once more.
    expect(server.heard.filter(isTold).slice(0, 2 * told.length)).toEqual([...told, ...told]);
  });

  it('a refusal does not keep the values away', async () => {
    const { server, running } = await start(framing);
    const no = (pdu: Buffer) => Buffer.from([(pdu[0] ?? 0) | 0x80, 2]);
    server.next = [(pdu) => server.answer(pdu), no, no];
    await expect.poll(() => running.calls.length).toBeGreaterThan(2);
    for (const call of running.calls) expect(call[0]?.body.kind).toBe('registers');
    expect(running.port.counters()).toMatchObject({ init_writes: 0 });
  });

  it('a device that never answers it is read all the same, and not told for ever', async () => {
    const { server, running } = await start(framing);
    const real = server.answer.bind(server);
    server.next = Array.from({ length: 200 }, () => (pdu: Buffer) => (pdu[0] === 3 ? real(pdu) : undefined));
    await expect.poll(() => running.calls.filter(([frame]) => frame?.body.kind === 'registers').length).toBeGreaterThan(6);
    expect(server.heard.filter(isTold).length).toBe(3);
    expect(running.port.state().devices['meter-1']).toMatchObject({ failures: 0 });
  });
});
