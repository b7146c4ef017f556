import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type Branch, compileBranch } from './branch.ts';
import { compileTime, type ReadTime } from './device-time.ts';
import { follow } from './path.ts';
import { openPayload, type Payload, refusals } from './payload.ts';
import type { Refusal } from './value.ts';

export interface Message {
  readonly readings: Reading[];
  readonly events: DeviceEvent[];
  readonly will?: 'online' | 'offline';
  readonly refused?: Refusal;
}

export interface DecodeMessages {
  message(channel: string, payload: Uint8Array, at: number): Message;
  /** The same for what a driver's codec has taken apart. */
  fields(channel: string, json: Json, at: number): Message;
}

/** Prepares the channels of a profile that speaks in messages. The returned functions never throw, whatever the bytes. */
export function compileMessages(profile: Profile): DecodeMessages {
  const channels = new Map(
    Object.entries(profile.decode).map(([channel, branches]) => [
      channel,
      branches.map((branch) => compileBranch(profile, branch)),
    ]),
  );
  const stamp = compileStamp(profile);
  const { will } = profile.availability;
  const read = (channel: string, open: () => ReturnType<typeof openPayload>, at: number): Message => {
    const branches = channels.get(channel);
    const isWill = will?.channel === channel;
    if (branches === undefined && !isWill) return refuse(refusals.noChannel);
    const payload = open();
    if ('refused' in payload) return refuse(payload.refused);
    const said = isWill ? willOf(payload, will) : undefined;
    const message = branches === undefined ? refuse(refusals.noBranch) : stamp(takeBranch(branches, payload, at), payload, at);
    if (said === undefined) return message;
    return { readings: message.readings, events: message.events, will: said };
  };
  return {
    message: (channel, bytes, at) => read(channel, () => openPayload(bytes), at),
    fields: (channel, json, at) => read(channel, () => ({ text: '', json: () => ({ json }) }), at),
  };
}

function refuse(refused: Refusal): Message {
  return { readings: [], events: [], refused };
}

/** The first branch whose `when` holds; one that needs JSON does not hold for anything else. */
function takeBranch(branches: readonly Branch[], payload: Payload, at: number): Message {
  let refused: Refusal = refusals.noBranch;
  for (const branch of branches) {
    if (!branch.needsJson) return { ...branch.take(payload.text, undefined, at) };
    const parsed = payload.json();
    if ('refused' in parsed) refused = parsed.refused;
    else if (branch.holds(parsed.json)) return { ...branch.take(payload.text, parsed.json, at) };
  }
  return refuse(refused);
}

/** Last will: the bare word, or zigbee2mqtt's `{"state":"online"}`. */
function willOf(payload: Payload, words: { online: string; offline: string }): 'online' | 'offline' | undefined {
  const text = payload.text.trim();
  const parsed = text.startsWith('{') ? payload.json() : undefined;
  const state = parsed !== undefined && 'json' in parsed ? follow(parsed.json, ['state']) : text;
  if (state === words.online) return 'online';
  return state === words.offline ? 'offline' : undefined;
}

/**
 * Puts the device's own time beside the gateway's. Where the two differ by more than the profile allows, readings are
 * uncertain, except those a life-safety rule watches: a detector with a wrong clock must still raise its alarm.
 */
function compileStamp(profile: Profile): (message: Message, payload: Payload, at: number) => Message {
  const { time } = profile;
  if (time === undefined) return (message) => message;
  const read: ReadTime = compileTime(time);
  const vital = new Set(
    Object.values(profile.alarms).flatMap((rule) => ('point' in rule && isLifeSafety(rule.hazard) ? [rule.point] : [])),
  );
  return (message, payload, at) => {
    if (message.refused !== undefined) return message;
    const parsed = payload.json();
    const deviceAt = 'json' in parsed ? read(parsed.json) : undefined;
    if (deviceAt === undefined) return message;
    const isSkewed = Math.abs(deviceAt - at) > time.maxSkew;
    return {
      readings: message.readings.map((reading) => stampReading(reading, deviceAt, isSkewed && !vital.has(reading.point))),
      events: message.events.map((event) => ({ ...event, deviceAt })),
    };
  };
}

function stampReading(reading: Reading, deviceAt: number, isSkewed: boolean): Reading {
  if (!isSkewed || reading.quality !== 'good') return { ...reading, deviceAt };
  return { ...reading, deviceAt, quality: 'uncertain', reason: 'clock-skew' };
}
