import { afterEach, describe, expect, it } from 'vitest';
import type { PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { ask, type Asker, holding, judge, judgeAll, judgeExpecting, rtuAsker, type Verdict } from '../modbus/asking.ts';
import { type Fault, type FaultServer, faultServer, honest } from '../modbus/fault-server.ts';
import * as faults from '../modbus/faults.ts';

let server: FaultServer;
let asker: Asker;

async function against(fault: Fault): Promise<void> {
  server = await faultServer('rtu', fault);
  asker = rtuAsker(server.port);
}

afterEach(async () => {
  await asker.bus.stop();
  await server.close();
});

const reads = [holding(100), holding(200), holding(300), holding(400)];

describe('RTU over TCP: one bad answer, and the reads after it', () => {
  const rows: [string, Fault, Verdict][] = [
    ['a late answer', faults.late(220), 'timeout'],
    ['no answer', faults.silent, 'timeout'],
    ['an exception', faults.exception(2), 'exception'],
    ['an exception for another function', faults.exceptionOfOtherFunction, 'refused'],
    ['the wrong unit', faults.wrongUnit, 'refused'],
    ['the wrong function', faults.wrongFunction, 'refused'],
    ['fewer registers than asked', faults.fewer, 'refused'],
    ['more registers than asked', faults.more, 'refused'],
    ['a byte count of 2 instead of 8', faults.byteCount(2), 'refused'],
    ['a byte count of 200', faults.byteCount(200), 'refused'],
    ['a truncated answer', faults.truncated, 'refused'],
    ['a bit flipped in the byte count', faults.bitFlip(2), 'refused'],
    ['a bit flipped in the data', faults.bitFlip(4), 'refused'],
    ['a bit flipped in the CRC', faults.bitFlip(11), 'refused'],
    ['garbage', faults.garbage('00ff1020'), 'refused'],
    ['RST', faults.reset, 'closed'],
    ['FIN', faults.finish, 'closed'],
    ['noise before the answer', faults.noise('00ffab'), 'right'],
    ['noise that looks like unit and function', faults.looksLikeHeader, 'right'],
    ['an echo of the request', faults.echo, 'right'],
    ['the answer twice', faults.twice, 'right'],
    ['every byte on its own', faults.fragments, 'right'],
  ];
  it.each(rows)('%s', async (_, fault, verdict) => {
    await against(faults.only(1, fault));
    const expected: Verdict[] = ['right', verdict, 'right', 'right'];
    expect(await judgeExpecting(asker, reads, expected)).toEqual(expected);
  });

  it.each(rows)('%s, every time: never a wrong value, and well again as soon as the peer is', async (_, fault, verdict) => {
    await against(fault);
    const verdicts = await judgeAll(asker, reads, 40);
    expect(verdicts).not.toContain('WRONG');
    expect(verdicts.filter((one) => one === verdict).length).toBeGreaterThan(0);
    server.fault = honest;
    await expect.poll(() => judgeAll(asker, [holding(7)]), { interval: 50 }).toEqual(['right']);
  });
});

describe('RTU: the second copy of an answer that is there when the next request is out', () => {
  it.each([0, 1, 8])('is not taken for the answer that comes %d ms after it', async (apartMs) => {
    await against(faults.copyAfterNextRequest(apartMs));
    const wanted = [...reads, ...reads];
    expect(await judgeAll(asker, wanted)).toEqual(wanted.map(() => 'right'));
    expect(asker.counters.timeouts).toBe(0);
  });

  it('nor where this process is held up until the time to wait is over', async () => {
    const copy = faults.copyAfterNextRequest(8);
    await against((exchange) => {
      copy(exchange);
      setTimeout(() => {
        const until = performance.now() + 60;
        while (performance.now() < until);
      }, 4);
    });
    const wanted = [...reads, ...reads];
    expect(await judgeAll(asker, wanted)).toEqual(wanted.map(() => 'right'));
  });

  it('is the answer after all where nothing else follows: registers may be alike', async () => {
    await against(({ send, frame, pdu, asked }) => send(frame(pdu(0, asked.count))));
    const outcomes = [await ask(asker, holding(100), 3_000), await ask(asker, holding(200), 3_000)];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['words', 'words']);
    expect(asker.counters.timeouts).toBe(0);
  });
});

