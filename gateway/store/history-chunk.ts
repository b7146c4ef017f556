import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from './varint.ts';
import type { HistoryRow } from './history.ts';

/** How the value column is written. */
const [decimals, doubles, json] = [0, 1, 2];
const qualities = ['good', 'uncertain', 'bad'] as const;
/** Digits behind the point that are tried before a column falls back to doubles. */
const maxScale = 6;
const largestDecimal = 2 ** 51;

/**
 * Rows of one series, oldest first, column by column: times as second differences, numbers as differences of decimals where
 * that is exact (else as doubles), anything else as JSON; then deflated, a checksum in front.
 */
export function encodeChunk(rows: readonly HistoryRow[]): Uint8Array {
  const out = new ByteWriter();
  out.unsigned(rows.length);
  writeTimes(out, rows);
  writeQualities(out, rows);
  writeValues(out, rows);
  const packed = deflateRawSync(out.bytes(), { level: 6 });
  const blob = Buffer.alloc(packed.length + 4);
  blob.writeUInt32LE(crc32(packed));
  packed.copy(blob, 4);
  return blob;
}

/** @throws where the bytes are not those that `encodeChunk` made */
export function decodeChunk(blob: Uint8Array): HistoryRow[] {
  const packed = blob.subarray(4);
  if (Buffer.from(blob.buffer, blob.byteOffset, blob.length).readUInt32LE() !== crc32(packed))
    throw new Error('a damaged chunk of history');
  const bytes = new ByteReader(inflateRawSync(packed));
  const count = bytes.unsigned();
  const times = readTimes(bytes, count);
  const quality = readQualities(bytes, count);
  const values = readValues(bytes, count);
  return times.map((at, index) => ({ at, value: values[index] ?? null, quality: quality[index] ?? 'bad' }));
}

function writeTimes(out: ByteWriter, rows: readonly HistoryRow[]): void {
  let [previous, step] = [0, 0];
  for (const { at } of rows) {
    out.signed(at - previous - step);
    step = at - previous;
    previous = at;
  }
}

function readTimes(bytes: ByteReader, count: number): number[] {
  let [previous, step] = [0, 0];
  return Array.from({ length: count }, () => {
    step += bytes.signed();
    return (previous += step);
  });
}

/** Runs of equal quality: nearly always one. */
function writeQualities(out: ByteWriter, rows: readonly HistoryRow[]): void {
  let start = 0;
  while (start < rows.length) {
    const quality = rows[start]?.quality ?? 'bad';
    let end = start + 1;
    while (rows[end]?.quality === quality) end++;
    out.unsigned(qualities.indexOf(quality));
    out.unsigned(end - start);
    start = end;
  }
}

function readQualities(bytes: ByteReader, count: number): HistoryRow['quality'][] {
  const read: HistoryRow['quality'][] = [];
  while (read.length < count) {
    const quality = qualities[bytes.unsigned()] ?? 'bad';
    for (let run = bytes.unsigned(); run > 0; run--) read.push(quality);
  }
  return read;
}

function writeValues(out: ByteWriter, rows: readonly HistoryRow[]): void {
  const values = rows.map((row) => row.value);
  if (!values.every((value) => typeof value === 'number')) {
    out.unsigned(json);
    return out.raw(Buffer.from(JSON.stringify(values)));
  }
  const scale = scaleOf(values);
  if (scale === null) {
    out.unsigned(doubles);
    return out.raw(new Uint8Array(Float64Array.from(values).buffer));
  }
  out.unsigned(decimals);
  out.unsigned(scale);
  let previous = 0;
  for (const value of values) {
    const whole = Math.round(value * 10 ** scale);
    out.signed(whole - previous);
    previous = whole;
  }
}

function readValues(bytes: ByteReader, count: number): HistoryRow['value'][] {
  const kind = bytes.unsigned();
  if (kind === json) return JSON.parse(Buffer.from(bytes.rest()).toString('utf8')) as HistoryRow['value'][];
  if (kind === doubles) return [...new Float64Array(Uint8Array.from(bytes.rest()).buffer)];
  const factor = 10 ** bytes.unsigned();
  let whole = 0;
  return Array.from({ length: count }, () => (whole += bytes.signed()) / factor);
}

/** The fewest digits behind the point that give back every value exactly; null where none does. */
function scaleOf(values: readonly number[]): number | null {
  let scale = 0;
  for (const value of values) {
    while (scale <= maxScale && !isExact(value, 10 ** scale)) scale++;
    if (scale > maxScale) return null;
  }
  return values.every((value) => isExact(value, 10 ** scale)) ? scale : null;
}

function isExact(value: number, factor: number): boolean {
  // Differences know no minus zero: it goes as a double.
  const whole = Math.round(value * factor) + 0;
  return Math.abs(whole) < largestDecimal && Object.is(whole / factor, value);
}
