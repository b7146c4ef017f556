import type { LineTime, SerialShape } from './dialect.ts';

/** MODBUS over serial line 1.02, §2.5.1.1: 3.5 characters; above 19,200 Bd a fixed 1.75 ms. */
export function serialLine({ baud, parity, stopBits, dataBits = 8 }: SerialShape): LineTime {
  const bitsPerCharacter = 1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits;
  const byteMs = (bitsPerCharacter * 1000) / baud;
  return {
    gapMs: baud > 19_200 ? 1.75 : 3.5 * byteMs,
    bytesMs: (count) => count * byteMs,
  };
}

/**
 * Behind a serial server the server keeps the line's gaps; ours only has to be long enough for a doubled frame to be seen
 * as a leftover. How fast the line is, only the site file or the profile can say; without either an answer's bytes are
 * taken to need no time.
 */
export function remoteLine(shape?: SerialShape): LineTime {
  const line = shape && serialLine(shape);
  return { gapMs: 3, bytesMs: (count) => line?.bytesMs(count) ?? 0 };
}

export function isSameShape(a: SerialShape, b: SerialShape): boolean {
  const same = a.baud === b.baud && a.parity === b.parity && a.stopBits === b.stopBits;
  return same && (a.dataBits ?? 8) === (b.dataBits ?? 8);
}

/** `9600 8N1`, as people say it. */
export function shapeText({ baud, parity, stopBits, dataBits = 8 }: SerialShape): string {
  return `${baud} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}
