import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { limits } from '../../../gateway/collect/listening/limits.ts';
import { HandClock } from '../../hand-clock.ts';
import { dial, type Dialled, Disk, quietly, until } from './rig.ts';
import { toyPort } from './toy.ts';

const text = (dialled: Dialled) => dialled.heard.toString('latin1');

/** Lets time go by on both sides of the sockets. */
async function pass(clock: HandClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    await clock.advance(Math.min(1_000, left));
    await quietly(2);
  }
}

describe('an ack', () => {
  it('leaves only when the frame is on disk', async () => {
    const { port, disk } = await toyPort(systemClock);
    const device = await dial(port.listensOn);
    disk.hold();
    device.send('a:one\n');
    await until(() => disk.emits === 1, 'the frame is offered');
    await quietly();
    expect(text(device)).toBe('');
    disk.release();
    await until(() => text(device) === '+one\n', 'the ack');
    expect(disk.frames.map(({ device: id }) => id)).toEqual(['a']);
  });

  it('waits while the disk takes nothing, and nothing overtakes the frame', async () => {
    const clock = new HandClock();
    const { port, disk } = await toyPort(clock);
    const device = await dial(port.listensOn);
    disk.failing = 3;
    device.send('a:one\na:two\n');
    await until(() => disk.emits === 1, 'the first offer');
    await pass(clock, limits.notKeptPauseMs - 1);
    expect([text(device), disk.emits]).toEqual(['', 1]);
    await pass(clock, 4 * limits.notKeptPauseMs);
    await until(() => text(device) === '+one\n+two\n', 'both acks, in order');
    expect(disk.frames.map(({ body }) => body)).toMatchObject([{ fields: 'one' }, { fields: 'two' }]);
    expect(port.counters()['frames_not_kept']).toBe(3);
  });

  it('never comes for a frame that could not be kept: its connection is given up, and the device begins again', async () => {
    const clock = new HandClock();
    const { port, disk } = await toyPort(clock);
    const device = await dial(port.listensOn);
    disk.failing = Number.POSITIVE_INFINITY;
    device.send('a:one\na:two\n');
    await until(() => disk.emits === 1, 'the first offer');
    await pass(clock, limits.keepPatienceMs + 2 * limits.notKeptPauseMs);
    await device.closes();
    expect(text(device)).toBe('');
    disk.failing = 0;
    const again = await dial(port.listensOn);
    again.send('a:one\na:two\n');
    await until(() => text(again) === '+one\n+two\n', 'the acks');
    expect(disk.frames).toHaveLength(2);
  });

  it('is not promised by a stop: what is under way is kept and acked, what is not is not', async () => {
    const { port, disk } = await toyPort(systemClock);
    const device = await dial(port.listensOn);
    disk.hold();
    device.send('a:one\na:two\n');
    await until(() => disk.emits === 1, 'the first is offered');
    const stopped = port.stop();
    disk.release();
    await stopped;
    await device.closes();
    const acked = text(device).split('\n').filter(Boolean);
    expect(disk.frames.map(({ body }) => body)).toEqual(
      acked.map((ack) => ({ kind: 'fields', channel: 'toy', fields: ack.slice(1) })),
    );
    expect(acked[0]).toBe('+one');
    expect(port.state().wire).toBe('down');
  });
});

describe('one device has one connection', () => {
  it('and the newest wins; twice in a minute is two devices', async () => {
    const { port, states } = await toyPort(systemClock);
    const dialled: Dialled[] = [];
    for (let i = 0; i < 3; i++) {
      const device = await dial(port.listensOn);
      device.send('a:hello\n');
      await until(() => text(device) === '+hello\n', 'the ack');
      await dialled.at(-1)?.closes();
      dialled.push(device);
      expect(port.state().devices['a']?.fault).toBe(i < 2 ? undefined : 'duplicate-identity');
    }
    expect(dialled.map(({ closed }) => closed)).toEqual([true, true, false]);
    expect(port.counters()['take_overs']).toBe(2);
    expect(port.state().refused?.at(-1)).toMatchObject({ what: 'a' });
    expect(states.at(-1)?.devices['a']?.fault).toBe('duplicate-identity');
    expect(port.state().devices['b']?.fault).toBeUndefined();
  });

  it('and two that keep pushing each other out are stopped', async () => {
    const clock = new HandClock();
    const { port } = await toyPort(clock);
    for (let i = 0; i <= limits.takeOvers; i++) {
      const device = await dial(port.listensOn);
      device.send('a:hello\n');
      await until(() => text(device) === '+hello\n', 'the ack');
    }
    const last = await dial(port.listensOn);
    last.send('a:hello\n');
    await last.closes();
    expect(text(last)).toBe('');
    expect(port.counters()['take_overs_refused']).toBe(1);
    await pass(clock, limits.takeOverWindowMs);
    const later = await dial(port.listensOn);
    later.send('a:hello\n');
    await until(() => text(later) === '+hello\n', 'after the minute it may');
  });

  it('unless it speaks for several: then it loses only the one', async () => {
    const { port } = await toyPort(systemClock);
    const hub = await dial(port.listensOn);
    hub.send('a:1\nb:1\n');
    await until(() => text(hub) === '+1\n+1\n', 'both');
    const own = await dial(port.listensOn);
    own.send('a:2\n');
    await until(() => text(own) === '+2\n', 'the ack');
    hub.send('b:3\n');
    await until(() => text(hub).endsWith('+3\n'), 'still there for b');
  });
});

