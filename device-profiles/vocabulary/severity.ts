import { z } from 'zod';

/**
 * 级别: the four legal levels of 突发事件应对法, I 红 (critical), II 橙 (major), III 黄 (minor), IV 蓝 (warning).
 * Listed from the gravest down.
 */
export const severities = ['critical', 'major', 'minor', 'warning'] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

/** 1 for critical (I 级) to 4 for warning (IV 级). */
export function levelOf(severity: Severity): 1 | 2 | 3 | 4 {
  return (severities.indexOf(severity) + 1) as 1 | 2 | 3 | 4;
}

/** True where `a` is graver than `b`. */
export function graver(a: Severity, b: Severity): boolean {
  return levelOf(a) < levelOf(b);
}

/** 类别: what an alarm is about. */
export const hazards = ['fire', 'gas', 'water', 'person', 'security', 'equipment', 'environment', 'communication'] as const;
export const Hazard = z.enum(hazards);
export type Hazard = z.infer<typeof Hazard>;

/** 生命安全: never rate-limited, never shelved past ten minutes, never hidden once active. */
export function isLifeSafety(hazard: Hazard): boolean {
  return hazard === 'fire' || hazard === 'gas' || hazard === 'person';
}
