import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { codecs } from '../../../gateway/codecs.ts';
import { acsEvent, profileOf, terminal } from './rig.ts';

const http = codecs.get('http');
const bodies = (text: string, profile = terminal) => {
  const said = http?.frames?.(profile, Buffer.from(text));
  return said && 'bodies' in said ? said.bodies : said?.refused.code;
};
const event = JSON.stringify(acsEvent(1));

test('a request, and a part of a stream, are what the driver would hand on', () => {
  expect(bodies(`POST /ingest/hik/any-key HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n${event}`)).toEqual([
    { kind: 'fields', channel: 'event', fields: acsEvent(1) },
  ]);
  expect(bodies(`Content-Type: application/json\n\n${event}`)).toEqual([
    { kind: 'fields', channel: 'stream', fields: acsEvent(1) },
  ]);
  expect(
    bodies('Content-Type: application/xml\n\n<A><eventType>videoloss</eventType><eventState>inactive</eventState></A>'),
  ).toEqual([{ kind: 'alive' }]);
  expect(bodies('GET /ingest/hik/any-key HTTP/1.1\n\n')).toEqual([{ kind: 'alive' }]);
  const parts = `--b\r\nContent-Disposition: form-data; name="event_log"\r\n\r\n${event}\r\n--b--\r\n`;
  expect(bodies(`POST /ingest/hik/k HTTP/1.1\nContent-Type: multipart/form-data; boundary=b\n\n${parts}`)).toEqual([
    { kind: 'fields', channel: 'event', fields: acsEvent(1) },
  ]);
});

test('lines are one frame each', () => {
  const reader = profileOf({
    listen: { line: { path: '/iclock/cdata', query: { SN: '{sn}', table: 'rtlog' }, form: 'lines' } },
  });
  expect(bodies('POST /iclock/cdata?SN=1&table=rtlog HTTP/1.1\n\nindex=1\tpin=2\nindex=2\tpin=3\n', reader)).toEqual([
    { kind: 'fields', channel: 'line', fields: { index: '1', pin: '2' } },
    { kind: 'fields', channel: 'line', fields: { index: '2', pin: '3' } },
  ]);
});

test('what is none is refused, with its reason', () => {
  expect(bodies('hello')).toBe('no-head');
  expect(bodies(`POST /elsewhere HTTP/1.1\n\n${event}`)).toBe('no-route');
  expect(bodies(`POST /ingest/hik/k HTTP/1.1\n\n${event.slice(1)}`)).toBe('unread');
  expect(bodies(`Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Length: 999999999999\n\n`)).toBe('unread');
});

test('for people: the line, the headers and how much there is, but no login', () => {
  const text = 'PUT /a?b=c HTTP/1.1\r\nContent-Type: text/plain\r\nAuthorization: Basic YTpi\r\n\r\n12345';
  expect(http?.explain(Buffer.from(text))).toEqual({
    fields: [
      { name: 'method', value: 'PUT' },
      { name: 'path', value: '/a' },
      { name: 'query', value: 'b=c' },
      { name: 'content-type', value: 'text/plain' },
      { name: 'body', value: '5 B' },
    ],
  });
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    'POST /ingest/hik/k HTTP/1.1',
    '\r\n',
    '\n',
    'Content-Type: ',
    'multipart/x',
    '; boundary=b',
    '--b',
    '{}',
    '<a>',
    ':',
    ' ',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: piece }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (each) => {
      http?.explain(each);
      http?.frames?.(terminal, each);
    }),
    { numRuns: 2_000 },
  );
});