describe('a stranger', () => {
  it('is refused by its identity, and shown once however often it knocks', async () => {
    const { port } = await toyPort(systemClock);
    for (let i = 0; i < 3; i++) {
      const device = await dial(port.listensOn);
      device.send('zz:hello\n');
      await device.closes();
    }
    expect(port.state().refused).toEqual([{ at: expect.any(Number) as number, what: 'zz (127.0.0.1)', why: 'no such device' }]);
    expect(port.counters()['strangers_refused']).toBe(3);
  });

  it('who dribbles has ten seconds', async () => {
    const clock = new HandClock();
    const { port } = await toyPort(clock);
    const slow = await dial(port.listensOn);
    for (let i = 0; i < 9; i++) {
      slow.send('a');
      await pass(clock, 1_000);
      expect(slow.closed).toBe(false);
    }
    await pass(clock, 2_000);
    await slow.closes();
    expect(port.counters()).toMatchObject({ closed_before_known: 1, connections: 0 });
  });

  it('who floods has eight kilobytes', async () => {
    const { port } = await toyPort(systemClock);
    const loud = await dial(port.listensOn);
    loud.send(Buffer.alloc(limits.beforeKnownBytes + 1, 0x2e));
    await loud.closes();
    expect(port.counters()['closed_before_known']).toBe(1);
  });

  it('of another network is not let in', async () => {
    const { port } = await toyPort(systemClock, { allow: ['192.0.2.0/24', '2001:db8::/32'] });
    const device = await dial(port.listensOn);
    await device.closes();
    expect(port.counters()).toMatchObject({ connections_refused: 1, connections: 0 });
    expect(port.state().refused).toMatchObject([{ what: '127.0.0.1', why: 'its address is not allowed' }]);
  });

  it('of an allowed network is', async () => {
    const { port } = await toyPort(systemClock, { allow: ['192.0.2.0/24', '127.0.0.0/8'] });
    const device = await dial(port.listensOn);
    device.send('a:hello\n');
    await until(() => text(device) === '+hello\n', 'the ack');
  });
});

