import { z } from 'zod';
import { ActReason } from './act.ts';

/** 现场变更: how far a change of the site file has come. */
const siteChangeStates = [
  /** 被拒绝: wrong as a whole; nothing was touched. */
  'refused',
  /** 生效中: ports stop and start. */
  'applying',
  /** 验证中: the first polls and the uplink are waited for. */
  'verifying',
  /** 已生效: the site file says it now. */
  'kept',
  /** 回滚中: not verified in time. */
  'rolling-back',
  /** 已回滚: the old site runs. */
  'rolled-back',
] as const;
export const SiteChangeState = z.enum(siteChangeStates);
export type SiteChangeState = z.infer<typeof SiteChangeState>;

const Sentence = z.strictObject({ zh: z.string().max(600), en: z.string().max(600) });

/** A problem of a refused file. */
export const SiteProblem = Sentence.extend({ line: z.number().int().nonnegative(), path: z.string().max(300) });
export type SiteProblem = z.infer<typeof SiteProblem>;

/** What became of a port that a change touched; `reasons`: what was not seen of it. */
export const PortResult = z.strictObject({
  port: z.string().max(64),
  change: z.enum(['added', 'removed', 'changed']),
  ok: z.boolean(),
  reasons: z.array(Sentence).max(50),
});
export type PortResult = z.infer<typeof PortResult>;

/** A record carries no more than these; the count says how many there were. */
export const mostSiteProblems = 200;

const PortIds = z.array(z.string().max(64)).max(256);

/** One step of one change; the log has them all, in order. */
export const SiteChange = z.strictObject({
  id: z.string().min(1).max(64),
  state: SiteChangeState,
  /** Who asked for it: `local`, `local/<name>`, `cloud/<name>`. */
  by: z.string().min(1).max(120),
  /** Of a push of the cloud. */
  version: z.number().int().positive().optional(),
  /** Ports that start, stop, or do both. */
  ports: z.strictObject({ added: PortIds, removed: PortIds, changed: PortIds }).optional(),
  reason: ActReason.pick({ zh: true, en: true })
    .extend({ zh: z.string().max(4_000), en: z.string().max(4_000) })
    .optional(),
  /** Of a file that was refused: every problem, as far as a record holds them. */
  problems: z.array(SiteProblem).max(mostSiteProblems).optional(),
  problemCount: z.number().int().positive().optional(),
  /** Per port that was touched, once it is over. */
  results: z.array(PortResult).max(256).optional(),
});
export type SiteChange = z.infer<typeof SiteChange>;
