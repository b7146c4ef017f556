import { setTimeout as pause } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type LineScan, type LineScanEvent, scanLine } from '../../../gateway/commission/scan-line.ts';
import { describeWith } from '../../needs.ts';
import { meterAnswers as cjt188Answers } from '../cjt188/slave.ts';
import { type Addressed, addressedBus } from '../line/addressed-bus.ts';
import { type Cable, cable } from '../line/pty.ts';
import { type Answering, farEnd } from '../meters/far-end.ts';
import { pduOf, rtuFrame } from '../modbus/fault-server.ts';

/** A bus of real bytes over a pair of pseudo terminals: who is on it, and who must not be disturbed. */

const shape = { baud: 9_600, parity: 'none', stopBits: 1 } as const;

async function bus(...slaves: Answering[]): Promise<{ line: Cable; far: Awaited<ReturnType<typeof farEnd>> }> {
  const line = await cable();
  const far = await farEnd(line.theirs, slaves);
  onTestFinished(async () => {
    await far.close();
    await line.remove();
  });
  return { line, far };
}

async function scan(options: Omit<LineScan, 'clock'>): Promise<LineScanEvent[]> {
  const events: LineScanEvent[] = [];
  for await (const event of scanLine({ clock: systemClock, shapes: [shape], ...options })) events.push(event);
  return events;
}

const askedIn = (events: readonly LineScanEvent[]) =>
  events.flatMap((event) => (event.kind === 'asking' ? [`${event.shape?.baud} ${event.name.slice(7)}`] : []));
const foundIn = (events: readonly LineScanEvent[]) => events.flatMap((event) => (event.kind === 'found' ? [event.slave] : []));

async function addressed(slaves: readonly Addressed[]) {
  const far = await addressedBus(slaves);
  onTestFinished(() => far.close());
  return { far, place: { path: far.cable.ours } };
}

/** Answers a read of its own unit; `refuses`: with exception 2, which also says that it is there. */
const modbus =
  (unit: number, refuses = false): Answering =>
  (question) => {
    if (question[0] !== unit || question.length !== 8) return undefined;
    return rtuFrame(unit, refuses ? Buffer.of(0x83, 2) : pduOf(unit, 3, 0, 1));
  };

/** 读通信地址: DL/T 645-2007, C = 13H, answered with 93H and the address in the data, each byte with 33H. */
const dlt645: Answering = (question) => {
  const bytes = [...question].filter((byte, at) => byte !== 0xfe || at > 4);
  if (bytes[0] !== 0x68 || bytes[8] !== 0x13 || bytes.length !== 12) return undefined;
  const address = [0x90, 0x78, 0x56, 0x34, 0x12, 0x00];
  const frame = [0x68, ...address, 0x68, 0x93, 6, ...address.map((byte) => (byte + 0x33) & 0xff)];
  return Uint8Array.of(0xfe, 0xfe, ...frame, frame.reduce((sum, byte) => sum + byte, 0) & 0xff, 0x16);
};

