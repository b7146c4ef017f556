import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { ActOutcome, RunningPort } from '../../../gateway/collect/driver.ts';
import { driver as line } from '../../../gateway/collect/line/driver.ts';
import { driver as tcp } from '../../../gateway/collect/modbus/driver.ts';
import { loadProfiles } from '../../../gateway/site.ts';
import { run, type Running } from '../line/running.ts';
import { profileOf } from './profiles.ts';
import { registerServer, type RegisterServer } from './register-server.ts';

/** Commands of a profile on their way to a slave, and what each outcome means. */

const name = { zh: '命令' };
const number = (min: number, max: number) => ({ name: { zh: '值' }, type: 'number', min, max });

const profile = profileOf(
  { setpoint: { at: 100 }, relay: { at: 0, table: 'coil' } },
  {
    groups: { slow: { every: '1h' } },
    transport: { timing: { timeout: '120ms', retries: 2 }, serial: { baud: 115_200 } },
    commands: {
      open: { name, do: { write: 'coil', at: 3, value: true } },
      relays: { name, do: { write: 'coil', at: 8, values: [true, false, true] } },
      channel: {
        name,
        args: { channel: number(1, 8), on: { name: { zh: '开' }, type: 'boolean' } },
        do: { write: 'coil', at: 0, plus: '{channel}', first: 1, value: '{on}' },
      },
      limit: {
        name,
        args: { limit: number(0, 100) },
        do: { write: 'holding', at: 100, value: '{limit}', scale: 0.1 },
        verify: { point: 'setpoint', is: '{limit}' },
      },
      limit16: {
        name,
        args: { limit: number(0, 100) },
        do: { write: 'holding', at: 100, value: '{limit}', fn: 16, harmless: true },
      },
      float: {
        name,
        args: { limit: number(0, 1_000) },
        do: { write: 'holding', at: 20, value: '{limit}', type: 'f32', order: 'CDAB' },
      },
      mode: {
        name,
        args: { mode: { name: { zh: '方式' }, type: 'text', choices: { auto: { zh: '自动' }, off: { zh: '关' } } } },
        do: { write: 'holding', at: 7, value: '{mode}', map: { auto: 2, off: 0 } },
      },
      bit: { name, do: { write: 'holding', at: 4, bits: { shift: 9 }, value: true } },
      // A gas controller takes an opcode and a key in one write.
      keyed: { name, do: { write: 'holding', at: 30, values: [0x0101, 0x3626] } },
      // A gas sensor must be unlocked by a broadcast before its address can be changed.
      renumber: {
        name,
        args: { unit: number(1, 9) },
        do: [
          { write: 'holding', at: 0x11, value: 0x18, broadcast: true, prepare: true },
          { write: 'holding', at: 0x13, value: '{unit}' },
        ],
      },
      locked: {
        name,
        do: [
          { write: 'holding', at: 0x40, value: 0x5a, prepare: true, rest: '20ms' },
          { write: 'holding', at: 0x41, value: 1 },
          { write: 'holding', at: 0x42, value: 2 },
        ],
      },
    },
  },
);

let acts = 0;

function act(
  port: RunningPort,
  command: string,
  args: Record<string, NonNullable<Value>> = {},
  withinMs = 5_000,
  of: Profile = profile,
): Promise<ActOutcome> {
  const spec = of.commands[command];
  if (spec === undefined || port.act === undefined) throw new Error(`no command ${command}`);
  const deadlineMono = systemClock.mono() + withinMs;
  return port.act({ id: `act-${(acts += 1)}`, device: 'meter-1', command, spec, args, deadlineMono });
}

async function start(framing: 'tcp' | 'rtu'): Promise<{ server: RegisterServer; running: Running }> {
  const server = await registerServer(framing);
  const running =
    framing === 'tcp'
      ? await run(tcp, { host: '127.0.0.1', port: server.port }, [{ id: 'meter-1', profile, address: { unit: 1 } }])
      : await run(line, { mode: 'tcp', host: '127.0.0.1', port: server.port, turnaroundMs: 20 }, [
          { id: 'meter-1', profile, address: line.addressOf?.('modbus').parse({ unit: 1 }) ?? {} },
        ]);
  // The first poll has been answered: the wire is up and idle.
  await expect.poll(() => running.calls.length).toBe(1);
  server.heard.length = 0;
  return { server, running };
}

