import { z } from 'zod';
import { PortResult, SiteProblem } from './site-change.ts';
import { Sha256 } from './site-push.ts';

/** 下发状态: how far a pushed site has come. */
export const pushStates = [
  /** 等待网关: not answered yet; a gateway that is away gets it when it returns. */
  'pending',
  'applying',
  'verifying',
  'rolling-back',
  /** 已生效 */
  'kept',
  /** 已回滚 */
  'rolled-back',
  /** 被拒绝 */
  'refused',
  /** 已过期: the gateway did not come in time. */
  'expired',
  /** 被替代: another one was pushed before it was answered. */
  'superseded',
] as const;
export type PushState = (typeof pushStates)[number];

const Sentence = z.strictObject({ zh: z.string(), en: z.string() });

/** One push and what became of it. The text itself is never given back: a site file may hold passwords. */
export const SitePushView = z.strictObject({
  version: z.number().int(),
  /** Of the text that was put, as the gateway has it. */
  sha256: Sha256,
  base: Sha256,
  by: z.string(),
  at: z.number(),
  expiresAt: z.number(),
  state: z.enum(pushStates),
  stateAt: z.number(),
  reason: Sentence.nullable(),
  problems: z.array(SiteProblem),
  problemCount: z.number().int(),
  results: z.array(PortResult),
});
export type SitePushView = z.infer<typeof SitePushView>;

export const GatewaySiteView = z.strictObject({
  gateway: z.string(),
  /** What the gateway says it runs; null before it said so. */
  running: z.strictObject({ sha256: Sha256, version: z.number().int(), at: z.number() }).nullable(),
  /** The last push that was kept; null where there is none. */
  kept: z.strictObject({ sha256: Sha256, version: z.number().int() }).nullable(),
  /** 现场改过: what runs is not what was pushed last; a push has to name it as its base. */
  changedLocally: z.boolean(),
  /** Newest first. */
  pushes: z.array(SitePushView),
});
export type GatewaySiteView = z.infer<typeof GatewaySiteView>;
