import type { SerialSettings } from './settings.ts';

/** How long things take on a serial line. */
export interface LineTime {
  /** Silence between two frames, milliseconds. */
  readonly gapMs: number;
  /** Milliseconds that `count` bytes are on the line. */
  bytesMs(count: number): number;
}

/** MODBUS over serial line 1.02, §2.5.1.1: 3.5 characters; above 19,200 Bd a fixed 1.75 ms. */
export function serialLine(settings: SerialSettings): LineTime {
  const bitsPerCharacter = 1 + settings.dataBits + (settings.parity === 'none' ? 0 : 1) + settings.stopBits;
  const byteMs = (bitsPerCharacter * 1000) / settings.baud;
  return {
    gapMs: settings.baud > 19_200 ? 1.75 : 3.5 * byteMs,
    bytesMs: (count) => count * byteMs,
  };
}

/**
 * Behind a serial server the line's speed is not known: the server keeps its gaps, ours only has to be long enough for
 * a doubled frame to be seen as a leftover.
 */
export const remoteLine: LineTime = { gapMs: 3, bytesMs: () => 0 };
