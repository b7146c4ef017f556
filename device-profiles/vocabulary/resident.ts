import { z } from 'zod';
import type { Text } from './text.ts';

const time = z.number().int();

/** 随手报: what a resident reports. Life and fire are no report: those are an SOS and a telephone call. */
export const reportKinds = {
  hazard: { zh: '安全隐患', en: 'Something dangerous' },
  leak: { zh: '漏水', en: 'Water leaks' },
  broken: { zh: '设施坏了', en: 'Something is broken' },
  dirty: { zh: '环境脏乱', en: 'Dirt or rubbish' },
  help: { zh: '需要上门帮忙', en: 'I need a hand at home' },
  other: { zh: '其他', en: 'Something else' },
} as const satisfies Record<string, Text>;
export const ReportKind = z.enum(Object.keys(reportKinds) as [keyof typeof reportKinds, ...(keyof typeof reportKinds)[]]);
export type ReportKind = z.infer<typeof ReportKind>;

/** Where it is, seen from the home the link belongs to. */
export const reportPlaces = {
  home: { zh: '我家里', en: 'In my home' },
  stairs: { zh: '楼道里', en: 'In the stairwell' },
  yard: { zh: '小区里', en: 'In the yard' },
} as const satisfies Record<string, Text>;
export const ReportPlace = z.enum(Object.keys(reportPlaces) as [keyof typeof reportPlaces, ...(keyof typeof reportPlaces)[]]);
export type ReportPlace = z.infer<typeof ReportPlace>;

/** 求助的一生: ten seconds to take it back, then it is an alarm. `safe`: the resident said afterwards that nothing is wrong. */
export const SosState = z.enum(['pending', 'sent', 'undone', 'safe']);
export type SosState = z.infer<typeof SosState>;

/** 通知 of an area, with how many of its homes have read it. */
export const Notice = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    title: z.string(),
    text: z.string(),
    /** Written. */
    at: time,
    /** Homes are told from then on, until `until`. */
    from: time,
    until: time,
    byName: z.string(),
    withdrawnAt: time.nullable(),
    withdrawnByName: z.string().nullable(),
    /** Homes of the area, those that have a link, and those that said they have read it. */
    homes: z.number().int(),
    linked: z.number().int(),
    read: z.number().int(),
  })
  .meta({ id: 'Notice' });
export type Notice = z.infer<typeof Notice>;

const homeCounts = { homes: z.number().int(), linked: z.number().int() };

/** How many homes a notice to an area would reach, and how many of them have a link to read it by. */
export const NoticeReach = z.strictObject({ area: z.string(), areaName: z.string(), ...homeCounts }).meta({ id: 'NoticeReach' });
export type NoticeReach = z.infer<typeof NoticeReach>;

/** 回执 of one building; a home that stands in none is counted under the notice's own area. */
export const NoticeBuilding = z
  .strictObject({ area: z.string(), name: z.string(), ...homeCounts, read: z.number().int() })
  .meta({ id: 'NoticeBuilding' });
export type NoticeBuilding = z.infer<typeof NoticeBuilding>;

/** One notice with its receipts by building. */
export const NoticeDetail = Notice.extend({ buildings: z.array(NoticeBuilding) }).meta({ id: 'NoticeDetail' });
export type NoticeDetail = z.infer<typeof NoticeDetail>;

/** Whether one home has a link, and when it said that it has read the notice. */
export const NoticeHome = z
  .strictObject({ area: z.string(), label: z.string(), linked: z.boolean(), readAt: time.nullable() })
  .meta({ id: 'NoticeHome' });
export type NoticeHome = z.infer<typeof NoticeHome>;

/** 住户链接: opens the pages of one home without a login, until it is replaced. */
export const HouseholdLink = z
  .strictObject({ area: z.string(), label: z.string(), url: z.string(), at: time, byName: z.string() })
  .meta({ id: 'HouseholdLink' });
export type HouseholdLink = z.infer<typeof HouseholdLink>;
