import { afterEach, describe, expect, it } from 'vitest';
import { ask, type Asker, type Heard, holding, judge, judgeAll, judgeExpecting, tcpAsker, type Verdict } from './asking.ts';
import { type Fault, type FaultServer, faultServer, honest } from './fault-server.ts';
import * as faults from './faults.ts';

let server: FaultServer;
let asker: Asker;

async function against(fault: Fault, window = 1): Promise<void> {
  server = await faultServer('tcp', fault);
  asker = tcpAsker(server.port, window);
}

afterEach(async () => {
  await asker.bus.stop();
  await server.close();
});

const reads = [holding(100), holding(200), holding(300), holding(400)];

describe('Modbus TCP: one bad answer, and the reads after it', () => {
  const rows: [string, Fault, Verdict][] = [
    ['an answer after the time-out', faults.late(220), 'timeout'],
    ['no answer', faults.silent, 'timeout'],
    ['an exception', faults.exception(2), 'exception'],
    ['an exception for another function', faults.exceptionOfOtherFunction, 'refused'],
    ['the wrong unit', faults.wrongUnit, 'refused'],
    ['the wrong function', faults.wrongFunction, 'refused'],
    ['fewer registers than asked', faults.fewer, 'refused'],
    ['more registers than asked', faults.more, 'refused'],
    ['a byte count of 2 instead of 8', faults.byteCount(2), 'refused'],
    ['a byte count of 200 in a short frame', faults.byteCount(200), 'refused'],
    ['protocol id 1', faults.protocolId, 'closed'],
    ['MBAP length 0', faults.mbapLength(0), 'closed'],
    ['MBAP length 1', faults.mbapLength(1), 'closed'],
    ['MBAP length 65535', faults.mbapLength(65_535), 'closed'],
    ['MBAP length 254 and no more', faults.mbapLength(254), 'timeout'],
    ['MBAP length one short', faults.mbapLength(10), 'refused'],
    ['three bytes of garbage', faults.garbage('ffffff'), 'timeout'],
    ['twenty bytes of garbage', faults.garbage('ff'.repeat(20)), 'closed'],
    ['a truncated answer', faults.truncated, 'timeout'],
    ['RST', faults.reset, 'closed'],
    ['FIN', faults.finish, 'closed'],
    ['every byte in a segment of its own', faults.fragments, 'right'],
    ['the answer twice', faults.twice, 'right'],
    ['an answer nobody asked for', faults.unasked, 'right'],
  ];
  it.each(rows)('%s', async (_, fault, verdict) => {
    await against(faults.only(1, fault));
    const expected: Verdict[] = ['right', verdict, 'right', 'right'];
    expect(await judgeExpecting(asker, reads, expected)).toEqual(expected);
  });

  it.each(rows)('%s, every time: never a wrong value, and well again as soon as the peer is', async (_, fault, verdict) => {
    await against(fault);
    const verdicts = await judgeAll(asker, [...reads, ...reads], 40);
    expect(verdicts).not.toContain('WRONG');
    expect(verdicts.filter((one) => one === verdict).length).toBeGreaterThan(0);
    server.fault = honest;
    await expect.poll(() => judgeAll(asker, [holding(7)]), { interval: 50 }).toEqual(['right']);
  });
});

