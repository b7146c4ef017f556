import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiAsk, encodeAscii, findAscii, lrc } from '../../../gateway/collect/modbus/ascii.ts';
import {
  assertRequest,
  type IdentifyRequest,
  type MaskRequest,
  type ReadWriteRequest,
  type Request,
  takeAnswer,
} from '../../../gateway/collect/modbus/pdu.ts';
import { encodeRtu, findRtu, rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { pduOf, rtuFrame } from './fault-server.ts';
import { registerSlave } from './register-slave.ts';

/** Functions 22, 23 and 43/14, and every function in ASCII. Bytes as the Modbus Application Protocol 1.1b3 prints them. */

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const pduIn = (request: Request) => hex(encodeRtu(request).subarray(1, -2));

const mask: MaskRequest = { unit: 1, fn: 22, start: 4, and: 0xf2, or: 0x25 };
const exchange: ReadWriteRequest = { unit: 1, fn: 23, start: 3, count: 6, writeStart: 14, values: [0xff, 0xff, 0xff] };
const identify: IdentifyRequest = { unit: 1, fn: 43, code: 1, object: 0 };

describe('as the standard prints them', () => {
  it.each<[string, Request, string]>([
    ['mask write (§6.16)', mask, '16 0004 00f2 0025'],
    ['read and write (§6.17)', exchange, '17 0003 0006 000e 0003 06 00ff 00ff 00ff'],
    ['device identification (§6.21)', identify, '2b 0e 01 00'],
  ])('%s', (_, request, pdu) => expect(pduIn(request)).toBe(pdu.replaceAll(' ', '')));

  it('the mask arithmetic of §6.16: 12 with AND F2 and OR 25 is 17', () => {
    const slave = registerSlave();
    slave.holding.set(4, 0x12);
    slave.answer(bytes('16 0004 00f2 0025'));
    expect(slave.holding.get(4)).toBe(0x17);
  });

  it('takes the answer of §6.17', () => {
    const pdu = bytes('17 0c 00fe 0acd 0001 0003 000d 00ff');
    expect(takeAnswer(exchange, pdu, 0, pdu.length)).toEqual({ kind: 'words', words: [0xfe, 0xacd, 1, 3, 13, 0xff] });
    expect(takeAnswer(exchange, pdu, 0, pdu.length - 2)).toBeUndefined();
  });

  it('takes the confirmation of a mask write, and no other', () => {
    const right = bytes('16 0004 00f2 0025');
    expect(takeAnswer(mask, right, 0, 7)).toEqual({ kind: 'written' });
    for (let at = 0; at < 7; at += 1) {
      const wrong = Buffer.from(right);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      expect(takeAnswer(mask, wrong, 0, 7)).toBeUndefined();
    }
  });

  it('takes the identification of §6.21: "Company identification", "Product code XX", "V2.11"', () => {
    const pdu = Buffer.concat([
      bytes('2b 0e 01 01 00 00 03'),
      bytes('00 16'),
      Buffer.from('Company identification'),
      bytes('01 0f'),
      Buffer.from('Product code XX'),
      bytes('02 05'),
      Buffer.from('V2.11'),
    ]);
    const answer = takeAnswer(identify, pdu, 0, pdu.length);
    expect(answer).toMatchObject({ kind: 'identification', conformity: 1, next: undefined });
    expect(answer?.kind === 'identification' && answer.objects.map((each) => Buffer.from(each.bytes).toString())).toEqual([
      'Company identification',
      'Product code XX',
      'V2.11',
    ]);
  });

  it('the ASCII frame of "read 3 registers from 107" and its LRC', () => {
    expect(encodeAscii({ unit: 1, fn: 3, start: 107, count: 3 }).toString()).toBe(':0103006B00038E\r\n');
    const frame = bytes('0103006b0003');
    expect(lrc(frame, 0, frame.length)).toBe(0x8e);
  });
});

describe('an identification that cannot be believed', () => {
  const good = () => Buffer.concat([bytes('2b 0e 01 01 ff 01 01'), bytes('00 02'), Buffer.from('AB')]);
  const take = (pdu: Buffer, request: Request = identify) => takeAnswer(request, pdu, 0, pdu.length);

  it('is believed as it is', () => expect(take(good())).toMatchObject({ next: 1 }));

  it.each<[string, (pdu: Buffer) => void]>([
    ['another MEI type', (pdu) => (pdu[1] = 13)],
    ['another code', (pdu) => (pdu[2] = 2)],
    ['a "more follows" that is neither 00 nor FF', (pdu) => (pdu[4] = 1)],
    ['a next object that is behind: it would be followed for ever', (pdu) => (pdu[5] = 0)],
    ['more objects than bytes', (pdu) => (pdu[6] = 2)],
    ['an object longer than the frame', (pdu) => (pdu[8] = 200)],
  ])('%s', (_, spoil) => {
    const pdu = good();
    spoil(pdu);
    expect(take(pdu)).toBeUndefined();
  });

  it('objects in front of the one asked for, or one too many where one was asked for', () => {
    expect(take(good(), { ...identify, object: 3 })).toBeUndefined();
    const one = Buffer.concat([bytes('2b 0e 04 01 00 00 01 05 01'), Buffer.from('M')]);
    expect(take(one, { unit: 1, fn: 43, code: 4, object: 5 })).toMatchObject({ kind: 'identification' });
    expect(take(one, { unit: 1, fn: 43, code: 4, object: 6 })).toBeUndefined();
  });
});

describe('what Modbus cannot ask', () => {
  it.each<[string, Request]>([
    ['a mask of 17 bits', { ...mask, and: 0x10000 }],
    ['122 registers beside a read', { ...exchange, values: Array<number>(122).fill(0) }],
    ['a write past the last register', { ...exchange, writeStart: 65_534 }],
    ['object 256', { ...identify, object: 256 }],
    ['a register value of 17 bits', { unit: 1, fn: 6, start: 0, count: 1, values: [0x10000] }],
    ['a coil of 2', { unit: 1, fn: 5, start: 0, count: 1, values: [2] }],
  ])('%s', (_, request) => expect(() => assertRequest(request)).toThrow(RangeError));
});

/** Any request that the standard allows. */
const unit = fc.integer({ min: 1, max: 247 });
const start = fc.integer({ min: 0, max: 60_000 });
const word = fc.integer({ min: 0, max: 0xffff });
const words = fc.array(word, { minLength: 1, maxLength: 100 });
const any: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ unit, fn: fc.constantFrom(1 as const, 3 as const), start, count: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ unit, fn: fc.constant(6 as const), start, count: fc.constant(1), values: word.map((one) => [one]) }),
  words.chain((values) =>
    fc.record({ unit, fn: fc.constant(16 as const), start, count: fc.constant(values.length), values: fc.constant(values) }),
  ),
  fc.record({ unit, fn: fc.constant(22 as const), start, and: word, or: word }),
  fc.record({
    unit,
    fn: fc.constant(23 as const),
    start,
    count: fc.integer({ min: 1, max: 100 }),
    writeStart: start,
    values: words,
  }),
  fc.record({
    unit,
    fn: fc.constant(43 as const),
    code: fc.constantFrom(1 as const, 2 as const, 3 as const),
    object: fc.constant(0),
  }),
);