describeWith(['socat'], 'a scan of a serial line', () => {
  it('finds Modbus slaves by their addresses, a refusing one too, and the meters by theirs', async () => {
    const water = { type: 0x10, address: '00000012345678', values: [], order: 'low-first' as const };
    const { line } = await bus(modbus(2), modbus(5, true), dlt645, (question) => cjt188Answers(water, question));
    const events = await scan({ place: { path: line.ours }, units: { from: 1, to: 6 }, modbusMs: 500, listenMs: 50 });
    const found = foundIn(events).toSorted((a, b) => JSON.stringify(a.address).localeCompare(JSON.stringify(b.address)));
    expect(found.map(({ wire, address }) => [wire, address])).toEqual([
      ['cjt188', { meter: '00000012345678' }],
      ['dlt645', { meter: '001234567890' }],
      ['modbus', { unit: 2 }],
      ['modbus', { unit: 5 }],
    ]);
    expect(found[0]?.profiles).toEqual(['generic.cjt188-water']);
    expect(events[0]).toMatchObject({ kind: 'plan', shapes: 1, questions: 10 });
    expect(events.at(-1)).toEqual({ kind: 'done', found: 4, wasStopped: false });
  });

  it('asks all addresses with each set of parameters in haste, and stays with the set that was answered', async () => {
    // A pseudo terminal has no baud rate: the slave is switched on when the second set is tried.
    const slaves: Addressed[] = [];
    const { place } = await addressed(slaves);
    const shapes = [9_600, 19_200, 4_800].map((baud) => ({ ...shape, baud }));
    const events: LineScanEvent[] = [];
    const options = { clock: systemClock, place, shapes, units: { from: 1, to: 3 }, wires: ['modbus'] as const, listenMs: 0 };
    for await (const event of scanLine(options)) {
      if (event.kind === 'asking' && event.shape?.baud === 19_200 && slaves.length === 0) slaves.push({ unit: 2, afterMs: 0 });
      events.push(event);
    }
    expect(askedIn(events).slice(0, 5)).toEqual(['9600 1', '9600 2', '9600 3', '19200 1', '19200 2']);
    expect(askedIn(events).join()).not.toContain('4800');
    expect(foundIn(events).map(({ address }) => address)).toEqual([{ unit: 2 }]);
    // What is left to ask is known as soon as the parameters are: two more addresses in haste, three with patience.
    const last = events.findLast((event) => event.kind === 'asking');
    expect(last).toMatchObject({ done: 8, of: 9 });
  });

  it('shows address 11 before the others are asked twice, and one at the end that is late', async () => {
    const { place, far } = await addressed([
      { unit: 11, afterMs: 0 },
      { unit: 32, afterMs: 120 },
    ]);
    const found: { unit: unknown; asked: number }[] = [];
    for await (const event of scanLine({ clock: systemClock, place })) {
      if (event.kind === 'found') found.push({ unit: event.slave.address['unit'], asked: far.asked.length });
      if (found.length === 2) break;
    }
    expect(found.map(({ unit }) => unit)).toEqual([11, 32]);
    // On an idle machine 11 questions and 33; a busy one may ask a few more before it has seen the answer.
    expect(found[0]?.asked).toBeLessThanOrEqual(16);
    expect(found[1]?.asked).toBeLessThanOrEqual(38);
  });

  it('finds slow neighbours, and one that forgets its answer when it hears another question', async () => {
    const { place } = await addressed([
      { unit: 3, afterMs: 60 },
      { unit: 4, afterMs: 60 },
      { unit: 5, afterMs: 150 },
      { unit: 6, afterMs: 0 },
      { unit: 8, afterMs: 100, isEasilyConfused: true },
    ]);
    const events = await scan({ place, units: { from: 2, to: 8 }, wires: ['modbus'] });
    const units = foundIn(events).map(({ address }) => Number(address['unit']));
    expect(units.toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 8]);
  });

  it('takes no answer for that of another: who says a wrong address is noise', async () => {
    const { place } = await addressed([{ unit: 9, afterMs: 0, says: 5 }]);
    const events = await scan({ place, units: { from: 4, to: 9 }, wires: ['modbus'], modbusMs: 120 });
    expect(foundIn(events)).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'noise')[0]).toMatchObject({
      heard: expect.stringMatching(/^05 03 02/) as string,
    });
  });

  it('falls silent when another master turns up that was not heard at first', async () => {
    const { place, far } = await addressed([]);
    const foreign = Buffer.from('070300000002c46d', 'hex');
    const events: LineScanEvent[] = [];
    for await (const event of scanLine({ clock: systemClock, place, shapes: [shape] })) {
      if (event.kind === 'asking' && event.name === 'modbus 3') far.say(foreign);
      events.push(event);
    }
    expect(events.at(-1)?.kind).toBe('occupied');
    const asked = far.asked.length;
    expect(asked).toBeLessThanOrEqual(8);
    await pause(100);
    expect(far.asked.length).toBe(asked);
  });

  it('falls silent, too, where the other master speaks what cannot be read', async () => {
    const { place, far } = await addressed([]);
    const babble = setInterval(() => far.say(Uint8Array.of(0xe0, 0x1c, 0xf8)), 400);
    onTestFinished(() => clearInterval(babble));
    const events = await scan({ place });
    expect(events.at(-1)?.kind).toBe('occupied');
  });

  it('says nothing on a line where somebody else asks', async () => {
    const { line, far } = await bus();
    const master = new SerialPort({ path: line.theirs, baudRate: 9_600, lock: false });
    const asking = setInterval(() => void master.write(Buffer.from('010300000001840A', 'hex')), 100);
    onTestFinished(async () => {
      clearInterval(asking);
      await new Promise<void>((done) => master.close(() => done()));
    });
    const events = await scan({ place: { path: line.ours }, listenMs: 1_500 });
    const last = events.at(-1);
    expect(last?.kind).toBe('occupied');
    expect(last?.kind === 'occupied' && Buffer.from(last.bytes).toString('hex')).toContain('010300000001840a');
    expect(far.questions).toEqual([]);
  });

  it('tells noise from silence: two meters that answer at once', async () => {
    const garbage: Answering = (question) => (question.length > 8 ? Uint8Array.of(0x68, 0x11, 0x22, 0x68, 0xff) : undefined);
    const { line } = await bus(garbage);
    const events = await scan({ place: { path: line.ours }, wires: ['dlt645'], listenMs: 0 });
    expect(events.filter(({ kind }) => kind === 'noise')[0]).toMatchObject({ name: 'dlt645', heard: '68 11 22 68 ff' });
    expect(events.at(-1)).toMatchObject({ kind: 'done', found: 0 });
  });

  it('stops between two questions', async () => {
    const { line, far } = await bus(modbus(1));
    const stop = new AbortController();
    let last: LineScanEvent | undefined;
    let asked = 0;
    const options = {
      place: { path: line.ours },
      units: { from: 1, to: 200 },
      modbusMs: 5_000,
      listenMs: 0,
      signal: stop.signal,
    };
    for await (const event of scanLine({ clock: systemClock, shapes: [shape], ...options })) {
      if (event.kind === 'found') {
        stop.abort();
        // One where the answer is in time, a few where this machine is slow and it is believed after a second one.
        asked = far.questions.length;
      }
      last = event;
    }
    expect(last).toEqual({ kind: 'done', found: 1, wasStopped: true });
    await pause(50);
    expect(far.questions.length).toBe(asked);
    expect(asked).toBeLessThan(20);
  });

  it('says what is the matter with a port that is not there', async () => {
    const events = await scan({ place: { path: '/dev/no-such-port' } });
    expect(events.at(-1)).toMatchObject({
      kind: 'unreachable',
      problem: { en: expect.stringContaining('no serial port') as string },
    });
  });
});