const sent = { state: 'sent' };

describe.each(['tcp', 'rtu'] as const)('commands over %s', (framing) => {
  it.each<[string, Record<string, NonNullable<Value>>, string]>([
    ['open', {}, '1 050003ff00'],
    ['relays', {}, '1 0f000800030105'],
    ['channel', { channel: 8, on: true }, '1 050007ff00'],
    ['channel', { channel: 1, on: false }, '1 0500000000'],
    ['limit', { limit: 23.4 }, '1 06006400ea'],
    ['limit16', { limit: 7 }, '1 1000640001020007'],
    ['float', { limit: 230.2 }, '1 10001400020433334366'],
    ['mode', { mode: 'auto' }, '1 0600070002'],
    ['bit', {}, '1 160004fdff0200'],
    ['keyed', {}, '1 10001e00020401013626'],
  ])('%s %j is %s', async (command, args, bytes) => {
    const { server, running } = await start(framing);
    expect(await act(running.port, command, args)).toEqual(sent);
    expect(server.heard[0]).toBe(bytes);
    expect(running.port.counters()).toMatchObject({ commands: 1 });
  });

  it('changes only the bits that are meant', async () => {
    const { server, running } = await start(framing);
    server.holding.set(4, 0x0101);
    expect(await act(running.port, 'bit')).toEqual(sent);
    expect(server.holding.get(4)).toBe(0x0301);
  });

  it('a refusal is told in words, and the next step is not sent', async () => {
    const { server, running } = await start(framing);
    server.next = [(pdu) => Buffer.from([(pdu[0] ?? 0) | 0x80, 3])];
    const outcome = await act(running.port, 'locked');
    expect(outcome).toMatchObject({
      state: 'refused',
      code: 'refused-by-device',
      en: expect.stringContaining('illegal data value') as string,
    });
    expect(server.heard.length).toBe(1);
  });

  it('what was not confirmed is unknown, and is not sent again by itself', async () => {
    const { server, running } = await start(framing);
    server.next = [(_, good) => void good()];
    expect(await act(running.port, 'open')).toMatchObject({ state: 'unknown', code: 'no-answer' });
    expect(server.heard).toEqual(['1 050003ff00']);
    expect(server.coils.get(3)).toBe(true);
    expect(running.port.counters()).toMatchObject({ timeouts: 1 });
  });

  it('what is harmless is sent again', async () => {
    const { server, running } = await start(framing);
    server.next = [() => undefined, () => undefined];
    expect(await act(running.port, 'limit16', { limit: 7 })).toEqual(sent);
    expect(server.heard.length).toBe(3);
  });

  it('an unlocking that is not answered has done nothing', async () => {
    const { server, running } = await start(framing);
    server.next = [() => undefined];
    expect(await act(running.port, 'locked')).toMatchObject({ state: 'refused', code: 'no-answer' });
    expect(server.heard.length).toBe(1);
  });

  it('a command of which a part was done is neither done nor refused', async () => {
    const { server, running } = await start(framing);
    const good = (pdu: Buffer) => pdu;
    server.next = [good, good, (pdu) => Buffer.from([(pdu[0] ?? 0) | 0x80, 4])];
    expect(await act(running.port, 'locked')).toMatchObject({ state: 'unknown', code: 'partly-done' });
    expect(server.heard.length).toBe(3);
  });

  it('one that is too old is never sent', async () => {
    const { server, running } = await start(framing);
    expect(await act(running.port, 'open', {}, -1)).toMatchObject({ state: 'expired' });
    expect(server.heard).toEqual([]);
  });

  it('arguments that cannot be written, and devices without commands, are refused before anything is sent', async () => {
    const { server, running } = await start(framing);
    expect(await act(running.port, 'limit', { limit: 70_000 })).toMatchObject({ state: 'refused', code: 'bad-arguments' });
    expect(await act(running.port, 'mode', { mode: 'fly' })).toMatchObject({ state: 'refused', code: 'bad-arguments' });
    expect(server.heard).toEqual([]);
    const spec = profile.commands['open'];
    const stranger = { id: 'x', device: 'meter-9', command: 'open', args: {}, deadlineMono: Infinity };
    expect(spec && (await running.port.act?.({ ...stranger, spec }))).toMatchObject({ state: 'refused', code: 'no-commands' });
  });

  it('several of one device go one after the other, unmixed', async () => {
    const { server, running } = await start(framing);
    server.delayMs = 5;
    const outcomes = await Promise.all([act(running.port, 'locked'), act(running.port, 'locked'), act(running.port, 'open')]);
    expect(outcomes).toEqual([sent, sent, sent]);
    const addresses = server.heard.map((each) => each.slice(4, 8));
    expect(addresses).toEqual(['0040', '0041', '0042', '0040', '0041', '0042', '0003']);
  });

  it('the point that shows it is read at once, not when its slow group is due', async () => {
    const { server, running } = await start(framing);
    expect(await act(running.port, 'limit', { limit: 23.4 })).toEqual(sent);
    await expect.poll(() => running.calls.length).toBe(2);
    expect(running.calls[1]?.map(({ body }) => body)).toContainEqual({
      kind: 'registers',
      table: 'holding',
      start: 100,
      words: [234],
    });
    expect(
      server.heard
        .slice(1)
        .map((each) => each.slice(2, 4))
        .toSorted(),
    ).toEqual(['01', '03']);
  });

  it('with the wire gone it is refused at once: nothing was sent', async () => {
    const server = await registerServer(framing);
    const gone = { host: '127.0.0.1', port: 1 };
    const running =
      framing === 'tcp'
        ? await run(tcp, gone, [{ id: 'meter-1', profile, address: { unit: 1 } }])
        : await run(line, { mode: 'tcp', ...gone }, [
            { id: 'meter-1', profile, address: line.addressOf?.('modbus').parse({ unit: 1 }) ?? {} },
          ]);
    expect(await act(running.port, 'open')).toMatchObject({ state: 'refused', code: 'unreachable' });
    expect(server.heard).toEqual([]);
  });
});

