import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, type Card, readCard, readRows } from '../../../gateway/collect/wiegand/bits.ts';
import { codecs } from '../../../gateway/collect/wiegand/codec.ts';

const [codec] = codecs;
const explain = (text: string) => codec?.explain(Buffer.from(text, 'latin1'));
const card = (bits: string) => readCard(bits) as Card;

/** jessety/wiegand-encoder README.md, a public calculator, a test of Zwave-js’s kind of reader. */
const cards = [
  ['00101101000000001010001000', 90, 324],
  ['00110001100000011111001111', 99, 999],
  ['00100010010100010010011111', 68, 41_551],
] as const;

const even = (bits: string) => (bits.split('').filter((bit) => bit === '1').length % 2 === 0 ? '0' : '1');
const odd = (bits: string) => (even(bits) === '0' ? '1' : '0');
const padded = (value: number, bits: number) => value.toString(2).padStart(bits, '0');

/** Built from the formats' descriptions, apart from the reader. */
function bits34(facility: number, number: number): string {
  const body = padded(facility, 16) + padded(number, 16);
  return even(body.slice(0, 16)) + body + odd(body.slice(16));
}
function bits37(number: number): string {
  const body = padded(number, 35);
  return even(body.slice(0, 18)) + body + odd(body.slice(17));
}

describe('a card', () => {
  it.each(cards)('%s', (bits, facility, number) => {
    expect(card(bits)).toMatchObject({ facility, number, parities: [{ holds: true }, { holds: true }] });
    expect(explain(bits)).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ name: 'facility', value: String(facility) }),
        expect.objectContaining({ name: 'card', value: String(number) }),
      ]) as unknown,
    });
  });

  it('of 34 and 37 bits', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (facility, number) => {
        expect(card(bits34(facility, number))).toMatchObject({ facility, number, parities: [{ holds: true }, { holds: true }] });
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 35 - 1 }), (number) => {
        expect(card(bits37(number))).toMatchObject({ facility: null, number, parities: [{ holds: true }, { holds: true }] });
      }),
    );
  });

  it('with one bit wrong is never read as another good one', () => {
    for (const [bits] of cards) {
      for (let at = 0; at < bits.length; at++) {
        const flipped = bits.slice(0, at) + (bits[at] === '0' ? '1' : '0') + bits.slice(at + 1);
        expect(card(flipped).parities.filter(({ holds }) => !holds)).toHaveLength(1);
      }
    }
  });

  it('with both parities wrong is refused', () => {
    const [bits] = cards[0];
    const both = `${bits[0] === '0' ? '1' : '0'}${bits.slice(1, -1)}${bits.at(-1) === '0' ? '1' : '0'}`;
    expect(explain(both)).toMatchObject({ refused: { code: 'parity' } });
    expect(
      explain(
        bits
          .split('')
          .map((bit) => (bit === '0' ? '1' : '0'))
          .join(''),
      ),
    ).toMatchObject({ refused: { code: 'parity' } });
  });
});

describe('as it is written down', () => {
  const [bits, facility, number] = cards[0];
  const same = { facility, number };

  it('in digits, in groups, as if they were hex, packed into bytes', () => {
    expect(readRows(bitsOf(Buffer.from(bits)))).toMatchObject(same);
    expect(readRows(bitsOf(Buffer.from(`${bits.slice(0, 13)} ${bits.slice(13)}`)))).toMatchObject(same);
    expect(readRows(bitsOf(Buffer.from(bits, 'hex')))).toMatchObject(same);
    expect(readRows(bitsOf(Buffer.from(Number.parseInt(bits, 2).toString(16).padStart(8, '0'), 'hex')))).toMatchObject(same);
    const long = BigInt(`0b${bits37(123_456_789)}`)
      .toString(16)
      .padStart(10, '0');
    expect(readRows(bitsOf(Buffer.from(long, 'hex')))).toMatchObject({ facility: null, number: 123_456_789 });
    expect(readRows(bitsOf(Buffer.from(`0${bits37(5)}`, 'hex')))).toMatchObject({ number: 5 });
  });

  it('anything else is refused with its reason', () => {
    expect(explain('hello')).toMatchObject({ refused: { code: 'not-bits' } });
    expect(explain('')).toMatchObject({ refused: { code: 'not-bits' } });
    expect(explain('0'.repeat(30))).toMatchObject({ refused: { code: 'length' } });
  });

  it('no bytes hurt it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        codec?.explain(bytes);
      }),
    );
  });
});
