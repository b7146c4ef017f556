import { isDeepStrictEqual } from 'node:util';
import type { Frame, FrameBody, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Vector } from '@yihu/device-profiles/vocabulary/vector.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileChildren } from './decode/children.ts';
import { compile, type Decoded, type Decoder } from './decode/decode.ts';
import { openRtu } from './decode/rtu.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { compileRules } from './evaluate/rules.ts';
import { freshState } from './evaluate/state.ts';
import { codecs } from './codecs.ts';

export interface Unproven {
  /** Such as `vectors[3].expect.voltage`. */
  readonly path: string;
  readonly zh: string;
  readonly en: string;
}

/** Which alarm rules this frame alone raises, from a fresh state. */
export type RaisedBy = (profile: Profile, decoded: Decoded, at: number) => string[];

type Expected = Vector['expect'][string];

/** Received at this time where a vector names none: 2026-01-01T00:00:00Z. */
const usualTime = Date.UTC(2026, 0, 1);

/** Runs every vector of a profile through the real decoder and, where it names alarms, the real rules. Empty: proven. */
export function proveProfile(profile: Profile, raisedBy: RaisedBy = raisedByRules): Unproven[] {
  const decoder = compile(profile);
  return profile.vectors.flatMap((vector, index) =>
    proveVector(profile, decoder, vector, raisedBy).map(({ path, zh, en }) => ({
      path: `vectors[${index}]${path}`,
      zh: `向量"${vector.name}"：${zh}`,
      en: `Vector "${vector.name}": ${en}`,
    })),
  );
}

function proveVector(profile: Profile, decoder: Decoder, vector: Vector, raisedBy: RaisedBy): Unproven[] {
  const at = vector.at === undefined ? usualTime : Date.parse(vector.at);
  const heard = framesOf(profile, vector.given);
  if ('wrong' in heard) return vector.refuse === true ? [] : [wasRefused(heard.wrong)];
  const split = compileChildren(profile);
  const frames = heard.bodies.flatMap((body) => split({ device: 'vector', at, body }));
  const decoded = together(frames.filter(({ child }) => child === undefined).map((frame) => decoder.decode(frame)));
  const refusal = decoded.refused?.en;
  if (vector.refuse === true) return refusal === undefined ? [notRefused] : [];
  if (refusal !== undefined) return [wasRefused(refusal)];
  return [
    ...proveReadings(vector, decoded.readings),
    ...proveHistory(vector, decoded.readings),
    ...proveEvents(vector, decoded),
    ...proveChildren(vector, frames),
    ...proveUnread(vector, decoded),
    ...(vector.alarms === undefined ? [] : proveAlarms(vector.alarms, raisedBy(profile, decoded, at))),
  ];
}

/** The profile's own rules, from a fresh state. An alarm that every device has (offline) is not the profile's. */
function raisedByRules(profile: Profile, decoded: Decoded, at: number): string[] {
  const { transitions } = evaluate(compileRules(profile), freshState(0), decoded, { at, mono: 0 });
  const raised = transitions.filter(({ kind, alarm }) => kind === 'raised' && Object.hasOwn(profile.alarms, alarm));
  return raised.map(({ alarm }) => alarm);
}

const notRefused: Unproven = {
  path: '.refuse',
  zh: '这一帧应被拒绝，却被接受了。',
  en: 'this frame must be refused, but was taken.',
};

function wasRefused(reason: string): Unproven {
  return { path: '.given', zh: `这一帧被拒绝了（${reason}）。`, en: `this frame was refused (${reason}).` };
}

/** What all frames of one wire frame say; refused where nothing could be read of any of them. */
function together(all: readonly Decoded[]): Decoded {
  const refused = all.every((decoded) => decoded.refused !== undefined) ? all[0]?.refused : undefined;
  const left = all.find((decoded) => decoded.left !== undefined)?.left;
  return {
    readings: all.flatMap(({ readings }) => readings),
    events: all.flatMap(({ events }) => events),
    ...(refused === undefined ? {} : { refused }),
    ...(left === undefined ? {} : { left }),
  };
}