describe('a device', () => {
  it('that sends noise between its frames loses none of them', async () => {
    const { port, disk } = await toyPort(systemClock);
    const device = await dial(port.listensOn);
    device.send('a:one\n\u0001\u0002...a:two\n!broken\n###a:three\n');
    await until(() => text(device).endsWith('+three\n'), 'all three acks');
    expect(disk.frames).toHaveLength(3);
    expect(text(device)).toBe('+one\n+two\n?damaged\n+three\n');
    expect(port.counters()).toMatchObject({ frames_damaged: 1, noise_bytes: 5 + 8 + 3 });
    expect(port.exchanges('a').some(({ note }) => note?.en?.includes('damaged'))).toBe(true);
  });

  it('that sends nothing but noise is gone after a while', async () => {
    const { port } = await toyPort(systemClock);
    const device = await dial(port.listensOn);
    device.send('a:one\n');
    await until(() => text(device) === '+one\n', 'the ack');
    device.send(Buffer.alloc(limits.noiseBytes + 1, 0x2e));
    await device.closes();
    expect(port.counters()['closed_noise']).toBe(1);
  });

  it('whose frame stays a fragment is heard again behind it', async () => {
    const clock = new HandClock();
    const { port, disk } = await toyPort(clock);
    const device = await dial(port.listensOn);
    device.send('a:one\n');
    await until(() => disk.frames.length === 1, 'the first');
    device.send('!a fragment that waits for an end of line');
    await pass(clock, limits.partialFrameMs + 1_000);
    device.send('\n');
    device.send('a:two\n');
    await until(() => disk.frames.length === 2, 'the second');
    expect(port.counters()['frames_damaged']).toBe(0);
  });

  it('that is silent for too long is closed, so that it dials anew', async () => {
    const clock = new HandClock();
    const { port, disk } = await toyPort(clock, { silentAfter: 20_000 });
    const device = await dial(port.listensOn);
    device.send('a:one\n');
    await until(() => disk.frames.length === 1, 'the first');
    await pass(clock, 15_000);
    // Bytes that are no frame are not a sign of life.
    device.send('....');
    await quietly();
    expect(device.closed).toBe(false);
    await pass(clock, 6_000);
    await device.closes();
    expect(port.counters()['closed_silent']).toBe(1);
  });

  it('that does not read costs no more than its share', async () => {
    const clock = new HandClock();
    const { port } = await toyPort(clock);
    const device = await dial(port.listensOn);
    device.socket.pause();
    device.send('a:flood\n');
    await until(() => port.counters()['closed_frozen'] === 1, 'it is closed');
    const other = await dial(port.listensOn);
    other.send('b:hello\n');
    await until(() => text(other) === '+hello\n', 'others are served');
  });

  it('may be told something while it is connected, and only then', async () => {
    const { port } = await toyPort(systemClock);
    const act = {
      id: '1',
      device: 'a',
      command: 'x',
      spec: { name: { zh: '试' }, args: {}, do: {}, confirm: 'none', ttl: 1 },
      args: {},
      deadlineMono: 1e12,
    } as const;
    expect(await port.act(act)).toMatchObject({ state: 'refused', code: 'not-connected' });
    const device = await dial(port.listensOn);
    device.send('a:hello\n');
    await until(() => text(device) === '+hello\n', 'the ack');
    expect(await port.act(act)).toEqual({ state: 'sent' });
    device.socket.destroy();
    await until(() => port.counters()['connections'] === 0, 'it is gone');
    expect(await port.act(act)).toMatchObject({ state: 'refused', code: 'not-connected' });
  });
});

describe('a port', () => {
  it('has a cap for each address and one in all', async () => {
    const { port } = await toyPort(systemClock, { connections: 3, connectionsPerAddress: 2 });
    const first = await dial(port.listensOn);
    const inside = [first, await dial(port.listensOn), await dial(port.listensOn, '127.0.0.2')];
    await until(() => port.counters()['connections'] === 3, 'three are in');
    for (const from of ['127.0.0.1', '127.0.0.2']) await (await dial(port.listensOn, from)).closes();
    expect(inside.some(({ closed }) => closed)).toBe(false);
    expect(port.state().refused?.map(({ what }) => what)).toEqual(['127.0.0.1', '127.0.0.2']);
    first.socket.destroy();
    await until(() => port.counters()['connections'] === 2, 'one leaves');
    const late = await dial(port.listensOn, '127.0.0.3');
    late.send('a:hello\n');
    await until(() => text(late) === '+hello\n', 'its place is free');
  });

  it('listens again by itself when its address is free', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const taken = typeof address === 'object' && address ? address.port : 0;
    const clock = new HandClock();
    const { port, states } = await toyPort(clock, { listen: `127.0.0.1:${taken}` });
    expect(port.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('in use') as string } });
    await new Promise((resolve) => blocker.close(resolve));
    await pass(clock, limits.restartFirstMs + 1_000);
    await until(() => port.state().wire === 'up', 'it listens');
    const device = await dial(taken);
    device.send('a:hello\n');
    await until(() => text(device) === '+hello\n', 'the ack');
    expect(states.map(({ wire }) => wire)).toEqual(['down', 'up']);
  });

  it('holds its cap under ten thousand connections, and serves those who are in', { timeout: 120_000 }, async () => {
    const disk = new Disk();
    const { port } = await toyPort(systemClock, { connections: 200, connectionsPerAddress: 200 }, { disk });
    const inside = await dial(port.listensOn);
    inside.send('a:before\n');
    await until(() => text(inside) === '+before\n', 'the ack');
    for (let round = 1; round <= 25; round++) {
      const crowd = await Promise.all(Array.from({ length: 400 }, () => dial(port.listensOn)));
      await until(() => port.counters()['connections_refused'] === 201 * round, 'all but 199 are refused', 30_000);
      expect(port.counters()['connections']).toBe(200);
      inside.send(`a:${round}\n`);
      await until(() => text(inside).endsWith(`+${round}\n`), 'those who are in are served');
      for (const { socket } of crowd) socket.destroy();
      await until(() => port.counters()['connections'] === 1, 'the crowd is gone', 30_000);
    }
    expect(disk.frames).toHaveLength(26);
  });
});
