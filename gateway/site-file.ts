import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { isZone } from '@yihu/device-profiles/library/zone.ts';
import { Zone } from '@yihu/device-profiles/vocabulary/message.ts';
import { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';
import { InterlockSection, LinkageSection, Name } from './act/settings.ts';
import { limits } from './limits.ts';

/** 告警改动 of one rule: what is not named is the profile's. */
const OverrideSection = z.record(
  Id,
  z.strictObject({
    limit: z.number().optional(),
    clear: z.number().optional(),
    for: Duration.optional(),
    severity: Severity.optional(),
    off: z.boolean().optional(),
  }),
);

/** 现场文件 `gateway.yaml`: checked at once, every problem in one list, before anything starts. */

export const HistorySection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('embedded'), days: z.number().int().min(1).max(3_650).default(30) }),
  z.strictObject({
    kind: z.literal('influxdb'),
    url: z.url(),
    database: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    username: z.string().optional(),
    passwordFile: z.string().optional(),
  }),
]);

export const SiteFile = z.strictObject({
  schema: z.literal('yihu-site/1'),
  gateway: z.strictObject({
    id: Id,
    name: Name,
    /** 时区 of devices whose times name none. Default: +08:00. */
    zone: Zone.refine(
      isZone,
      '应为时区，如 +08:00 或 Asia/Shanghai / must be a time zone such as +08:00 or Asia/Shanghai',
    ).optional(),
  }),
  /** Folder for the log, the history and the identity; relative to the site file. */
  data: z.string().min(1).default('data'),
  /** Local API: /health, /metrics. `null` for none. */
  listen: z
    .string()
    .regex(
      /^(\[[0-9a-fA-F:.]+\]|[^:\s/]+):\d{1,5}$/,
      '应写成 主机:端口，如 127.0.0.1:8610 / must be host:port, e.g. 127.0.0.1:8610',
    )
    .refine((text) => !(Number(text.slice(text.lastIndexOf(':') + 1)) > 65_535), '端口最大 65535 / a port is at most 65535')
    .nullable()
    .default('127.0.0.1:8610'),
  /** `off`: this gateway works alone. Otherwise it uses the identity that `yihu-gateway claim` stored. */
  uplink: z.enum(['on', 'off']).default('on'),
  /** 个人信息: what profiles call personal becomes a pseudonym by a key of this gateway, or is left out. */
  privacy: z.enum(['pseudonym', 'drop']).default('pseudonym'),
  store: z
    .strictObject({
      maxMegabytes: z
        .number()
        .int()
        .min(16)
        .max(1_000_000)
        .default(limits.storeBytes / 1024 / 1024),
    })
    .prefault({}),
  network: z
    .strictObject({
      /** The only addresses the gateway contacts by itself for pictures, events and commands of cameras and terminals. */
      subnets: z
        .array(z.union([z.cidrv4(), z.cidrv6()]))
        .max(64)
        .default([]),
    })
    .prefault({}),
  history: HistorySection.prefault({ kind: 'embedded' }),
  /** 快照: pictures of alarms, in `snapshots` under the data folder. */
  snapshots: z
    .strictObject({
      keepDays: z.number().int().min(1).max(365).default(7),
      maxMegabytes: z.number().int().min(8).max(100_000).default(256),
      /** Which camera looks at which place: asked when a device there has an alarm and names no camera of its own. */
      cameras: z
        .array(z.strictObject({ camera: Id, place: Place.omit({ note: true }) }))
        .max(limits.siteDevices)
        .default([]),
    })
    .prefault({}),
  /** Folders with profiles of this site, beside the library. */
  profiles: z.array(z.string()).default([]),
  ports: z.array(z.looseObject({ id: Id, driver: z.string() })).max(limits.sitePorts),
  devices: z
    .array(
      z.strictObject({
        id: Id,
        profile: z.string(),
        variant: z.string().optional(),
        port: z.string(),
        address: z.unknown(),
        name: Name,
        place: Place.prefault({}),
        /** 上级设备: the recorder, bus coupler or power feed it hangs on; while that is down, its silence is no alarm of its own. */
        parent: Id.optional(),
        /** 安装参数 of its profile: the height of a tank, a threshold; in the unit that the profile says. */
        params: z.record(Id, z.number()).default({}),
        /** 检修: its alarms set nothing off, and linkage leaves it alone. */
        maintenance: z.boolean().default(false),
        /** The camera that is asked for a picture when this device has an alarm; `off`: none, whatever looks there. */
        snapshot: z.union([z.literal('off'), z.strictObject({ camera: Id })]).optional(),
        alarms: OverrideSection.default({}),
        /** 下级设备 of one kind, by the profile that they have: detectors behind a panel, ports of a charging pile. */
        parts: z
          .record(
            z.string().min(1).max(120),
            z.strictObject({ params: z.record(Id, z.number()).default({}), alarms: OverrideSection.default({}) }),
          )
          .default({}),
      }),
    )
    .max(limits.siteDevices),
  /** 联动: what alarms have devices do without the cloud. */
  linkage: z.array(LinkageSection).max(limits.linkageRules).default([]),
  /** 联锁: while something is so, commands are not sent, whoever gives them. */
  interlocks: z.array(InterlockSection).max(limits.linkageRules).default([]),
});

/** What can still be told from a file whose frame is wrong: enough of each port and device to check it on its own. */
const AnyFrame = z.looseObject({
  gateway: z.object({ zone: Zone.refine(isZone).optional().catch(undefined) }).catch({}),
  ports: z.array(z.looseObject({ id: z.string(), driver: z.string() }).nullable().catch(null)).catch([]),
  devices: z
    .array(
      z
        .object({
          id: z.string(),
          profile: z.string(),
          variant: z.string().optional().catch(undefined),
          port: z.string(),
          address: z.unknown(),
          name: Name.catch({ zh: '-' }),
          place: Place.catch({}),
          params: z.record(z.string(), z.number()).catch({}),
          maintenance: z.boolean().catch(false),
          snapshot: SiteFile.shape.devices.element.shape.snapshot.catch(undefined),
          alarms: SiteFile.shape.devices.element.shape.alarms.catch({}),
          parts: SiteFile.shape.devices.element.shape.parts.catch({}),
        })
        .nullable()
        .catch(null),
    )
    .catch([]),
  linkage: z.array(LinkageSection.nullable().catch(null)).catch([]),
  interlocks: z.array(InterlockSection.nullable().catch(null)).catch([]),
  snapshots: SiteFile.shape.snapshots.catch(SiteFile.shape.snapshots.parse(undefined)),
});

export type DeviceSection = z.output<typeof SiteFile>['devices'][number];
export type Overrides = DeviceSection['alarms'];

export type SnapshotSection = z.output<typeof SiteFile>['snapshots'];

export interface Frame {
  readonly gateway: { readonly zone?: string | undefined };
  readonly ports: readonly (z.output<typeof SiteFile>['ports'][number] | null)[];
  readonly devices: readonly (DeviceSection | null)[];
  readonly linkage: readonly (LinkageSection | null)[];
  readonly interlocks: readonly (InterlockSection | null)[];
  readonly snapshots: SnapshotSection;
}

/** The sections are checked even where the frame around them is wrong, so that one run shows everything. */
export function partialFrame(value: unknown): Frame {
  const parsed = AnyFrame.safeParse(value);
  if (parsed.success) return parsed.data;
  return {
    gateway: {},
    ports: [],
    devices: [],
    linkage: [],
    interlocks: [],
    snapshots: SiteFile.shape.snapshots.parse(undefined),
  };
}
