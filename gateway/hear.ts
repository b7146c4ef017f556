import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Stamp, Stamps } from './clock.ts';
import type { Decoded, Decoder, IsSeen } from './decode/decode.ts';

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
  /** None of it is a sign of life: a broker had kept it, or its channel does not count. */
  readonly isQuiet: boolean;
  /** By these what is new in it is known when it comes again. */
  readonly keys: readonly string[];
}

/**
 * What one device's frames of one delivery say together; `refused` is told of what could not be read. What `isSeen` knows
 * is left out: the device was heard, and said nothing new.
 */
export function hear(
  decoder: Decoder,
  frames: readonly Frame[],
  refused: (trouble: Trouble) => void,
  isSeen: IsSeen = () => false,
): HeardFrames {
  const readings: Reading[] = [];
  const events: DeviceEvent[] = [];
  let will: Decoded['will'];
  const keys = new Set<string>();
  const isSaid: IsSeen = (key) => keys.has(key) || isSeen(key);
  let isQuiet = frames.length > 0;
  for (const frame of frames) {
    const decoded = decodeOrSkip(decoder, frame, refused, isSaid);
    readings.push(...decoded.readings);
    events.push(...decoded.events);
    will = decoded.will ?? will;
    isQuiet &&= decoded.isQuiet === true;
    for (const key of decoded.keys ?? []) keys.add(key);
    for (const trouble of troublesOf(decoded)) refused(trouble);
  }
  return { readings, events, will, missed: isMissed(frames), isQuiet, keys: [...keys] };
}

/** What an installer should know of a frame: that it, or a part of it, could not be read, or is another model's. */
function troublesOf({ refused, left, otherModel }: Decoded): Trouble[] {
  const unread = [refused ?? [], left ?? []].flat().map(({ zh, en }) => ({ zh, en }));
  if (otherModel === undefined) return unread;
  const zh = `设备自称型号 ${otherModel}，档案里没有；请核对档案。`;
  return [...unread, { zh, en: `The device calls itself ${otherModel}, which its profile does not know; check the profile.` }];
}

/** No frame makes a decoder throw; should one, its device alone is hurt, and not the process with every restart. */
function decodeOrSkip(decoder: Decoder, frame: Frame, refused: (trouble: Trouble) => void, isSeen: IsSeen): Decoded {
  try {
    return decoder.decode(frame, isSeen);
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

/** One delivery with the times its records get: a driver may have taken them before the clock was trusted. */
export function inTime(frames: readonly Frame[], stamps: Stamps): { frames: readonly Frame[]; stamp: Stamp } {
  const last = frames.at(-1);
  if (!last) return { frames, stamp: stamps.stamp() };
  const stamp = stamps.place(last.at);
  if (stamp.at === last.at) return { frames, stamp };
  return { frames: frames.map((frame) => ({ ...frame, at: stamps.place(frame.at).at })), stamp };
}

/** While we do not know the time ourselves, a device's clock is not wrong for telling another. */
export function unskewed(reading: Reading): Reading {
  if (reading.reason !== 'clock-skew') return reading;
  const { reason: _unknown, ...rest } = reading;
  return { ...rest, quality: 'good' };
}