/** The frames a driver would have handed on; `wrong` where it would have thrown the bytes away. */
function framesOf(profile: Profile, given: Vector['given']): { bodies: readonly FrameBody[] } | { wrong: string } {
  if (!('wire' in given)) {
    const body = bodyOf(given);
    return 'wrong' in body ? body : { bodies: [body] };
  }
  const bytes = 'frame' in given ? bytesOf(given.frame) : new TextEncoder().encode(given.text);
  const codec = codecs.get(given.wire);
  if (bytes === undefined) return { wrong: 'not hex' };
  if (codec?.frames === undefined) return { wrong: `no wire ${given.wire}` };
  const heard = codec.frames(profile, bytes);
  return 'refused' in heard ? { wrong: heard.refused.en } : heard;
}

function bodyOf(given: Exclude<Vector['given'], { wire: string }>): FrameBody | { wrong: string } {
  if ('words' in given) return { kind: 'registers', table: given.table, start: given.start, words: given.words };
  if ('bits' in given) return { kind: 'bits', table: given.table, start: given.start, bits: given.bits };
  if ('rtu' in given) return bodyOfRtu(given);
  if ('items' in given) return bodyOfItems(given.items);
  if ('fields' in given) return { kind: 'fields', channel: given.channel, fields: given.fields as Json };
  const payload = payloadOf(given);
  if (payload === undefined) return { wrong: 'not hex' };
  const { channel, topic = '', envelope, retained } = given;
  return { kind: 'message', channel, topic, payload, ...(envelope && { envelope }), ...(retained && { retained }) };
}

function payloadOf(given: { text: string } | { hex: string } | { json?: unknown }): Uint8Array | undefined {
  if ('hex' in given) return bytesOf(given.hex);
  return new TextEncoder().encode('text' in given ? given.text : JSON.stringify(given.json ?? null));
}

function bodyOfItems(hexByKey: Readonly<Record<string, string>>): FrameBody | { wrong: string } {
  const items = Object.entries(hexByKey).map(([key, hex]) => ({ key, bytes: bytesOf(hex) }));
  const isHex = (item: (typeof items)[number]): item is { key: string; bytes: Buffer } => item.bytes !== undefined;
  return items.every(isHex) ? { kind: 'items', items } : { wrong: 'not hex' };
}

