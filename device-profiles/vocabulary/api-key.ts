import { z } from 'zod';

/** What a key may do: a closed list. Nothing here shows a resident, a picture of a home, or a telephone number. */
export const apiScopes = [
  'alarms:read',
  'incidents:read',
  'incidents:note',
  'calls:read',
  'devices:read',
  'areas:read',
  'reports:read',
  'stream:read',
  'warnings:read',
  'windows:write',
  'audit:read',
] as const;
export const ApiScope = z.enum(apiScopes);
export type ApiScope = z.infer<typeof ApiScope>;

const time = z.number().int();

/** 接口密钥 as administrators see it; the key itself is shown once. Times are ms since 1970 UTC. */
export const ApiKey = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    /** The area it reaches, with everything inside; '' is the whole tree. */
    area: z.string(),
    scopes: z.array(ApiScope),
    /** How the key begins, to know it again. */
    prefix: z.string(),
    madeByName: z.string(),
    madeAt: time,
    expiresAt: time,
    usedAt: time.nullable(),
    /** Where it was last used from. */
    usedIp: z.string().nullable(),
    revokedAt: time.nullable(),
    revokedByName: z.string().nullable(),
    state: z.enum(['active', 'expired', 'revoked']),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = ApiKey.extend({
  /** The key: sent as `Authorization: Bearer …`; shown this once. */
  key: z.string(),
}).meta({ id: 'NewApiKey' });
export type NewApiKey = z.infer<typeof NewApiKey>;