describe('a broadcast', () => {
  it('is sent and waited for on a line, and then the command itself', async () => {
    const { server, running } = await start('rtu');
    expect(await act(running.port, 'renumber', { unit: 5 })).toEqual(sent);
    expect(server.heard).toEqual(['0 0600110018', '1 0600130005']);
    // As a public driver of the sensor sends it.
    expect(running.port.exchanges?.('meter-1').map((each) => each.sent)).toContain('00 06 00 11 00 18 d8 14');
  });

  it('is refused over Modbus TCP, where it means something else', async () => {
    const { server, running } = await start('tcp');
    expect(await act(running.port, 'renumber', { unit: 5 })).toMatchObject({ state: 'refused', code: 'no-broadcast' });
    expect(server.heard).toEqual([]);
  });
});

describe('a relay board of the library', () => {
  it('is switched by the frames its makers print', async () => {
    const board = (await loadProfiles()).profiles.get('generic.relay-8');
    if (board === undefined) throw new Error('the library has no relay board');
    const server = await registerServer('rtu');
    const address = line.addressOf?.('modbus').parse({ unit: 1 }) ?? {};
    const running = await run(line, { mode: 'tcp', host: '127.0.0.1', port: server.port }, [
      { id: 'meter-1', profile: board, address },
    ]);
    await expect.poll(() => running.calls.length).toBe(1);
    expect(await act(running.port, 'on_1', {}, 5_000, board)).toEqual(sent);
    expect(await act(running.port, 'off_1', {}, 5_000, board)).toEqual(sent);
    const frames = running.port.exchanges?.('meter-1').map((each) => each.sent);
    expect(frames).toEqual(expect.arrayContaining(['01 05 00 00 ff 00 8c 3a', '01 05 00 00 00 00 cd ca']));
  });
});

describe('answers that say too little', () => {
  it('a late confirmation is not taken for that of other values to the same registers', async () => {
    const { server, running } = await start('rtu');
    // Its confirmation is still on its way when the quarantine is over.
    server.next = [(_, good) => (void good(), undefined)];
    const first = await act(running.port, 'float', { limit: 1 });
    expect(first).toMatchObject({ state: 'unknown' });
    const second = await act(running.port, 'float', { limit: 2 });
    expect(second).toMatchObject({ state: 'refused', code: 'late-answer-pending' });
    expect(server.heard.length).toBe(1);
    // Another register is not confused with it.
    expect(await act(running.port, 'keyed')).toEqual(sent);
  });
});
