import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';

/** "DNY": e-bike charging piles (电动自行车充电桩) that dial in, directly or through a host with others behind it. */
export const DnyTransport = z.strictObject({ protocol: z.literal('dny') });
export type DnyTransport = z.output<typeof DnyTransport>;

/** `pile` and `port`: state; `host`: of a host with others behind it; `alarm`, `charge`: events; `unknown`: kept as it came. */
const dnyChannels = ['pile', 'port', 'host', 'alarm', 'charge', 'unknown'] as const;
export type DnyChannel = (typeof dnyChannels)[number];

const argument = z.string().regex(/^\{[a-z0-9][a-z0-9._-]{0,63}\}$/, 'must be {argument}');

export const DnyCommand = z.discriminatedUnion('send', [
  /** 查询设备状态 (0x81): the pile reports at once. */
  z.strictObject({ send: z.literal('query') }),
  /** 声光寻找 (0x96), seconds. */
  z.strictObject({ send: z.literal('locate'), seconds: z.union([z.number().int().min(1).max(255), argument]) }),
  /** 停止充电 (0x82) at a port, counted from 1. */
  z.strictObject({ send: z.literal('stop'), port: z.union([z.number().int().min(1).max(32), argument]) }),
]);
export type DnyCommand = z.output<typeof DnyCommand>;

export const protocol: Protocol<DnyTransport> = {
  name: 'dny',
  transport: DnyTransport,
  values: 'messages',
  isPolled: false,
  command: DnyCommand,
  check: (profile) => checkMessages(profile, dnyChannels),
  channels: () => dnyChannels,
};
