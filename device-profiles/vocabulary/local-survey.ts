import { z } from 'zod';
import type { Text } from './text.ts';

/** 扫描网络 from the gateway's own page: a range of addresses, the topics of an MQTT broker, cameras. */

const Subnets = z.array(z.cidrv4()).min(1).max(8);

export const LocalSurveyRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tcp'),
    subnets: Subnets,
    /** Default: those that Modbus and serial servers usually have. */
    ports: z.array(z.number().int().min(1).max(65_535)).max(12).optional(),
  }),
  z.strictObject({
    kind: z.literal('mqtt'),
    url: z.string().regex(/^mqtts?:\/\/[^/\s@]{1,253}$/, 'must be mqtt://host:port or mqtts://host:port'),
    username: z.string().max(256).optional(),
    password: z.string().max(256).optional(),
    seconds: z.number().int().min(5).max(3_600).default(30),
  }),
  z.strictObject({ kind: z.literal('cameras'), subnets: Subnets }),
  /** 配对窗口 of a zigbee2mqtt bridge: opened, and closed when the survey is stopped. */
  z.strictObject({
    kind: z.literal('zigbee'),
    url: z.string().regex(/^mqtts?:\/\/[^/\s@]{1,253}$/, 'must be mqtt://host:port or mqtts://host:port'),
    username: z.string().max(256).optional(),
    password: z.string().max(256).optional(),
    base: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be the base topic of the bridge')
      .default('zigbee2mqtt'),
    seconds: z.number().int().min(5).max(254).default(120),
  }),
]);
export type LocalSurveyRequest = z.infer<typeof LocalSurveyRequest>;

/** Where one may look: subnets that the site declares, those of this machine, and brokers that the site knows. */
export interface LocalSurveyPlaces {
  readonly declared: readonly string[];
  readonly own: readonly string[];
  readonly brokers: readonly string[];
}

/** How what was found can be taken into the site. */
export interface LocalSurveyAdd {
  /** The port of the site it is on; where it has none yet, what one would be. */
  readonly port: string;
  readonly newPort: { readonly driver: 'modbus' | 'line'; readonly host: string; readonly port: number } | null;
  readonly address: Readonly<Record<string, string | number>>;
  readonly profile: string;
}

export interface LocalSurveyFound {
  /** `192.168.1.40:502`, the name of a device, a camera's address. */
  readonly name: string;
  readonly what: Text;
  readonly profiles: readonly string[];
  /** The device or the port of the site file that it is already. */
  readonly known: { readonly device: string } | { readonly port: string } | null;
  /** Null where it cannot be taken in from here. */
  readonly add: LocalSurveyAdd | null;
}

/** A survey as it stands. */
export interface LocalSurvey {
  readonly kind: LocalSurveyRequest['kind'];
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  /** When it began, and how long it takes at most. */
  readonly at: number;
  readonly atMostMs: number;
  /** Of what can be counted; both 0 where nothing can. */
  readonly done: number;
  readonly of: number;
  readonly found: readonly LocalSurveyFound[];
  /** More was heard than is shown, or nothing that is known; null: nothing to say. */
  readonly note: Text | null;
  /** Why it failed. */
  readonly reason: Text | null;
}
