import { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { GatewayView, Problem, Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { z } from 'zod';
import { limits } from '../limits.ts';
import type { Page } from './needs.ts';
import { AnyId } from './safe-text.ts';

/** The bodies of the API that are not a view of the vocabulary. */
const time = z.number().int();

/** A page of a list: `next` is the next call's `after`, null where that was all. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), total: z.number().int(), next: z.string().nullable() });
}

export function pageBody<T>({ items, total, next }: Page<T>): { items: T[]; total: number; next: string | null } {
  return { items: [...items], total, next };
}

export const paging = {
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).optional(),
};

export const flag = z.enum(['true', 'false']).transform((word) => word === 'true');

/** The language of what is answered as a document. */
export const Lang = z.enum(['zh', 'en']);

/** A problem, with the object as it is now where somebody else was first. */
export const IncidentConflict = Problem.extend({ current: IncidentDetail.optional() }).meta({ id: 'IncidentConflict' });
export const AlarmConflict = Problem.extend({ current: Alarm.optional() }).meta({ id: 'AlarmConflict' });

const GrantView = z.strictObject({ area: z.string(), areaName: z.string(), role: Role });

export const UserView = z
  .strictObject({
    id: z.string(),
    account: z.string(),
    name: z.string(),
    phone: z.string().nullable(),
    onDuty: z.boolean(),
    disabledAt: time.nullable(),
    createdAt: time,
    version: z.number().int(),
    secondFactor: z.boolean(),
    grants: z.array(GrantView),
  })
  .meta({ id: 'UserView' });

export const UserConflict = Problem.extend({ current: UserView.optional() }).meta({ id: 'UserConflict' });

/** The empty area is the whole tree. */
export const GrantBody = z.strictObject({ area: z.union([z.literal(''), AreaPath]), role: Role });

export const ClaimOffer = z
  .strictObject({
    gateway: GatewayView,
    /** Shown once; typed into the gateway within the quarter of an hour. */
    code: z.string(),
    expiresAt: time,
  })
  .meta({ id: 'ClaimOffer' });

export const AuditLine = z
  .strictObject({
    seq: z.number().int(),
    at: time,
    actor: z.string().nullable(),
    account: z.string().nullable(),
    role: z.string().nullable(),
    area: z.string().nullable(),
    action: z.string(),
    object: z.string(),
    result: z.string(),
    ip: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    hash: z.string(),
  })
  .meta({ id: 'AuditLine' });

/** To be kept elsewhere: with it the audit is proven later. */
export const AuditCheckpoints = z
  .strictObject({
    schema: z.literal('yihu-audit-checkpoints/1'),
    publicKey: z.string(),
    checkpoints: z.array(z.strictObject({ seq: z.number().int(), hash: z.string(), at: time, signature: z.string() })),
  })
  .meta({ id: 'AuditCheckpoints' });

export const ProfileBody = z
  .strictObject({
    id: z.string(),
    version: z.string(),
    name: Text,
    maker: Text,
    model: z.string(),
    category: Category,
    points: z.array(
      z.strictObject({ id: z.string(), name: Text, unit: z.string(), kind: z.enum(['gauge', 'counter', 'state', 'text']) }),
    ),
  })
  .meta({ id: 'ProfileView' });

export const Health = z
  .strictObject({
    status: z.enum(['ok', 'degraded']),
    database: z.enum(['ok', 'unavailable']),
    sweep: z.enum(['ok', 'late', 'unknown']),
    at: time,
  })
  .meta({ id: 'Health' });

/** A line of the sweep's account of itself; idle runs that follow each other are one. */
export const SweepLine = z
  .strictObject({
    worker: z.string(),
    from: time,
    to: time,
    runs: z.number().int(),
    done: z.number().int(),
    lateMs: z.number().int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'SweepLine' });

export const idParams = z.strictObject({ id: AnyId });

/** An alarm's id is derived from where it came from and may hold `/`, escaped in the address. */
export const alarmParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,254}$/, 'must be an id') });
export const nothing = z.null();
