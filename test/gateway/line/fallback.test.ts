import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import { driver as lineDriver } from '../../../gateway/collect/line/driver.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { driver as tcpDriver } from '../../../gateway/collect/modbus/driver.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import type { Route } from '../../../gateway/collect/wire/wire.ts';
import { holding, heardOf, judge, type Verdict } from '../modbus/asking.ts';
import { type FaultServer, faultServer, honest, slave } from '../modbus/fault-server.ts';
import { profileOf } from '../modbus/profiles.ts';
import { HandClock } from './hand-clock.ts';
import { run } from './running.ts';

/** A second host: taken when the first fails, left when the first answers again, and said so. */

let clock: HandClock;
let dialled: string[];

beforeEach(() => {
  clock = new HandClock();
  dialled = [];
});

interface Host {
  readonly route: Route;
  /** `gone`: nobody listens. `mute`: connects and never answers. */
  state: 'well' | 'gone' | 'mute';
  cut(): void;
  open: number;
}

function host(name: string): Host {
  const device = slave('rtu', honest);
  const cuts = new Set<() => void>();
  const self: Host = {
    state: 'well',
    open: 0,
    cut: () => cuts.forEach((cut) => cut()),
    route: {
      where: name,
      dial(events) {
        dialled.push(name);
        if (self.state === 'gone') {
          const refusing = clock.after(1, () => events.lost({ zh: `${name} 拒绝。`, en: `${name} refuses.` }));
          return { write: () => undefined, close: async () => refusing.cancel() };
        }
        self.open += 1;
        clock.after(1, () => events.open());
        const cut = () => {
          cuts.delete(cut);
          self.open -= 1;
          events.lost({ zh: `${name} 断开。`, en: `${name} closed.` });
        };
        cuts.add(cut);
        const carrier = {
          write: (bytes: Buffer) => void clock.after(2, () => cuts.has(cut) && events.data(bytes)),
          reset: () => undefined,
          finish: () => undefined,
        };
        return {
          write: (bytes) => self.state === 'well' && device.hear(Buffer.from(bytes), carrier),
          close: async () => {
            if (cuts.delete(cut)) self.open -= 1;
          },
        };
      },
    },
  };
  return self;
}

function busOf(first: Host, second: Host): LineBus {
  const options = { clock, chance: chanceFrom('test'), counters: newCounters(), turnaroundMs: 20, isRemote: true };
  return new LineBus({ ...options, routes: [first.route, second.route], fallBackAfter: 3 });
}

/** Polls once a second for a while; what came of each poll. */
async function poll(bus: LineBus, seconds: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let i = 0; i < seconds; i += 1) {
    const request = holding(i % 100);
    const party = { key: 'modbus:1', timeoutMs: 100 };
    bus.submit({ ask: rtuAsk(request), party, done: (outcome) => verdicts.push(judge(request, heardOf(outcome))) });
    await clock.turn(1_000);
  }
  return verdicts;
}

