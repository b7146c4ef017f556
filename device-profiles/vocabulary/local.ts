import { z } from 'zod';
import type { LocalCommand, LocalOrder } from './local-order.ts';
import type { Category } from './profile.ts';
import type { Value } from './reading.ts';
import type { Severity } from './severity.ts';
import type { Text } from './text.ts';
import type { Availability } from './transition.ts';
import type { PointView } from './view.ts';

/** What the gateway's own page asks and is told. Times are milliseconds since 1970 UTC. */

/** 登录: `setup`: nobody has chosen a password yet, and the setup code is asked for. */
export interface LocalSession {
  readonly state: 'setup' | 'signed-out' | 'signed-in';
  readonly gateway: { readonly id: string; readonly name: Text };
  /** Sent back as header `x-csrf-token` with every unsafe request; null while nobody is signed in. */
  readonly csrf: string | null;
}

/** Of any characters: rules about their kinds make passwords that are written on the gateway's lid. */
const Password = z.string().min(1).max(256);

export const LocalSetup = z.strictObject({ code: z.string().min(1).max(32), password: Password });
export type LocalSetup = z.infer<typeof LocalSetup>;

export const LocalSignIn = z.strictObject({ password: Password });
export type LocalSignIn = z.infer<typeof LocalSignIn>;

export interface LocalPort {
  readonly id: string;
  readonly driver: string;
  readonly wire: 'up' | 'connecting' | 'down';
  readonly reason: Text | null;
  /** What people should know of it though it works. */
  readonly notes: readonly Text[];
  readonly devices: number;
  /** Devices whose last attempt was answered. */
  readonly heard: number;
  /** 线路时间预算: of each second of a shared line, the milliseconds that its polls need; null where its wire carries whatever is asked. */
  readonly busyMs: number | null;
  /** The last things it did not take, oldest first. */
  readonly refused: readonly { readonly at: number; readonly what: string; readonly why: string }[];
}

export interface LocalOverview {
  readonly at: number;
  readonly startedAt: number;
  readonly gateway: { readonly id: string; readonly name: Text };
  readonly version: string;
  readonly health: 'ok' | 'degraded' | 'failing';
  readonly problems: readonly Text[];
  readonly clock: 'uptime' | 'system' | 'own';
  readonly ports: readonly LocalPort[];
  readonly devices: Readonly<Record<Availability, number>>;
  /** Orders that wait for a second person. */
  readonly waiting: readonly LocalOrder[];
  /** Null where the site file says `uplink: off`, or before the gateway is claimed. */
  readonly uplink: {
    readonly wire: string;
    readonly reason: Text | null;
    readonly buffered: { readonly alarm: number; readonly telemetry: number };
  } | null;
  readonly log: { readonly bytes: number; readonly full: boolean };
  readonly history: { readonly kind: string; readonly state: string; readonly buffered: number };
}

export const LocalDevicesQuery = z.strictObject({
  q: z.string().max(64).default(''),
  port: z.string().max(64).default(''),
});

export interface LocalDevices {
  readonly at: number;
  readonly total: number;
  /** As many as a page shows; `matching` says how many there are. */
  readonly matching: number;
  readonly devices: readonly LocalDeviceRow[];
}

export interface LocalDeviceRow {
  readonly id: string;
  readonly name: Text;
  readonly place: Text | null;
  readonly port: string;
  readonly profile: string;
  readonly category: Category;
  readonly availability: Availability;
  readonly heardAt: number | null;
  /** Failed attempts in a row. */
  readonly failures: number;
  readonly headline: readonly LocalValue[];
  readonly alarms: readonly { readonly alarm: string; readonly name: Text; readonly severity: Severity }[];
}

export interface LocalValue {
  readonly point: string;
  readonly name: Text;
  readonly value: Value;
  readonly valueName: Text | null;
  readonly symbol: string;
  readonly quality: PointView['quality'];
}

/** A value beside where it comes from: the registers, the item or the message of the device. */
export interface LocalPoint extends LocalValue {
  readonly reason: PointView['reason'];
  readonly at: number | null;
  /** As its maker's manual has it: `holding 0x2006 · f32 CDAB`. */
  readonly source: string;
}

/** One question and answer, or one message, as it was on the wire. */
export interface LocalExchange {
  readonly at: number;
  readonly sent?: string;
  readonly heard?: string;
  readonly tookMs?: number;
  readonly note?: Text;
}

/** 诊断: the one cause that speaks for why a device gives nothing, and what to try next. `speaks`: nothing is wrong. */
export interface LocalDiagnosis {
  readonly cause: string;
  readonly text: Text;
  readonly next: Text;
}

/** One step of an alarm test; `ms` since the alarm was made, null where nobody knows. `text`: why it failed. */
export interface LocalAlarmTestStep {
  readonly step: 'kept' | 'uplink' | 'acknowledged' | 'shown' | 'answered' | 'unanswered' | 'failed' | 'cleared';
  readonly ms: number | null;
  readonly text: Text | null;
  /** Whose screen showed it, and who acknowledged it. */
  readonly by: string | null;
}

/** 告警试验 as far as it has come. */
export interface LocalAlarmTest {
  readonly device: string;
  readonly at: number;
  readonly isOver: boolean;
  readonly steps: readonly LocalAlarmTestStep[];
}

