import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { AlarmRule } from '@yihu/device-profiles/vocabulary/rule.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Latch } from '@yihu/device-profiles/vocabulary/transition.ts';

/** What an installer may change of a rule for one device. */
export interface RuleOverride {
  readonly limit?: number | undefined;
  readonly clear?: number | undefined;
  readonly forMs?: number | undefined;
  readonly severity?: Severity | undefined;
  readonly off?: boolean | undefined;
}

export type Condition =
  | { kind: 'above' | 'below'; point: string; limit: number; clear: number }
  | { kind: 'is'; point: string; values: readonly (string | number | boolean)[] }
  | { kind: 'event'; raise: string; clear: string | null; autoClearMs: number | null }
  | { kind: 'silent'; point: string; afterMs: number }
  /** Built in: the device itself is offline. */
  | { kind: 'offline' };

export interface Rule {
  readonly id: string;
  readonly name: Text;
  readonly severity: Severity;
  readonly hazard: Hazard;
  readonly latch: Latch;
  readonly forMs: number;
  readonly clearForMs: number;
  readonly samples: number;
  readonly condition: Condition;
}

/** The rules of one device, indexed the way frames ask for them. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly byPoint: ReadonlyMap<string, readonly Rule[]>;
  readonly byEvent: ReadonlyMap<string, readonly Rule[]>;
  readonly silent: readonly Rule[];
  readonly availability: Profile['availability'];
}

const offlineName: Text = { zh: '通信中断', en: 'Communication lost' };

/** The built-in rule: a device that has gone silent is an alarm of its own, graver where lives hang on the device. */
function offlineRule(profile: Profile): Rule {
  const grave = profile.category.startsWith('fire.') || profile.category === 'sensor.gas' || profile.category === 'sos.button';
  return {
    id: 'offline',
    name: offlineName,
    severity: grave ? 'major' : 'warning',
    hazard: 'communication',
    latch: 'none',
    forMs: 0,
    clearForMs: 0,
    samples: 1,
    condition: { kind: 'offline' },
  };
}

function conditionOf(rule: AlarmRule, override: RuleOverride): Condition {
  if (rule.repeat !== undefined) throw new Error('a rule that counts cannot be evaluated yet');
  if ('above' in rule)
    return { kind: 'above', point: rule.point, limit: override.limit ?? rule.above, clear: override.clear ?? rule.clear };
  if ('below' in rule)
    return { kind: 'below', point: rule.point, limit: override.limit ?? rule.below, clear: override.clear ?? rule.clear };
  if ('is' in rule) return { kind: 'is', point: rule.point, values: [rule.is].flat() };
  if ('silent' in rule) return { kind: 'silent', point: rule.point, afterMs: rule.silent };
  if (!('event' in rule)) throw new Error('a rule of this kind cannot be evaluated yet');
  return { kind: 'event', raise: rule.event, clear: rule.clearEvent ?? null, autoClearMs: rule.autoClear ?? null };
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Prepares a profile's rules for one device, with the installer's changes to them. */
export function compileRules(profile: Profile, overrides: Readonly<Record<string, RuleOverride>> = {}): RuleSet {
  const rules: Rule[] = [];
  for (const [id, rule] of Object.entries(profile.alarms)) {
    const override = overrides[id] ?? {};
    if (override.off) continue;
    rules.push({
      id,
      name: rule.name,
      severity: override.severity ?? rule.severity,
      hazard: rule.hazard,
      latch: rule.latch,
      forMs: override.forMs ?? rule.for,
      clearForMs: rule.clearFor,
      samples: rule.samples,
      condition: conditionOf(rule, override),
    });
  }
  rules.push(offlineRule(profile));
  return index(rules, profile.availability);
}

function index(rules: readonly Rule[], availability: Profile['availability']): RuleSet {
  const byPoint = new Map<string, Rule[]>();
  const byEvent = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { condition } = rule;
    if (condition.kind === 'event') {
      push(byEvent, condition.raise, rule);
      if (condition.clear && condition.clear !== condition.raise) push(byEvent, condition.clear, rule);
    } else if (condition.kind !== 'offline') push(byPoint, condition.point, rule);
  }
  return { rules, byPoint, byEvent, silent: rules.filter((rule) => rule.condition.kind === 'silent'), availability };
}