describe('a line with a second host', () => {
  it('uses the first while that is well, and says nothing', async () => {
    const [a, b] = [host('a'), host('b')];
    const bus = busOf(a, b);
    expect(new Set(await poll(bus, 100))).toEqual(new Set(['right']));
    expect(new Set(dialled)).toEqual(new Set(['a']));
    expect(bus.note()).toBeUndefined();
  });

  it('takes the second after three failures, and says why', async () => {
    const [a, b] = [host('a'), host('b')];
    a.state = 'gone';
    const bus = busOf(a, b);
    const verdicts = await poll(bus, 10);
    expect(verdicts.filter((verdict) => verdict === 'right').length).toBeGreaterThanOrEqual(6);
    expect(dialled.slice(0, 4)).toEqual(['a', 'a', 'a', 'b']);
    expect(bus.wire()).toBe('up');
    expect(bus.note()?.en).toBe(
      'The second host b is in use, because of the first: a refuses. It is used again when it answers.',
    );
  });

  it('looks at the first again, and goes back to it without losing a poll', async () => {
    const [a, b] = [host('a'), host('b')];
    a.state = 'gone';
    const bus = busOf(a, b);
    await poll(bus, 70);
    a.state = 'well';
    const verdicts = await poll(bus, 120);
    expect(new Set(verdicts)).toEqual(new Set(['right']));
    expect(bus.note()).toBeUndefined();
    expect([a.open, b.open]).toEqual([1, 0]);
  });

  it('takes the second again at once when the first only pretends to be well, and looks more and more rarely', async () => {
    const [a, b] = [host('a'), host('b')];
    a.state = 'mute';
    const bus = busOf(a, b);
    // Each of three connections takes eight polls without a byte to be given up.
    await poll(bus, 30);
    expect(bus.note()?.en).toContain('second host b');
    const verdicts = await poll(bus, 1_800);
    const right = verdicts.filter((verdict) => verdict === 'right').length;
    expect(right).toBeGreaterThan(0.97 * verdicts.length);
    const visits = dialled.filter((name) => name === 'a').length;
    expect(visits).toBeGreaterThan(4);
    expect(visits).toBeLessThan(12);
  });

  it('tries both in turn while both are gone, not faster and faster', async () => {
    const [a, b] = [host('a'), host('b')];
    a.state = 'gone';
    b.state = 'gone';
    const bus = busOf(a, b);
    expect(new Set(await poll(bus, 300))).toEqual(new Set(['unreachable']));
    expect(dialled.length).toBeLessThan(120);
    expect(new Set(dialled)).toEqual(new Set(['a', 'b']));
    b.state = 'well';
    expect((await poll(bus, 60)).at(-1)).toBe('right');
  });
});

describe('over real sockets', () => {
  const profile = profileOf(
    { a: { at: 10 } },
    { groups: { fast: { every: '50ms' } }, transport: { timing: { timeout: '200ms' } } },
  );

  async function twoServers(framing: 'tcp' | 'rtu'): Promise<[gone: number, well: FaultServer]> {
    const gone = await faultServer(framing);
    await gone.close();
    return [gone.port, await faultServer(framing)];
  }

  it('Modbus TCP goes to the second host, of the port or of the device', async () => {
    const [gone, well] = await twoServers('tcp');
    const devices = [
      { id: 'meter-1', profile, address: { unit: 1 } },
      {
        id: 'meter-2',
        profile,
        address: { unit: 2, host: 'localhost', port: gone, fallback: { host: '127.0.0.1', port: well.port } },
      },
    ];
    const section = { host: '127.0.0.1', port: gone, fallback: { host: '127.0.0.1', port: well.port } };
    const { calls, port } = await run(tcpDriver, section, devices);
    const good = (id: string) => calls.filter(([frame]) => frame?.device === id && frame.body.kind === 'registers').length;
    await expect.poll(() => Math.min(good('meter-1'), good('meter-2')), { timeout: 10_000 }).toBeGreaterThan(2);
    expect(port.state().notes?.length).toBe(2);
    expect(port.state().notes?.[0]?.zh).toContain(`正在使用备用主机 127.0.0.1:${well.port}`);
    await port.stop();
    await well.close();
  });

  it('and so does a line behind serial servers', async () => {
    const [gone, well] = await twoServers('rtu');
    const section = {
      mode: 'tcp',
      host: '127.0.0.1',
      port: gone,
      fallback: { host: '127.0.0.1', port: well.port },
      fallbackAfter: 1,
    };
    const address = lineDriver.addressOf?.('modbus').parse({ unit: 1 }) ?? {};
    const { calls, port } = await run(lineDriver, section, [{ id: 'meter-1', profile, address }], { clock: systemClock });
    await expect
      .poll(() => calls.filter(([frame]) => frame?.body.kind === 'registers').length, { timeout: 10_000 })
      .toBeGreaterThan(2);
    expect(port.state().notes?.[0]?.en).toContain(`127.0.0.1:${well.port} is in use`);
    await port.stop();
    await well.close();
  });
});
