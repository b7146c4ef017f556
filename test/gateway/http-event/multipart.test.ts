import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MultipartError, MultipartReader, parameterOf, type Part } from '../../../gateway/collect/http-event/multipart.ts';

const text = ({ body }: Part) => (body === null ? null : Buffer.from(body).toString());
const part = (body: string, length: number | null = Buffer.byteLength(body), type = 'application/xml') =>
  `--b\r\nContent-Type: ${type}\r\n${length === null ? '' : `Content-Length: ${length}\r\n`}\r\n${body}\r\n`;
const reader = (wanted = 1_000) => new MultipartReader('b', () => wanted);
const push = (to: MultipartReader, ...pieces: string[]) => pieces.flatMap((piece) => to.push(Buffer.from(piece)));

test('a part that says its length is there with its last byte, whatever comes next', () => {
  const stream = reader();
  const whole = '--b\r\nContent-Type: application/xml\r\nContent-Length: 4\r\n\r\n<a/>';
  expect(push(stream, whole.slice(0, -1))).toEqual([]);
  expect(push(stream, whole.slice(-1)).map(text)).toEqual(['<a/>']);
});

test('a part without a length is there when the next begins', () => {
  const stream = reader();
  expect(push(stream, part('one', null))).toEqual([]);
  expect(push(stream, '--b\r').map(text)).toEqual(['one']);
});

test('byte by byte or all at once is the same', () => {
  const whole = `preamble\r\n${part('one')}${part('two', null)}${part('', 0)}${part('three', 99)}${part('four')}--b--\r\n`;
  const bytes = [...Buffer.from(whole)].map((byte) => Uint8Array.of(byte));
  const dripping = reader();
  expect(bytes.flatMap((byte) => dripping.push(byte)).map(text)).toEqual(push(reader(), whole).map(text));
  expect(push(reader(), whole).map(text)).toEqual(['one', 'two', '', 'three', 'four']);
});

test('a length that is too long does not swallow the next event', () => {
  const stream = reader();
  expect(push(stream, part('one', 500), part('two')).map(text)).toEqual(['one', 'two']);
});

test('a length that is too short costs one event: from then on delimiters are waited for', () => {
  const stream = reader();
  expect(push(stream, part('<long>1</long>', 5), part('<long>2</long>', 5), part('', 0)).map(text)).toEqual([
    '<long',
    '<long>2</long>',
  ]);
  expect(stream.overruns).toBe(1);
});

test('line feeds alone, a boundary with its dashes in the header, and none at all are read', () => {
  const loose = '--x\nContent-Type: text/plain\nContent-Length: 2\n\nhi\n';
  for (const boundary of ['x', '--x', null]) {
    const stream = new MultipartReader(boundary, () => 100);
    expect(push(stream, loose, loose).map(text)).toEqual(['hi', 'hi']);
  }
});

test('a boundary that another one begins with is not taken for it', () => {
  const stream = new MultipartReader('b', () => 100);
  expect(push(stream, '--b\r\n\r\n--bb is text\r\nand --b too\r\n--b\r\n').map(text)).toEqual(['--bb is text\r\nand --b too']);
});

test('a picture is skipped as it comes, by its length or by the delimiter, and what follows is heard', () => {
  const wants = new MultipartReader('b', ({ type }) => (type === 'image/jpeg' ? 0 : 100));
  const picture = 'x'.repeat(300_000);
  const said = push(wants, part(picture, 300_000, 'image/jpeg'), part('one'), part(picture, null, 'image/jpeg'), part('two'));
  expect(said.map(text)).toEqual([null, 'one', null, 'two']);
});

test('a text longer than is wanted is not kept, and the stream goes on', () => {
  const stream = reader(10);
  expect(push(stream, part('x'.repeat(5_000), null), part('y'.repeat(11)), part('one')).map(text)).toEqual([null, null, 'one']);
});

describe('nonsense is refused', () => {
  const cases: [string, string][] = [
    ['a head without end', `--b\r\nX: ${'a'.repeat(10_000)}`],
    ['a part of an absurd length', '--b\r\nContent-Length: 999999999999\r\n\r\n'],
    ['no delimiter in sight', 'a\n'.repeat(70_000)],
  ];
  it.each(cases)('%s', (_name, bytes) => expect(() => push(reader(), bytes)).toThrow(MultipartError));
  it('a length that is no number is no length', () => {
    const head = '--b\r\nContent-Length: -5\r\n\r\none\r\n--b\r\n';
    expect(push(reader(), head).map(text)).toEqual(['one']);
  });
});

test('names and types are read from the head of a part', () => {
  const stream = reader();
  const said = push(
    stream,
    '--b\r\nContent-Disposition: form-data; name="event_log"\r\nCONTENT-TYPE: Application/JSON; charset="GB2312"\r\n\r\n{}\r\n--b\r\n' +
      'Content-Disposition: form-data; name="Picture"; filename="Picture.jpg"\r\n\r\nxx\r\n--b--',
  );
  expect(said.map(({ head }) => head)).toEqual([
    { type: 'application/json', charset: 'GB2312', name: 'event_log', isFile: false, length: null },
    { type: '', charset: '', name: 'Picture', isFile: true, length: null },
  ]);
  expect(parameterOf('multipart/x-mixed-replace;boundary=myboundary', 'boundary')).toBe('myboundary');
});

test('any events, cut anywhere, come out as they went in', () => {
  const body = fc
    .string({ unit: fc.constantFrom('-', 'b', '\r', '\n', '<', 'x', '-\n', '\r\n--bb') })
    .filter((each) => !/(^|\n)--b([\r\n\- ]|$)/.test(`${each}\r\n`) && each.length > 0);
  fc.assert(
    fc.property(fc.array(fc.tuple(body, fc.boolean())), fc.array(fc.nat(40)), (bodies, cuts) => {
      const whole = `${bodies.map(([each, says]) => part(each, says ? Buffer.byteLength(each) : null)).join('')}--b--\r\n`;
      const pieces: string[] = [];
      let place = 0;
      for (const cut of [...cuts, whole.length]) pieces.push(whole.slice(place, (place += cut)));
      expect(push(reader(), ...pieces).map(text)).toEqual(bodies.map(([each]) => each));
    }),
    { numRuns: 300 },
  );
});

test('no bytes crash it, hold it up or make it grow', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc
      .string({ unit: fc.constantFrom('--b', '\r\n', '\n', 'Content-Length: ', '7', '-', ':', 'x', '\r\n\r\n') })
      .map((each) => Buffer.from(each)),
  );
  fc.assert(
    fc.property(fc.array(bytes), (pieces) => {
      const stream = reader(50);
      try {
        for (const piece of pieces) for (const { body } of stream.push(piece)) expect(body?.length ?? 0).toBeLessThanOrEqual(50);
      } catch (error) {
        expect(error).toBeInstanceOf(MultipartError);
      }
    }),
    { numRuns: 500 },
  );
});