describe('RTU: an answer after its time-out', () => {
  it('is heard in the quarantine and dropped', async () => {
    await against(faults.only(0, faults.late(60)));
    const waiting = [ask(asker, holding(1), 40), ask(asker, holding(2), 3_000)];
    expect((await Promise.all(waiting)).map((outcome) => outcome.kind)).toEqual(['silent', 'words']);
    expect(asker.counters.late_answers).toBe(1);
  });

  it.each([
    ['registers', holding(1), holding(2)],
    [
      'bits',
      { unit: 1, fn: 1, start: 64, count: 9 } satisfies PlainRequest,
      { unit: 1, fn: 1, start: 640, count: 9 } satisfies PlainRequest,
    ],
    ['the last registers there are', holding(0xfffc), holding(0xfff0)],
  ])('even behind the quarantine is not taken for that of the next request: %s', async (_, first, second) => {
    // The straggler arrives while the slave is still thinking about the next request of the same shape.
    // Far enough behind the quarantine that a machine with other work does not hear it within.
    await against((stage) => stage.send(stage.good, stage.asked.n === 0 ? 400 : stage.asked.n === 1 ? 320 : 0));
    expect(judge(first, await ask(asker, first, 40))).toBe('timeout');
    expect(judge(second, await ask(asker, second, 3_000))).toBe('right');
    expect(judge(first, await ask(asker, first, 3_000))).toBe('right');
    const counts = server.seen.map(({ count }) => count);
    expect(counts[1]).toBeGreaterThan(counts[0] ?? 0);
  });

  it('asks as before when the register added to the retry is not there', async () => {
    await against((stage) => {
      if (stage.asked.n === 0) return;
      (stage.asked.count > 4 ? faults.exception(2) : honest)(stage);
    });
    expect(await judgeExpecting(asker, [holding(1), holding(1)], ['timeout', 'right'])).toEqual(['timeout', 'right']);
    expect(server.seen.map(({ count }) => count)).toEqual([4, 5, 4]);
  });

  it('asks another slave first', async () => {
    await against(({ asked, send, good }) => asked.unit === 2 && send(good));
    const order: number[] = [];
    const deaf = () => ask(asker, holding(1, 4, 1), 40).then(() => order.push(1));
    const retry = deaf().then(deaf);
    await Promise.all([retry, ask(asker, holding(1, 4, 2), 3_000).then(() => order.push(2))]);
    expect(order).toEqual([1, 2, 1]);
  });
});

describe('RTU: one line, many askers', () => {
  it('has one request on the line and serves the slaves in turn', async () => {
    let onLine = 0;
    let most = 0;
    await against(({ send, good }) => {
      onLine += 1;
      most = Math.max(most, onLine);
      setTimeout(() => {
        onLine -= 1;
        send(good);
      }, 3);
    });
    const requests = [1, 1, 1, 1, 2, 2, 3].map((unit, i) => holding(i * 10, 4, unit));
    const outcomes = await Promise.all(requests.map((request) => ask(asker, request, 3_000)));
    expect(outcomes.map((outcome, i) => judge(requests[i] ?? holding(0), outcome))).toEqual(requests.map(() => 'right'));
    expect(most).toBe(1);
    expect(server.seen.map(({ unit }) => unit)).toEqual([1, 2, 3, 1, 2, 1, 1]);
  });

  it('lets writes pass in front, and reads pass after eight of them', async () => {
    await against(({ send, good }) => send(good, 2));
    const write = (start: number): PlainRequest => ({ unit: 1, fn: 6, start, count: 1, values: [start] });
    const first = ask(asker, holding(0), 3_000);
    const reading = ask(asker, holding(1), 3_000);
    const writes = Array.from({ length: 12 }, (_, i) => {
      return ask(asker, write(100 + i), 3_000, { urgent: true });
    });
    await Promise.all([first, reading, ...writes]);
    // The connection is made before the first request is chosen, so the writes lead.
    expect(server.seen.map(({ fn }) => fn).join('')).toBe('66666666366663');
  });

  it('is done with a broadcast after the turn-around, without an answer', async () => {
    await against(({ asked, send, good }) => asked.unit !== 0 && send(good));
    const broadcast: PlainRequest = { unit: 0, fn: 6, start: 1, count: 1, values: [2] };
    expect(await ask(asker, broadcast, 5_000)).toMatchObject({ kind: 'written' });
    expect(asker.counters.timeouts).toBe(0);
    expect(await judgeAll(asker, [holding(1)])).toEqual(['right']);
  });

  it('tells its own echo from the confirmation of a write', async () => {
    await against(({ asked, request, send, good }) => send(asked.fn === 6 ? request : Buffer.concat([request, good])));
    expect(await judgeAll(asker, [holding(1)])).toEqual(['right']);
    const write: PlainRequest = { unit: 1, fn: 6, start: 1, count: 1, values: [2] };
    // Only the adapter's echo came: the slave has confirmed nothing.
    expect(await ask(asker, write, 40)).toMatchObject({ kind: 'silent' });
  });

  it('does not take the echo of a coil read for its answer', async () => {
    // 17 coils at 0x0300: the echo has the length, the function and the byte count of an answer.
    await against(({ request, send }) => send(request));
    expect(await ask(asker, { unit: 1, fn: 1, start: 0x300, count: 17 }, 40)).toMatchObject({ kind: 'silent' });
  });

  it('talks over a line that never falls silent', async () => {
    await against(honest);
    await judgeAll(asker, [holding(1)]);
    const babble = setInterval(() => server.babble(Buffer.from([0xff])), 1);
    const verdicts = await judgeAll(asker, [holding(2), holding(3)]);
    clearInterval(babble);
    expect(verdicts).toEqual(['right', 'right']);
  });

  it('connects anew when a serial server has not given one byte for eight requests', async () => {
    await against(faults.silent);
    await judgeAll(
      asker,
      Array.from({ length: 8 }, (_, i) => holding(i)),
      20,
    );
    server.fault = honest;
    await expect.poll(() => judgeAll(asker, [holding(9)]), { interval: 50 }).toEqual(['right']);
    expect(server.connections).toBe(2);
  });
});
