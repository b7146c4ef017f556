import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { driver } from '../../../gateway/collect/line/driver.ts';
import { profileOf } from '../modbus/profiles.ts';
import { honest, valueOf } from '../modbus/fault-server.ts';
import { dtu, type Dtu } from './dtu.ts';
import { run, type Running } from './running.ts';

/** Units that connect to us: who they are, what they say between answers, and who is not let in. */

const profile = profileOf(
  { a: { at: 10 }, b: { at: 14 } },
  { groups: { fast: { every: '40ms' } }, transport: { timing: { timeout: '250ms' }, serial: { baud: 115_200 } } },
);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A line that waits for a unit; its one device is unit 1. */
function waiting(port: number, registration: object, more: object = {}): Promise<Running> {
  const address = driver.addressOf?.('modbus').parse({ unit: 1 });
  if (address === undefined) throw new Error('no address');
  const section = { mode: 'dial-in', listen: `127.0.0.1:${port}`, registration, ...more };
  return run(driver, section, [{ id: 'meter-1', profile, address }]);
}

async function unit(...args: Parameters<typeof dtu>): Promise<Dtu> {
  // The gateway begins to listen a turn later than the test goes on.
  for (let tries = 0; ; tries += 1) {
    try {
      const one = await dtu(...args);
      onTestFinished(() => one.hangUp());
      return one;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const good = { kind: 'registers', table: 'holding', start: 10, words: [10, 11, 12, 13, 14].map((at) => valueOf(1, 3, at)) };
const goodCalls = ({ calls }: Running) => calls.filter(([frame]) => frame?.body.kind === 'registers').length;
const wrongCalls = ({ calls }: Running) =>
  calls.filter(([frame]) => frame?.body.kind === 'registers' && JSON.stringify(frame.body) !== JSON.stringify(good)).length;

describe('a unit that dials in', () => {
  it('is polled behind its registration, in text or in hex', async () => {
    const port = await freePort();
    const text = await waiting(port, { text: 'XFL-0001' });
    const hex = await waiting(port, { hex: '7E 00 02' });
    await expect.poll(() => text.port.state().reason?.en).toContain('"XFL-0001" has not dialled in yet');
    const [first, second] = [await unit(port, 'XFL-0001'), await unit(port, Buffer.from('7e0002', 'hex'))];
    await expect.poll(() => Math.min(goodCalls(text), goodCalls(hex))).toBeGreaterThan(5);
    expect([first.seen.length > 5, second.seen.length > 5]).toEqual([true, true]);
    expect(text.port.state()).toMatchObject({ wire: 'up' });
    expect(wrongCalls(text) + wrongCalls(hex)).toBe(0);
  });

  it('may register in pieces, with the first heartbeat right behind, and register again and again', async () => {
    const port = await freePort();
    const line = await waiting(port, { text: 'XFL-1' }, { heartbeat: { text: 'HB' } });
    const one = await unit(port, '');
    for (const piece of ['XF', 'L-', '1HB']) {
      one.say(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(3);
    one.say('XFL-1');
    const before = goodCalls(line);
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(before + 3);
    expect(line.port.counters()).toMatchObject({ timeouts: 0 });
  });

  it('may say its heartbeat between answers, before them, and in the middle of one', async () => {
    const port = await freePort();
    const line = await waiting(port, { text: 'XFL-2' }, { heartbeat: { hex: 'FE FE 55' } });
    const beat = Buffer.from('fefe55', 'hex');
    const one = await unit(port, 'XFL-2', ({ asked, good: answer, send }) => {
      const middle = [answer.subarray(0, 6), beat, answer.subarray(6)];
      send(Buffer.concat(asked.n % 3 === 0 ? [beat, answer] : asked.n % 3 === 1 ? middle : [answer, beat]));
    });
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(12);
    expect(wrongCalls(line)).toBe(0);
    expect(one.seen.length).toBeGreaterThan(12);
    expect(line.port.counters()).toMatchObject({ timeouts: 0, refused_frames: 0 });
  });

  it('replaces its old connection when it dials in again, even where the old one is only half dead', async () => {
    const port = await freePort();
    const line = await waiting(port, { text: 'XFL-3' });
    const old = await unit(port, 'XFL-3');
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(2);
    // The old connection stays open and says nothing any more, as after a change of the cell.
    old.fault = () => undefined;
    const fresh = await unit(port, 'XFL-3');
    await old.hungUp;
    const before = goodCalls(line);
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(before + 3);
    expect(fresh.seen.length).toBeGreaterThan(3);
    expect(line.port.state().wire).toBe('up');
  });

  it('is told as gone when it hangs up, and is well again as soon as it is back', async () => {
    const port = await freePort();
    const line = await waiting(port, { text: 'XFL-4' });
    const one = await unit(port, 'XFL-4');
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(2);
    await one.hangUp();
    await expect.poll(() => line.port.state().wire).toBe('down');
    expect(line.port.state().reason?.zh).toMatch(/DTU/);
    await expect.poll(() => line.calls.at(-1)?.[0]?.body).toMatchObject({ kind: 'fault', fault: 'no-answer' });
    await unit(port, 'XFL-4');
    const before = goodCalls(line);
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(before + 2);
  });

  it('is hung up on when it has said nothing for too long, so that it dials in again', async () => {
    const port = await freePort();
    await waiting(port, { text: 'XFL-5' }, { deadAfter: '300ms' });
    const one = await unit(port, 'XFL-5', () => undefined);
    await one.hungUp;
  });
});

describe('who is not let in', () => {
  it('is somebody with an unknown registration, and it is shown', async () => {
    const port = await freePort();
    const line = await waiting(port, { text: 'XFL-6' });
    for (let i = 0; i < 20; i += 1) await (await unit(port, 'XFL-9\r\n')).hungUp;
    expect(line.port.state().refused?.length).toBe(1);
    const [refused] = line.port.state().refused ?? [];
    expect(refused).toMatchObject({ why: 'an unknown registration' });
    expect(refused?.what).toContain('127.0.0.1 "XFL-9··" (58 46 4c 2d 39 0d 0a)');
    // The installer sees it where he looks for the missing unit.
    await expect.poll(() => line.port.state().reason?.en).toContain('XFL-9');
    // And the right one is still welcome.
    await unit(port, 'XFL-6', honest);
    await expect.poll(() => goodCalls(line)).toBeGreaterThan(2);
  });

  it('is somebody whose registration only begins like ours, and ours is not taken for a longer one', async () => {
    const port = await freePort();
    const short = await waiting(port, { text: 'A1' });
    const long = await waiting(port, { text: 'A12' });
    await unit(port, 'A12');
    await expect.poll(() => goodCalls(long)).toBeGreaterThan(2);
    expect(goodCalls(short)).toBe(0);
    await unit(port, 'A1');
    await expect.poll(() => goodCalls(short)).toBeGreaterThan(2);
    const stranger = await unit(port, 'A2');
    await stranger.hungUp;
  });

  it('is somebody who says too much before he is known, and one connection too many of those who say nothing', async () => {
    const port = await freePort();
    const line = await waiting(port, { hex: 'AA'.repeat(128) });
    // Each byte may still be the beginning of the registration, until there is one too many.
    const flood = await unit(port, Buffer.concat([Buffer.alloc(127, 0xaa), Buffer.alloc(1_000, 0xbb)]));
    await flood.hungUp;
    const mute = await Promise.all(Array.from({ length: 64 }, () => unit(port, '')));
    const last = await unit(port, '');
    await last.hungUp;
    expect(line.port.state().refused?.map(({ why }) => why)).toEqual([
      'said more than 256 bytes and is not known',
      'too many connections that have not registered',
    ]);
    expect(line.port.state().refused?.length).toBeLessThanOrEqual(16);
    await Promise.all(mute.map((one) => one.hangUp()));
  });

  it('is a second line with the same registration', async () => {
    const port = await freePort();
    await waiting(port, { text: 'TWIN' });
    await expect(waiting(port, { text: 'TWIN' })).rejects.toThrow(/another line waits for the same registration/);
  });
});

describe('the socket that is listened on', () => {
  it('is said to be taken, and is taken over when it is free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const line = await waiting(port, { text: 'XFL-7' });
    await expect.poll(() => line.port.state().reason?.en).toContain(`Cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
    await new Promise((resolve) => other.close(resolve));
    await unit(port, 'XFL-7');
    await expect.poll(() => goodCalls(line), { timeout: 12_000 }).toBeGreaterThan(2);
  }, 20_000);

  it('is let go of with the last line, and not before', async () => {
    const port = await freePort();
    const [one, two] = [await waiting(port, { text: 'ONE' }), await waiting(port, { text: 'TWO' })];
    await unit(port, 'TWO');
    await one.port.stop();
    await expect.poll(() => goodCalls(two)).toBeGreaterThan(2);
    await two.port.stop();
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => again.close(resolve));
  });
});
