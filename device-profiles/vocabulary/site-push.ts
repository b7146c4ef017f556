import { z } from 'zod';
import { RuleEdit } from './site-rule.ts';
import { Id } from './text.ts';

/** 现场下发: a site file that the cloud sends a gateway, and what the gateway says of the one it runs. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Limits that one push may set. */
export const mostRuleEdits = 500;

/** Where pushed profiles lie beside a site file: named by what they hold, so that an older site still finds its own. */
const PushedPath = z
  .string()
  .max(200)
  .regex(/^\.pushed\/[0-9a-f]{16}(?:\/[a-z0-9_][a-z0-9_.-]*){1,8}\.yaml$/);

/** What is signed, as JSON text: a whole site file, or limits of rules to be set in the one that runs. */
const Push = z.strictObject({
  schema: z.literal('yihu-site-push/1'),
  gateway: Id,
  /** Rises with every push to a gateway; one that is not above the last is a replay. */
  version: z.number().int().positive(),
  /** SHA-256 of the site file that is to be replaced; another one there is a conflict, and is kept. */
  base: Sha256,
  /** The whole site file. */
  text: z.string().min(1).max(1_000_000).optional(),
  /** Limits to be set in the site file that is `base`. */
  rules: z.array(RuleEdit).min(1).max(mostRuleEdits).optional(),
  /** Profiles of the site's own. */
  profiles: z.array(z.strictObject({ path: PushedPath, text: z.string().max(200_000) })).max(64),
  /** Verified within this or rolled back, milliseconds. */
  withinMs: z.number().int().min(1_000).max(120_000),
  /** Who pushed it. */
  by: z.string().min(1).max(100),
  /** Milliseconds since 1970 UTC. */
  expiresAt: z.number().int(),
});
export const SitePush = Push.refine(({ text, rules }) => (text === undefined) !== (rules === undefined), 'text or rules');
export type SitePush = z.infer<typeof SitePush>;

/** On `command`: the push as text, and the Ed25519 signature (RFC 8032, base64) of `signedBytes`. */
export const SignedPush = z.strictObject({ push: z.string().max(2_000_000), signature: z.string().max(100) });
export type SignedPush = z.infer<typeof SignedPush>;

/** What the key signs: a head that nothing else of the cloud begins with, then the text. */
export function signedBytes(push: string): Uint8Array {
  return new TextEncoder().encode(`yihu-site-push/1\n${push}`);
}

/** Why a gateway does nothing with what came: it cannot be trusted, so it makes no step of a change. */
const pushFaults = ['unreadable', 'no-key', 'signature', 'other-gateway', 'replay', 'expired'] as const;
export const PushFault = z.enum(pushFaults);
export type PushFault = z.infer<typeof PushFault>;

/** On `site`, at each connect and whenever it is another: what runs, the highest version known, and the last fault. */
export const SiteSaid = z.strictObject({
  sha256: Sha256,
  version: z.number().int().nonnegative(),
  fault: z.strictObject({ code: PushFault, version: z.number().int().nonnegative() }).optional(),
});
export type SiteSaid = z.infer<typeof SiteSaid>;

/** A sentence for each, with the next thing to do. */
export const pushFaultSentences = {
  unreadable: {
    zh: '云端下发的现场配置读不懂，没有采用。请把网关升级到与云端相同的版本。',
    en: 'The site pushed by the cloud cannot be read; nothing was done. Bring the gateway to the version of the cloud.',
  },
  'no-key': {
    zh: '网关没有云端下发配置的公钥（认领得早于这个功能），没有采用。请重新认领网关。',
    en: 'The gateway has no key to check pushes by (it was claimed before there were any); nothing was done. Claim it again.',
  },
  signature: {
    zh: '云端下发的现场配置签名不对，没有采用。请查明是谁发的；云端换过密钥时，重新认领网关。',
    en: 'The signature of the pushed site is wrong; nothing was done. Find out who sent it; after a change of the cloud’s key, claim the gateway again.',
  },
  'other-gateway': {
    zh: '收到的现场配置是给另一台网关的，没有采用。',
    en: 'The pushed site is for another gateway; nothing was done.',
  },
  replay: {
    zh: '收到的现场配置是旧的（这个版本已处理过），没有采用。',
    en: 'The pushed site is an old one (its version was dealt with before); nothing was done.',
  },
  expired: {
    zh: '收到的现场配置已过期，没有采用。仍需要时请重新下发；也请核对网关时间。',
    en: 'The pushed site has expired; nothing was done. Push it again if it is still wanted, and check the gateway’s clock.',
  },
} as const satisfies Record<PushFault, { zh: string; en: string }>;
