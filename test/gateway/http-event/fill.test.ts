import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { escapeFor, escapePath, fill } from '../../../gateway/collect/http-event/fill.ts';
import { xmlContent } from '../../../gateway/collect/http-event/xml-content.ts';

const values = (entries: Record<string, string>) => new Map(Object.entries(entries));

test('names in braces are filled, braces of JSON and XML stay', () => {
  const filled = fill('{"a":{"b":"{x}"},"n":{n}}', values({ x: 'y', n: '5' }), escapeFor('application/json'));
  expect(filled).toBe('{"a":{"b":"y"},"n":5}');
  expect(fill('<a>{missing}</a>', values({}), escapeFor('application/xml'))).toBe('<a></a>');
});

describe('no value breaks out of where it stands', () => {
  const anything = fc.string({
    unit: fc.oneof(fc.constantFrom('"', '\\', '<', '&', '/', '?', '#', '%', '\n', '\0', '}', '{x}'), fc.string()),
  });
  it('in JSON', () =>
    fc.assert(
      fc.property(anything, (x) => {
        expect(JSON.parse(fill('{"x":"{x}"}', values({ x }), escapeFor('application/json; charset=utf-8')) ?? '')).toEqual({ x });
      }),
    ));
  it('in XML', () =>
    fc.assert(
      fc.property(anything, (x) => {
        const filled = fill('<a><cmd>{x}</cmd></a>', values({ x }), escapeFor('application/xml'));
        if (filled !== undefined) expect(Object.keys(xmlContent(filled) ?? {})).toEqual(['cmd']);
      }),
    ));
  it('in a path and its query', () =>
    fc.assert(
      fc.property(
        anything.filter((each) => each.isWellFormed()),
        (x) => {
          const path = fill('/door/{x}/open?by={x}', values({ x }), escapePath);
          if (path === undefined) return expect(['.', '..']).toContain(x);
          const url = new URL(path, 'http://device');
          expect([url.pathname.split('/').length, [...url.searchParams]]).toEqual([4, [['by', x]]]);
        },
      ),
    ));
  it('in plain text: a line end would begin another command', () => {
    expect(fill('C:1:{x}', values({ x: 'OPEN\nC:2:REBOOT' }), escapeFor('text/plain'))).toBeUndefined();
    expect(fill('C:1:{x}', values({ x: 'OPEN 1' }), escapeFor('text/plain'))).toBe('C:1:OPEN 1');
  });
});
