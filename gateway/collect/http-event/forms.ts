import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { parseJson } from './json.ts';
import { limits } from './limits.ts';

type Fields = { readonly [key: string]: Json };

/** `a=1&b=2` (WHATWG URL §5.1). JSON inside a value is opened. */
export function formFields(text: string): Fields {
  const pairs = [...new URLSearchParams(text.split('&', limits.fields).join('&'))];
  return Object.fromEntries(pairs.map(([key, value]) => [key.slice(0, 128), opened(value)]));
}

/** A value that is JSON itself, as its own tree. */
export function opened(value: string): Json {
  const first = value.trimStart().charAt(0);
  return first === '{' || first === '[' ? (parseJson(value) ?? value) : value;
}

const pair = /^([A-Za-z_~][\w.~-]{0,63})=/;

/**
 * The lines of a ZKTeco body, one event each: `pin=1001⇥time=…` by its names, `1001⇥2026-…` by its places under `columns`.
 * Undefined: more lines, or longer ones, than any device sends.
 */
export function lineFields(text: string): Fields[] | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length > limits.lines || filled.some((line) => line.length > limits.lineChars)) return undefined;
  return filled.map((line) => {
    const cells = line.split('\t').slice(0, limits.fields);
    const isNamed = cells.every((cell) => cell.trim() === '' || pair.test(cell.trim()));
    if (!isNamed) return { columns: cells.map((cell) => cell.trim()) };
    return Object.fromEntries(cells.flatMap((cell) => named(cell.trim())));
  });
}

function named(cell: string): [string, string][] {
  const equals = cell.indexOf('=');
  return equals === -1 ? [] : [[cell.slice(0, equals), cell.slice(equals + 1)]];
}

/** Dahua: `Code=VideoMotion;action=Start;index=0;data={…}`. The first value that begins as JSON goes on to the end if it is. */
export function listFields(text: string): Fields {
  const whole = text.trim();
  const fields: [string, Json][] = [];
  let mayBeJson = true;
  for (let place = 0; place < whole.length && fields.length < limits.fields;) {
    const semicolon = whole.indexOf(';', place);
    const end = semicolon === -1 ? whole.length : semicolon;
    const [key, value] = cut(whole.slice(place, end));
    place = end + 1;
    if (value === undefined) continue;
    if (mayBeJson && /^\s{0,8}[{[]/.test(value)) {
      mayBeJson = false;
      const json = parseJson(whole.slice(end - value.length));
      if (json !== undefined) {
        fields.push([key, json]);
        break;
      }
    }
    fields.push([key, value]);
  }
  return fields.length > 0 ? Object.fromEntries(fields) : { text: whole.slice(0, limits.textChars) };
}

function cut(pairText: string): [key: string, value: string | undefined] {
  const equals = pairText.indexOf('=');
  return equals === -1 ? ['', undefined] : [pairText.slice(0, equals).trim().slice(0, 64), pairText.slice(equals + 1)];
}
