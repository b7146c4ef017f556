import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Decoded, Decoder } from './decode/decode.ts';

/** Why a frame could not be read. */
export interface Trouble {
  readonly zh: string;
  readonly en: string;
  readonly error?: unknown;
}

export interface HeardFrames {
  readonly readings: Reading[];
  readonly events: DeviceEvent[];
  readonly will: Decoded['will'];
  readonly missed: boolean;
}

/** What one device's frames of one delivery say together; `refused` is told of those that say nothing. */
export function hear(decoder: Decoder, frames: readonly Frame[], refused: (trouble: Trouble) => void): HeardFrames {
  const readings: Reading[] = [];
  const events: DeviceEvent[] = [];
  let will: Decoded['will'];
  for (const frame of frames) {
    const decoded = decodeOrSkip(decoder, frame, refused);
    readings.push(...decoded.readings);
    events.push(...decoded.events);
    will = decoded.will ?? will;
    if (decoded.refused) refused({ zh: decoded.refused.zh, en: decoded.refused.en });
  }
  return { readings, events, will, missed: isMissed(frames) };
}

/** No frame makes a decoder throw; should one, its device alone is hurt, and not the process with every restart. */
function decodeOrSkip(decoder: Decoder, frame: Frame, refused: (trouble: Trouble) => void): Decoded {
  try {
    return decoder.decode(frame);
  } catch (error) {
    refused({
      zh: '这台设备的一帧让解码器出错，已跳过；请把日志发给开发者。',
      en: 'A frame of this device broke its decoder and was skipped; please send the log to the developers.',
      error,
    });
    return { readings: [], events: [] };
  }
}

/**
 * A poll counts as missed when something was not answered and nothing was: an exception is an answer, but what the slave
 * refused in an earlier cycle is only told again and says nothing about now.
 */
function isMissed(frames: readonly Frame[]): boolean {
  const faults = frames.map(({ body }) => (body.kind === 'fault' || body.kind === 'missed' ? body.fault : 'heard'));
  return faults.includes('no-answer') && faults.every((fault) => fault === 'no-answer' || fault === 'unsupported');
}
