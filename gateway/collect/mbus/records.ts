import { hexByte } from '../line/framing.ts';
import { modifiedBy } from './modifiers.ts';
import { type Quantity, quantityOf } from './units.ts';
import {
  type DataField,
  lengthOf,
  readValue,
  readVariable,
  readoutSelection,
  type RecordValue,
  textOf,
  variableLength,
  variableOf,
} from './value.ts';

/** One data record of an answer (EN 13757-3). */
export interface DataRecord {
  /** Such as `volume.inst.0`, `energy.inst.1.tariff2`, `voltage+L1.inst.0`; stable for the same record of the same meter. */
  readonly key: string;
  readonly quantity: Quantity;
  readonly value: RecordValue;
  /** Its bytes, DIF to data. */
  readonly bytes: Uint8Array;
}

export interface Records {
  readonly records: readonly DataRecord[];
  /** 1F: the meter has more to say in another telegram. */
  readonly hasMore: boolean;
  /** What the maker keeps to itself, behind 0F or 1F. */
  readonly own: Uint8Array;
  /** Why the rest could not be read; what stands before is good. */
  readonly broken?: string;
}

/** 功能域: DIF bits 4 and 5. */
const functionKeys = ['inst', 'max', 'min', 'err'] as const;
/** The standard allows ten of each. */
const mostExtensions = 10;

const makerSpecific = 0x0f;
const makerSpecificMore = 0x1f;
const idle = 0x2f;
const globalReadout = 0x7f;

/** Reads record after record; total for any bytes. */
export function readRecords(data: Uint8Array): Records {
  const records: DataRecord[] = [];
  const seen = new Map<string, number>();
  let at = 0;
  while (at < data.length) {
    const dif = data[at] as number;
    if (dif === idle || dif === globalReadout) {
      at += 1;
      continue;
    }
    if (dif === makerSpecific || dif === makerSpecificMore)
      return { records, hasMore: dif === makerSpecificMore, own: data.slice(at + 1) };
    if ((dif & 0x0f) === 0x0f)
      return { records, hasMore: false, own: new Uint8Array(), broken: `DIF ${hexByte(dif)} is reserved` };
    const read = readRecord(data, at);
    if ('broken' in read) return { records, hasMore: false, own: new Uint8Array(), broken: read.broken };
    records.push(numbered(read.record, seen));
    at = read.end;
  }
  return { records, hasMore: false, own: new Uint8Array() };
}

/** A key that comes a second time gets `#2`, so that one never hides the other. */
function numbered(record: DataRecord, seen: Map<string, number>): DataRecord {
  const count = (seen.get(record.key) ?? 0) + 1;
  seen.set(record.key, count);
  return count === 1 ? record : { ...record, key: `${record.key}#${count}` };
}

type Broken = { readonly broken: string };

function readRecord(data: Uint8Array, from: number): { record: DataRecord; end: number } | Broken {
  const head = readDataHead(data, from);
  if ('broken' in head) return head;
  const meaning = readMeaning(data, head.end);
  if ('broken' in meaning) return meaning;
  const body = readBody(data, meaning.end, head.field, meaning);
  if ('broken' in body) return body;
  const key = keyOf(meaning, head);
  const record = {
    key,
    quantity: meaning.quantity,
    value: meaning.isError ? null : body.value,
    bytes: data.slice(from, body.end),
  };
  return { record, end: body.end };
}

interface DataHead {
  readonly field: DataField;
  readonly function: (typeof functionKeys)[number];
  readonly storage: number;
  readonly tariff: number;
  readonly unit: number;
  readonly end: number;
}

/** DIF and its DIFEs: storage number, tariff and subunit grow by some bits with each. */
function readDataHead(data: Uint8Array, from: number): DataHead | Broken {
  const dif = data[from] as number;
  let [storage, tariff, unit, end] = [(dif >> 6) & 1, 0, 0, from + 1];
  for (let extension = 0; ((data[end - 1] as number) & 0x80) !== 0; extension += 1) {
    const dife = data[end];
    if (dife === undefined) return { broken: 'cut off behind a DIF' };
    if (extension >= mostExtensions) return { broken: `more than ${mostExtensions} DIFE` };
    storage += (dife & 0x0f) * 2 ** (1 + extension * 4);
    tariff += ((dife >> 4) & 3) * 4 ** extension;
    unit += ((dife >> 6) & 1) * 2 ** extension;
    end += 1;
  }
  return { field: dif & 0x0f, function: functionKeys[(dif >> 4) & 3] ?? 'inst', storage, tariff, unit, end };
}

interface Meaning {
  readonly quantity: Quantity;
  readonly names: readonly string[];
  readonly exponent: number;
  readonly isError: boolean;
  readonly end: number;
}

