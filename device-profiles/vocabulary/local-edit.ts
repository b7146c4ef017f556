import { z } from 'zod';
import { Severity } from './severity.ts';
import type { Text } from './text.ts';
import type { SiteChangeState } from './site-change.ts';

/** What an installer changes of the site from the gateway's own page, and what a device is set to. */

const Id = z.string().min(1).max(64);
const Name = z.string().trim().min(1).max(120);
const Address = z.record(z.string().max(64), z.union([z.string().max(256), z.number()]));
const PlaceWord = z.enum(['building', 'unit', 'floor', 'room', 'note']);

/** A limit of one alarm rule of one device; what is null goes back to the profile's own. */
const AlarmEdit = z.strictObject({
  limit: z.number().nullable().optional(),
  clear: z.number().nullable().optional(),
  /** Seconds. */
  forS: z.number().int().min(0).max(999_999).nullable().optional(),
  severity: Severity.nullable().optional(),
  off: z.boolean().nullable().optional(),
});

const Params = z.record(Id, z.number().nullable());
const Alarms = z.record(Id, AlarmEdit);

/** It may give no answer, because it is not wired yet: the change is kept all the same. */
const mayBeSilent = z.boolean().optional();

/** The driver's own schema says what an address must be, the profile which parameters and rules there are. */
export const LocalSiteEdit = z.union([
  z.strictObject({
    add: z.strictObject({
      id: Id,
      name: Name,
      profile: z.string().min(1).max(120),
      port: Id,
      address: Address,
      place: z.record(z.string().max(16), z.string().max(64)),
    }),
    /** The port comes with its device, where the network was scanned and the site has none there. */
    newPort: z
      .strictObject({
        driver: z.enum(['modbus', 'line']),
        host: z.string().min(1).max(253),
        port: z.number().int().min(1).max(65_535),
      })
      .optional(),
    mayBeSilent,
  }),
  z.strictObject({
    /** Only what shall differ. */
    change: z.strictObject({
      id: Id,
      name: Name.optional(),
      port: Id.optional(),
      /** Words of the address; those that are not named stay, among them its secrets. */
      address: Address.optional(),
      /** An empty word is taken out. */
      place: z.partialRecord(PlaceWord, z.string().max(120)).optional(),
      params: Params.optional(),
      alarms: Alarms.optional(),
      /** 下级设备 of one kind, by their profile. */
      parts: z
        .record(z.string().min(1).max(120), z.strictObject({ params: Params.optional(), alarms: Alarms.optional() }))
        .optional(),
    }),
    mayBeSilent,
  }),
  z.strictObject({ remove: Id }),
  /** 补发口令: a fresh secret for a device that has lost its own, which ends with it. */
  z.strictObject({ reissue: Id }),
]);
export type LocalSiteEdit = z.infer<typeof LocalSiteEdit>;
/** What of it a site file is edited by; a secret that is issued anew comes as a change with its hash. */
export type LocalDeviceEdit = Exclude<LocalSiteEdit, { reissue: string }>;
export type LocalDeviceChange = Extract<LocalSiteEdit, { change: object }>['change'];

/** 设定 of one device, as its form begins. */
export interface LocalSettings {
  readonly id: string;
  readonly name: string;
  readonly port: string;
  /** Ports whose driver its profile can be on. */
  readonly ports: readonly string[];
  readonly place: Readonly<Partial<Record<z.infer<typeof PlaceWord>, string>>>;
  /** Without secrets. */
  readonly address: Readonly<Record<string, string | number>>;
  /** What it logs in as with the secret it was given; null where it was given none. */
  readonly login: string | null;
  readonly params: readonly LocalParam[];
  readonly alarms: readonly LocalAlarmSetting[];
  /** 下级设备: what parts of it can be, each kind with what is set for all of it. */
  readonly parts: readonly LocalPartSettings[];
}

export interface LocalPartSettings {
  /** Of the profile that they have. */
  readonly id: string;
  readonly name: Text;
  readonly params: readonly LocalParam[];
  readonly alarms: readonly LocalAlarmSetting[];
}

export interface LocalParam {
  readonly id: string;
  readonly name: Text;
  readonly symbol: string;
  /** Null: the profile's own, `default`. */
  readonly value: number | null;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** The default is a stand-in: a site must say its own. */
  readonly ask: boolean;
  /** 条款: the clause or manual page the default comes from. */
  readonly ref: string | null;
}

/** A rule with a limit, or one that can only be late, graver or off. */
export interface LocalAlarmSetting {
  readonly id: string;
  readonly name: Text;
  /** 条款: the clause the limit comes from. */
  readonly ref: string | null;
  /** `null`: it has no limit. */
  readonly compares: 'above' | 'below' | null;
  readonly symbol: string;
  /** As the profile has it, with this device's parameters. */
  readonly usual: {
    readonly limit: number | null;
    readonly clear: number | null;
    readonly forS: number;
    readonly severity: Severity;
  };
  /** What the site file says instead. */
  readonly own: {
    readonly limit: number | null;
    readonly clear: number | null;
    readonly forS: number | null;
    readonly severity: Severity | null;
    readonly off: boolean;
  };
}

interface LocalLineShare {
  readonly percent: number;
  readonly likelyPercent: number;
}

/** What a device that connects by itself proves who it is with. */
export interface LocalPaired {
  readonly login: string;
  /** In the one answer that begins the change, and nowhere else. */
  readonly secret: string;
  /** 上报地址: of an HTTP device whose path holds its secret: behind the gateway's own address. */
  readonly posts: readonly LocalPost[];
}

/** `https` or `http`, the gateway's port, and the path with the secret in it. */
export interface LocalPost {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly path: string;
}

/** A change that has begun, with the secret that was issued for its device; null where it needs none. */
export interface LocalBegun extends LocalChange {
  readonly paired: LocalPaired | null;
}

/** The plan of a change port by port, or every problem of the site file as it would be. */
export interface LocalPlanned {
  readonly plan: {
    /** Nothing is different in what the gateway does. */
    readonly isEmpty: boolean;
    readonly ports: readonly {
      readonly id: string;
      readonly change: 'added' | 'removed' | 'changed' | 'untouched';
      readonly devices: {
        readonly added: readonly string[];
        readonly removed: readonly string[];
        readonly changed: readonly string[];
      };
      /** 线路时间预算; null where the wire carries whatever is asked. */
      readonly budget: { readonly before: LocalLineShare | null; readonly after: LocalLineShare | null };
    }[];
    /** 差异: the lines of the site file that go and come, without secrets. */
    readonly lines: readonly { readonly sign: '-' | '+'; readonly text: string }[];
  } | null;
  /** What the device will log in as with a secret that applying the plan issues; null where it needs none. */
  readonly login: string | null;
  readonly problems: readonly { readonly path: string; readonly zh: string; readonly en: string }[];
}

/** 变更 under way, or the last one. */
export interface LocalChange {
  readonly id: string;
  readonly state: SiteChangeState;
  readonly at: number;
  /** What is not seen yet, while it is verified. */
  readonly missing: readonly { readonly zh: string; readonly en: string }[];
  readonly leftMs: number;
  /** Why it was rolled back; null otherwise. */
  readonly reason: { readonly zh: string; readonly en: string } | null;
}