function bytesOf(text: string): Buffer | undefined {
  const hex = text.replaceAll(/\s/g, '');
  return /^([0-9a-f]{2})*$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

function bodyOfRtu({ table, start, rtu }: Extract<Vector['given'], { rtu: string }>): FrameBody | { wrong: string } {
  const bytes = bytesOf(rtu);
  if (bytes === undefined) return { wrong: 'not hex' };
  const opened = openRtu(bytes, table);
  if ('wrong' in opened) return opened;
  if ('words' in opened) return { kind: 'registers', table: table === 'input' ? 'input' : 'holding', start, words: opened.words };
  return { kind: 'bits', table: table === 'coil' ? 'coil' : 'discrete', start, bits: opened.bits };
}

function proveReadings(vector: Vector, readings: readonly Reading[]): Unproven[] {
  return Object.entries(vector.expect).flatMap(([point, expected]) => {
    const isHistorical = typeof expected === 'object' && expected?.historical === true;
    const reading = readings.findLast((each) => each.point === point && (each.historical === true) === isHistorical);
    if (reading !== undefined && matches(reading, expected)) return [];
    return [mismatch(`.expect.${point}`, point, expected, reading)];
  });
}

function mismatch(path: string, point: string, expected: Expected, reading: Reading | undefined): Unproven {
  const [want, got] = [JSON.stringify(expected), reading === undefined ? undefined : shown(reading)];
  return {
    path,
    zh: `${point} 应为 ${want}，实际${got === undefined ? '没有读数' : `为 ${got}`}。`,
    en: `${point} should be ${want}, but ${got === undefined ? 'there is no reading' : `is ${got}`}.`,
  };
}

function matches(reading: Reading, expected: Expected): boolean {
  if (expected === null) return reading.value === null;
  if (typeof expected !== 'object') return reading.quality === 'good' && reading.value === expected;
  const { quality, reason, value } = expected;
  return (
    reading.quality === quality &&
    (reason === undefined || reading.reason === reason) &&
    (value === undefined || reading.value === value)
  );
}

function shown({ value, quality, reason }: Reading): string {
  return quality === 'good' ? JSON.stringify(value) : `${JSON.stringify(value)} (${quality}, ${reason ?? ''})`;
}

/** All times that are told of and no other, each with what is expected of it. */
function proveHistory({ history }: Vector, readings: readonly Reading[]): Unproven[] {
  if (history === undefined) return [];
  const kept = readings.filter((each) => each.historical === true);
  const times = (all: readonly number[]): string => [...new Set(all)].sort((a, b) => a - b).join();
  const wanted = history.map(({ at }) => Date.parse(at));
  if (times(wanted) !== times(kept.map(({ deviceAt = Number.NaN }) => deviceAt))) {
    const got = [...new Set(kept.map(({ deviceAt }) => new Date(deviceAt ?? 0).toISOString()))].join(', ');
    return [{ path: '.history', zh: `历史时间与预期不同，实际为 ${got}。`, en: `the times of the history differ, got ${got}.` }];
  }
  return history.flatMap(({ expect }, index) =>
    Object.entries(expect).flatMap(([point, expected]) => {
      const reading = kept.findLast((each) => each.point === point && each.deviceAt === wanted[index]);
      if (reading !== undefined && matches(reading, expected)) return [];
      return [mismatch(`.history[${index}].expect.${point}`, point, expected, reading)];
    }),
  );
}

/** All events and no other, in their order. */
function proveEvents({ events }: Vector, decoded: Decoded): Unproven[] {
  if (events === undefined) return [];
  const isSame =
    events.length === decoded.events.length &&
    events.every(({ type, code, serial, data, at }, index) => {
      const event = decoded.events[index];
      return (
        event?.type === type &&
        (code === undefined || event.code === code) &&
        (serial === undefined || event.serial === serial) &&
        (at === undefined || event.deviceAt === Date.parse(at)) &&
        (data === undefined || isDeepStrictEqual({ ...event.data }, data))
      );
    });
  if (isSame) return [];
  const got = JSON.stringify(
    decoded.events.map(({ type, code, serial, deviceAt, data }) => ({ type, code, serial, deviceAt, data })),
  );
  return [{ path: '.events', zh: `事件与预期不同，实际为 ${got}。`, en: `the events differ, got ${got}.` }];
}

/** All parts that are spoken of, and no other. */
function proveChildren({ children }: Vector, frames: readonly Frame[]): Unproven[] {
  if (children === undefined) return [];
  const got = Object.fromEntries(frames.flatMap(({ child }) => (child === undefined ? [] : [[child.key, child.profile ?? '']])));
  if (isDeepStrictEqual(got, children)) return [];
  const text = JSON.stringify(got);
  return [{ path: '.children', zh: `下级设备与预期不同，实际为 ${text}。`, en: `the parts differ, got ${text}.` }];
}

function proveUnread({ unread }: Vector, { left }: Decoded): Unproven[] {
  if ((unread === true) === (left !== undefined)) return [];
  if (left === undefined)
    return [
      { path: '.unread', zh: '预期有一部分读不出，实际全部读出了。', en: 'a part should be left unread, but all was read.' },
    ];
  return [{ path: '.given', zh: `有一部分没有读（${left.zh}）。`, en: `a part was left unread (${left.en}).` }];
}

function proveAlarms(expected: readonly string[], raised: readonly string[]): Unproven[] {
  const [want, got] = [[...expected].sort().join(', '), [...raised].sort().join(', ')];
  if (want === got) return [];
  return [
    {
      path: '.alarms',
      zh: `应触发的告警：${want || '无'}；实际：${got || '无'}。`,
      en: `should raise ${want || 'nothing'}, raised ${got || 'nothing'}.`,
    },
  ];
}