export interface LocalDevice extends LocalDeviceRow {
  readonly at: number;
  readonly profileName: Text;
  readonly maker: Text;
  readonly model: string;
  readonly driver: string;
  /** Where it stands on its wire, without secrets: `unit 11`. */
  readonly address: string;
  readonly fault: string | null;
  readonly breaker: 'closed' | 'open' | 'probing' | null;
  readonly wire: LocalPort['wire'];
  readonly wireReason: Text | null;
  readonly diagnosis: LocalDiagnosis;
  /** The last alarm test of this device; null where another was tested since, or none. */
  readonly alarmTest: LocalAlarmTest | null;
  /** What it can be told, and what it was told last, newest first. */
  readonly commands: readonly LocalCommand[];
  readonly orders: readonly LocalOrder[];
  readonly points: readonly LocalPoint[];
  /** Newest first. */
  readonly exchanges: readonly LocalExchange[];
}

export const LocalProfilesQuery = z.strictObject({ q: z.string().max(64).default(''), protocol: z.string().max(32).default('') });

export interface LocalProfile {
  readonly id: string;
  readonly name: Text;
  readonly maker: Text;
  readonly model: string;
  readonly category: Category;
  readonly protocol: string;
  readonly tier: 'bronze' | 'silver' | 'gold';
  readonly points: number;
  readonly alarms: number;
  readonly params: readonly {
    readonly id: string;
    readonly name: Text;
    readonly symbol: string;
    readonly default: number;
    readonly min: number;
    readonly max: number;
    readonly ask: boolean;
  }[];
  readonly variants: readonly { readonly id: string; readonly name: Text }[];
}

export interface LocalProfiles {
  readonly total: number;
  readonly matching: number;
  readonly profiles: readonly LocalProfile[];
}

export const LocalDecode = z.strictObject({
  text: z.string().min(1).max(65_536),
  /** The word of `--wire`; without it all wires are tried. */
  wire: z.string().max(32).optional(),
});
export type LocalDecode = z.infer<typeof LocalDecode>;

export interface LocalFrame {
  readonly hex: string;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly zh?: string; readonly en?: string }[];
}

export interface LocalDecoded {
  /** Null where no wire can read it. */
  readonly wire: string | null;
  /** The other wires that can read some of it. */
  readonly also: readonly string[];
  readonly wires: readonly string[];
  readonly frames: readonly LocalFrame[];
  /** What belongs to no frame, and why. */
  readonly rest: readonly { readonly hex: string; readonly why: Text }[];
}

/** A line that can be looked for devices on: a port of the site file, or a serial port of this machine that none has. */
export interface LocalLine {
  /** `/dev/serial/by-id/…`, or `10.0.0.9:4196`. */
  readonly place: string;
  /** The port of the site file that owns it. */
  readonly port: string | null;
  readonly devices: number;
}

const LinePlaceText = z.string().regex(/^(\/dev\/[\w./:+-]{1,200}|[\w.[\]:-]{1,120}:\d{1,5})$/, 'must be /dev/… or host:port');

export const LocalScanRequest = z.strictObject({
  place: LinePlaceText,
  /** Modbus addresses. */
  from: z.number().int().min(1).max(247).default(1),
  to: z.number().int().min(1).max(247).default(32),
});
export type LocalScanRequest = z.infer<typeof LocalScanRequest>;

export interface LocalFound {
  readonly wire: string;
  readonly address: Readonly<Record<string, string | number>>;
  readonly kind: string;
  readonly profiles: readonly string[];
  /** `9600 8N1`; null behind a serial server, which alone knows. */
  readonly shape: string | null;
  readonly tookMs: number;
  /** The device of the site file at this address. */
  readonly known: string | null;
}

/** 扫描 as it stands: what it asks now, whom it has found, and how it ended. */
export interface LocalScan {
  readonly place: string;
  readonly state: 'listening' | 'asking' | 'done' | 'stopped' | 'failed';
  /** When it began, and how long it takes when nobody answers. */
  readonly at: number;
  readonly atMostMs: number;
  readonly asking: string | null;
  readonly done: number;
  readonly of: number;
  readonly found: readonly LocalFound[];
  /** Answers that could not be read. */
  readonly noise: number;
  /** Why it failed, or why nothing was asked. */
  readonly reason: Text | null;
}

export const LocalProbeRequest = z.strictObject({
  /** A line, or the Modbus TCP port of the site file. */
  place: z.union([LinePlaceText, z.string().regex(/^port:[a-z0-9][a-z0-9._-]{0,63}$/)]),
  unit: z.number().int().min(0).max(255),
  table: z.enum(['holding', 'input']),
  at: z.number().int().min(0).max(0xffff),
  count: z.number().int().min(1).max(64),
});
export type LocalProbeRequest = z.infer<typeof LocalProbeRequest>;

export interface LocalGuess {
  readonly type: string;
  readonly order: string;
  readonly value: string | null;
  /** 0…1. */
  readonly score: number;
  readonly mark: Text | null;
}

export interface LocalProbe {
  /** Every address that could be read, with every way to read what stands there, the most plausible first. */
  readonly registers: readonly { readonly at: number; readonly hex: string; readonly guesses: readonly LocalGuess[] }[];
  readonly refused: readonly { readonly at: number; readonly exception: number }[];
}