function goodPdu(request: Request): Buffer {
  const slave = registerSlave();
  slave.objects.set(0, Buffer.from('maker')).set(1, Buffer.from('code')).set(2, Buffer.from('1.0'));
  return slave.answer(encodeRtu(request).subarray(1, -2));
}

const framings = {
  rtu: { ask: rtuAsk, find: findRtu, frame: (unitId: number, pdu: Buffer) => rtuFrame(unitId, pdu) },
  ascii: {
    ask: asciiAsk,
    find: findAscii,
    frame: (unitId: number, pdu: Buffer) => {
      const body = Buffer.concat([Buffer.from([unitId]), pdu]);
      const sum = body.reduce((left, byte) => (left + byte) & 0xff, 0);
      return Buffer.from(`:${hex(body).toUpperCase()}${((256 - sum) & 0xff).toString(16).padStart(2, '0')}\r\n`, 'latin1');
    },
  },
};

describe.each(['rtu', 'ascii'] as const)('every function in %s', (framing) => {
  const { ask, find, frame } = framings[framing];

  it('finds its answer behind any noise, and not before its last byte has come', () => {
    fc.assert(
      fc.property(any, fc.uint8Array({ maxLength: 300 }), (request, noise) => {
        if (find(request, noise) !== undefined) return;
        const whole = frame(request.unit, goodPdu(request));
        expect(find(request, Buffer.concat([noise, whole.subarray(0, -1)]))).toBeUndefined();
        const found = find(request, Buffer.concat([noise, whole]));
        expect(found?.end).toBe(noise.length + whole.length);
        expect(found?.answer.kind).not.toBe('exception');
        expect(whole.length).toBeLessThanOrEqual(ask(request).longestAnswer);
      }),
      { numRuns: 400 },
    );
  });

  it('takes no answer of which one bit is another', () => {
    fc.assert(
      fc.property(any, fc.nat(), fc.integer({ min: 0, max: 7 }), (request, at, bit) => {
        const whole = Buffer.from(frame(request.unit, goodPdu(request)));
        const where = at % whole.length;
        whole[where] = (whole[where] ?? 0) ^ (1 << bit);
        const found = find(request, whole);
        // In ASCII a bit can turn "A" into "a", which is the same digit.
        if (found !== undefined) expect(framing === 'ascii' && bit === 5).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('does not throw, whatever the line says', () => {
    const text = fc.string({ unit: fc.constantFrom(':', '0', '1', 'A', 'f', '\r', '\n', 'z'), maxLength: 900 });
    fc.assert(
      fc.property(
        any,
        fc.oneof(
          fc.uint8Array({ maxLength: 1_280 }),
          text.map((said) => Buffer.from(said)),
        ),
        (request, said) => {
          find(request, said);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('an exception is the answer, with its words', () => {
    const asked = ask({ unit: 1, fn: 3, start: 0, count: 2 });
    expect(asked.match(frame(1, Buffer.from([0x83, 2])))).toMatchObject({
      answer: { kind: 'exception', code: 2 },
      isRefusal: true,
      says: 'exception 2 (illegal data address)',
    });
    expect(pduOf(1, 3, 0, 2).length).toBe(6);
  });
});
