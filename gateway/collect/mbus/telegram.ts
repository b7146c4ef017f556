import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { digitsOf } from '../line/framing.ts';
import { readFixed } from './fixed.ts';
import type { MbusFrame } from './frame.ts';
import { type DataRecord, readRecords } from './records.ts';

/** 应答帧 RSP_UD, taken apart. */
export interface Telegram {
  /** Identification number, eight digits; empty where the answer has no header. */
  readonly id: string;
  /** Three letters; empty where the answer names none. */
  readonly manufacturer: string;
  readonly version: number;
  readonly medium: number;
  readonly access: number;
  readonly status: number;
  readonly records: readonly DataRecord[];
  readonly hasMore: boolean;
  readonly own: Uint8Array;
  readonly broken?: string;
  readonly isFixed: boolean;
}

export interface Unreadable {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** CI of an answer (EN 13757-3). */
export const information = { variable: 0x72, fixed: 0x73, noHeader: 0x78, shortHeader: 0x7a } as const;

/** Header bytes behind CI: identification 4, manufacturer 2, version, medium, access, status, configuration 2. */
const longHeader = 12;
const shortHeader = 4;

export function readTelegram(frame: Extract<MbusFrame, { kind: 'long' }>): Telegram | { readonly unreadable: Unreadable } {
  const { data } = frame;
  switch (frame.information) {
    case information.variable:
      return data.length < longHeader ? tooShort() : withLongHeader(data);
    case information.shortHeader:
      if (data.length < shortHeader) return tooShort();
      return isEncrypted(data[3] as number)
        ? encrypted
        : telegram(nobody, data[0] as number, data[1] as number, data.subarray(shortHeader));
    case information.noHeader:
      return telegram(nobody, 0, 0, data);
    case information.fixed:
      return fixedTelegram(data);
    default:
      return { unreadable: unknownInformation(frame.information) };
  }
}

type Identity = Pick<Telegram, 'id' | 'manufacturer' | 'version' | 'medium'>;
const nobody: Identity = { id: '', manufacturer: '', version: 0, medium: 0 };

function withLongHeader(data: Uint8Array): Telegram | { readonly unreadable: Unreadable } {
  if (isEncrypted(data[11] as number)) return encrypted;
  const identity = {
    id: digitsOf(data.subarray(0, 4)),
    manufacturer: lettersOf((data[4] as number) | ((data[5] as number) << 8)),
    version: data[6] as number,
    medium: data[7] as number,
  };
  return telegram(identity, data[8] as number, data[9] as number, data.subarray(longHeader));
}

function telegram(identity: Identity, access: number, status: number, data: Uint8Array): Telegram {
  const { records, hasMore, own, broken } = readRecords(data);
  return { ...identity, access, status, records, hasMore, own, isFixed: false, ...(broken === undefined ? {} : { broken }) };
}

function fixedTelegram(data: Uint8Array): Telegram | { readonly unreadable: Unreadable } {
  const fixed = readFixed(data);
  if (fixed === undefined) return tooShort();
  const { id, access, status, medium, records } = fixed;
  return {
    id,
    manufacturer: '',
    version: 0,
    medium,
    access,
    status,
    records,
    hasMore: false,
    own: new Uint8Array(),
    isFixed: true,
  };
}

/** Mode of the configuration field: 0 is plain (EN 13757-3; older meters leave it 0). */
function isEncrypted(configurationHigh: number): boolean {
  return (configurationHigh & 0x1f) !== 0;
}

const encrypted = {
  unreadable: {
    code: 'encrypted',
    zh: '这块表的应答是加密的；请在表上关闭加密，或向厂家索取明文模式。',
    en: 'The answer of this meter is encrypted; switch encryption off at the meter or ask the maker for its plain mode.',
  },
};

function tooShort(): { readonly unreadable: Unreadable } {
  return { unreadable: { code: 'too-short', zh: '应答里没有完整的表头。', en: 'The answer holds no whole header.' } };
}

function unknownInformation(ci: number): Unreadable {
  const hex = ci.toString(16).toUpperCase().padStart(2, '0');
  return { code: 'unknown-information', zh: `不认识的应答类型 CI ${hex}。`, en: `An answer of an unknown kind, CI ${hex}.` };
}

/** 制造商代码: five bits a letter, A is 1 (EN 13757-3). `EFE`. */
export function lettersOf(code: number): string {
  const letters = [(code >> 10) & 0x1f, (code >> 5) & 0x1f, code & 0x1f];
  return letters.map((letter) => (letter >= 1 && letter <= 26 ? String.fromCharCode(64 + letter) : '?')).join('');
}

/** Media by code (EN 13757-3), as they stand in the fields. */
const media: Readonly<Record<number, string>> = {
  0x00: 'other',
  0x01: 'oil',
  0x02: 'electricity',
  0x03: 'gas',
  0x04: 'heat-outlet',
  0x05: 'steam',
  0x06: 'warm-water',
  0x07: 'water',
  0x08: 'heat-cost-allocator',
  0x09: 'compressed-air',
  0x0a: 'cooling-outlet',
  0x0b: 'cooling-inlet',
  0x0c: 'heat-inlet',
  0x0d: 'heat-cooling',
  0x0e: 'bus',
  0x0f: 'unknown',
  0x15: 'hot-water',
  0x16: 'cold-water',
  0x17: 'dual-water',
  0x18: 'pressure',
  0x19: 'ad-converter',
  0x1a: 'smoke',
  0x1b: 'room-sensor',
  0x1c: 'gas-detector',
  0x20: 'breaker',
  0x21: 'valve',
};

/** The four bits of the fixed structure name some media otherwise. */
const fixedMedia: Readonly<Record<number, string>> = {
  0x0a: 'gas',
  0x0b: 'heat-outlet',
  0x0c: 'warm-water',
  0x0d: 'water',
  0x0e: 'heat-cost-allocator',
};

export function mediumOf({ medium, isFixed }: Pick<Telegram, 'medium' | 'isFixed'>): string {
  return (
    (isFixed ? fixedMedia[medium] : undefined) ?? media[medium] ?? `medium-${medium.toString(16).toUpperCase().padStart(2, '0')}`
  );
}

/** 状态字节 (EN 13757-3). */
export interface Status {
  readonly error: 'none' | 'busy' | 'error' | 'alarm';
  readonly isPowerLow: boolean;
  readonly isPermanent: boolean;
  readonly isTemporary: boolean;
}

export function statusOf(status: number): Status {
  const errors = ['none', 'busy', 'error', 'alarm'] as const;
  return {
    error: errors[status & 3] ?? 'none',
    isPowerLow: (status & 4) !== 0,
    isPermanent: (status & 8) !== 0,
    isTemporary: (status & 0x10) !== 0,
  };
}

/**
 * The fields of all telegrams of one reading, for the paths of a profile: `$.values['volume.inst.0']`, `$.id`,
 * `$.powerLow`. The first telegram names the meter; a record that comes again keeps its first value.
 */
export function fieldsOf(telegrams: readonly Telegram[]): Json {
  const [first] = telegrams;
  if (first === undefined) return { values: {} };
  const values: Record<string, Json> = {};
  for (const { records } of telegrams) for (const { key, value } of records) if (!Object.hasOwn(values, key)) values[key] = value;
  const { id, manufacturer, version, access, status } = first;
  const identity = { id, manufacturer, version, medium: mediumOf(first), access, status };
  const { error, isPowerLow, isPermanent, isTemporary } = statusOf(status);
  const health = { powerLow: isPowerLow, permanentError: isPermanent, temporaryError: isTemporary };
  // In the fixed structure the two lowest bits say how the counters are written.
  return first.isFixed ? { ...identity, ...health, values } : { ...identity, error, ...health, values };
}