/** VIF, its text where it has one, and its VIFEs. */
function readMeaning(data: Uint8Array, from: number): Meaning | Broken {
  const vif = data[from];
  if (vif === undefined) return { broken: 'cut off before a VIF' };
  const code = vif & 0x7f;
  if (code === 0x7c) return readPlainText(data, from, vif);
  const codes = readExtensions(data, from + 1, vif);
  if ('broken' in codes) return codes;
  if (vif === 0xfd || vif === 0xfb) {
    const [first = 0x7f, ...rest] = codes.codes;
    const table = vif === 0xfd ? 'fd' : 'fb';
    return meaningOf(quantityOf(table, first) ?? unknown(`${table}-${hexByte(first)}`), rest, codes.end);
  }
  if (code === 0x7f) return meaningOf(unknown(`maker${codes.codes.map((own) => `-${hexByte(own)}`).join('')}`), [], codes.end);
  return meaningOf(quantityOf('primary', code) ?? unknown(`vif-${hexByte(code)}`), codes.codes, codes.end);
}

function meaningOf(quantity: Quantity, codes: readonly number[], end: number): Meaning {
  const { names, exponent, isError } = modifiedBy(codes);
  return { quantity, names, exponent: (quantity.exponent ?? 0) + exponent, isError, end };
}

function unknown(key: string): Quantity {
  return { key, zh: '标准未定义', en: 'not defined by the standard' };
}

/** The VIFEs from `from` on, low seven bits each; `before`: the byte that says whether there is one. */
function readExtensions(data: Uint8Array, from: number, before: number): { codes: number[]; end: number } | Broken {
  const codes: number[] = [];
  let last = before;
  while ((last & 0x80) !== 0) {
    const next = data[from + codes.length];
    if (next === undefined) return { broken: 'cut off behind a VIF' };
    if (codes.length >= mostExtensions) return { broken: `more than ${mostExtensions} VIFE` };
    codes.push(next & 0x7f);
    last = next;
  }
  return { codes, end: from + codes.length };
}

/**
 * A VIF in words. Older meters send the words right behind the VIF, newer ones behind the VIFEs (EN 13757-3:2013); the
 * first reading in which they are words at all is taken.
 */
function readPlainText(data: Uint8Array, from: number, vif: number): Meaning | Broken {
  const early = wordsAt(data, from + 1);
  if (early !== undefined) {
    const codes = readExtensions(data, early.end, vif);
    return 'broken' in codes ? codes : meaningOf(spoken(early.words), codes.codes, codes.end);
  }
  const codes = readExtensions(data, from + 1, vif);
  if ('broken' in codes) return codes;
  const late = wordsAt(data, codes.end);
  return late === undefined ? { broken: 'a unit in words without words' } : meaningOf(spoken(late.words), codes.codes, late.end);
}

function spoken(words: string): Quantity {
  const key = words
    .toLowerCase()
    .replaceAll(/[^a-z0-9%]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return { key: `text-${key}`, zh: `厂家单位 ${words}`, en: `the maker's unit ${words}` };
}

/** A length and as many printable characters. */
function wordsAt(data: Uint8Array, at: number): { words: string; end: number } | undefined {
  const length = data[at] ?? 0;
  const own = data.subarray(at + 1, at + 1 + length);
  if (length === 0 || own.length < length || own.some((byte) => byte < 0x20 || byte > 0x7e)) return undefined;
  return { words: textOf(own), end: at + 1 + length };
}

function readBody(
  data: Uint8Array,
  from: number,
  field: DataField,
  meaning: Meaning,
): { value: RecordValue; end: number } | Broken {
  const { quantity, exponent } = meaning;
  const variable = field === variableLength ? variableOf(data[from] ?? 0) : undefined;
  if (field === variableLength && from >= data.length) return { broken: 'cut off before a length' };
  if (variable?.kind === 'reserved') return { broken: `LVAR ${hexByte(data[from] as number)} is reserved` };
  const start = variable === undefined ? from : from + 1;
  const end = start + (variable?.bytes ?? lengthOf(field) ?? 0);
  if (end > data.length) return { broken: 'cut off inside a value' };
  const bytes = data.subarray(start, end);
  if (variable !== undefined) return { value: readVariable(variable, quantity, exponent, bytes), end };
  const isEmpty = field === 0 || field === readoutSelection;
  return { value: isEmpty ? null : readValue(field, quantity, exponent, bytes), end };
}

function keyOf({ quantity, names }: Meaning, head: DataHead): string {
  const what = [quantity.key, ...names].join('+');
  const tariff = head.tariff === 0 ? '' : `.tariff${head.tariff}`;
  const unit = head.unit === 0 ? '' : `.unit${head.unit}`;
  return `${what}.${head.function}.${head.storage}${tariff}${unit}`;
}