describe('Modbus TCP: many at once', () => {
  it('takes 300 answers in reverse order', async () => {
    const held: (() => void)[] = [];
    await against((stage) => {
      held.push(() => stage.send(stage.good));
      if (held.length === 300) held.toReversed().forEach((release) => release());
    }, 300);
    const requests = Array.from({ length: 300 }, (_, i) => holding(i * 10, 3));
    const outcomes = await Promise.all(requests.map((request) => ask(asker, request, 10_000)));
    expect(outcomes.map((outcome, i) => judge(requests[i] ?? holding(0), outcome))).toEqual(requests.map(() => 'right'));
  });

  it('takes frames that come in one segment', async () => {
    const held: Buffer[] = [];
    await against(({ send, good }) => {
      held.push(good);
      if (held.length === 8) send(Buffer.concat(held));
    }, 8);
    const requests = Array.from({ length: 8 }, (_, i) => holding(i * 10, 3));
    const outcomes = await Promise.all(requests.map((request) => ask(asker, request, 2_000)));
    expect(outcomes.map((outcome, i) => judge(requests[i] ?? holding(0), outcome))).toEqual(requests.map(() => 'right'));
  });

  it('has no more in flight than the window, and one by default', async () => {
    let waiting = 0;
    let most = 0;
    await against(({ send, good }) => {
      waiting += 1;
      most = Math.max(most, waiting);
      setImmediate(() => {
        waiting -= 1;
        send(good);
      });
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => ask(asker, holding(i), 1_000)));
    expect(most).toBe(1);
  });

  it('does not fill a truncated answer with the next one that comes byte by byte', async () => {
    let held: Buffer | undefined;
    await against((stage) => {
      if (held === undefined) held = stage.good;
      else {
        stage.send(held.subarray(0, -3));
        faults.fragments(stage);
      }
    }, 2);
    const outcomes = await Promise.all([ask(asker, holding(10), 500), ask(asker, holding(20), 500)]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['silent', 'silent']);
  });

  it('does not fill a truncated answer with the head of the next one', async () => {
    const held: Buffer[] = [];
    await against(({ send, good }) => {
      held.push(good);
      if (held.length === 2) send(Buffer.concat([held[0]?.subarray(0, -2) ?? good, good]));
    }, 2);
    const outcomes = await Promise.all([ask(asker, holding(10), 500), ask(asker, holding(20), 500)]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['silent', 'silent']);
  });

  it('fails everything in flight when the connection is lost, long before its time-out', async () => {
    await against(({ asked, reset }) => {
      if (asked.n === 3) reset();
    }, 4);
    const outcomes = await Promise.all([1, 2, 3, 4].map((at) => ask(asker, holding(at), 60_000)));
    expect(outcomes.map((outcome) => outcome.kind === 'silent' && outcome.why)).toEqual(['closed', 'closed', 'closed', 'closed']);
  });
});

describe('Modbus TCP: transaction ids', () => {
  it.each([256, 65_536])(
    'an answer withheld for %i requests is not taken for that of a new one',
    { timeout: 30_000 },
    async (later) => {
      let withheld: Buffer | undefined;
      await against(({ asked, send, good }) => {
        if (asked.n === 0) withheld = good;
        else if (asked.n === later && withheld) send(withheld);
        else send(good);
      }, 64);
      const first = ask(asker, holding(1), 30);
      expect(judge(holding(1), await first)).toBe('timeout');
      const verdicts = new Map<string, number>();
      const next = async (lane: number): Promise<void> => {
        for (let i = lane; i < later + 64; i += 64) {
          const request = holding(2 + (i % 60_000));
          const verdict = judge(request, await ask(asker, request, 2_000));
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: 64 }, (_, lane) => next(lane)));
      // The request whose place the old answer took goes without one; no other does, and none is wrong.
      expect(Object.fromEntries(verdicts)).toEqual({ right: later + 63, timeout: 1 });
      const ids = server.seen.slice(0, later + 1).map(({ id }) => id);
      expect(ids.indexOf(ids[0] ?? -1, 1)).toBe(-1);
    },
  );
});

describe('Modbus TCP: connections', () => {
  it('opens a half-open connection again after three silences', async () => {
    await against(faults.silent);
    await judgeAll(asker, [holding(1), holding(2), holding(3)], 20);
    server.fault = honest;
    expect(await judgeAll(asker, [holding(4)])).toEqual(['right']);
    expect(server.connections).toBe(2);
  });

  it('says at once that nobody listens, and finds the peer when it comes', async () => {
    await against(honest);
    const { port } = server;
    await server.close();
    const outcome: Heard = await ask(asker, holding(1), 5_000);
    expect(outcome).toMatchObject({ kind: 'silent', why: 'unreachable' });
    expect(asker.bus.problem()?.en).toContain(`127.0.0.1:${port} refuses the connection`);
    expect(asker.bus.wire()).toBe('down');
    // In the back-off no connection is tried, and no time is lost.
    expect(await judgeAll(asker, [holding(1), holding(2)])).toEqual(['unreachable', 'unreachable']);
    expect(asker.counters.connects).toBe(1);
    server = await faultServer('tcp', honest, port);
    await expect.poll(() => judgeAll(asker, [holding(3)]), { interval: 50 }).toEqual(['right']);
    expect(asker.counters).toMatchObject({ connects: 2, reconnects: 0 });
  });

  it('gives every waiting request its end when it is stopped', async () => {
    await against(faults.silent);
    const waiting = [1, 2, 3].map((at) => ask(asker, holding(at), 60_000));
    await expect.poll(() => server.seen.length).toBe(1);
    await asker.bus.stop();
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ kind: 'silent', why: 'stopped' });
  });
});
