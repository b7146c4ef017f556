import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { AlarmRule, TestMode } from '@yihu/device-profiles/vocabulary/rule.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Latch } from '@yihu/device-profiles/vocabulary/transition.ts';
import { type Counters, compileCounters } from './counters.ts';
import { type SkewRule, compileSkew } from './skew.ts';

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
  /** Good values came, and all were the same. */
  | { kind: 'stuck'; point: string; afterMs: number }
  /** A good value differs by more than `limit` from the one before, or from any of so long ago at most. */
  | { kind: 'step'; point: string; limit: number; withinMs: number | null; autoClearMs: number | null }
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
  /** Raised only when the condition was entered so often within so long. */
  readonly repeat?: { readonly times: number; readonly withinMs: number };
  readonly condition: Condition;
}

/** The rules of one device, indexed the way frames ask for them. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly byPoint: ReadonlyMap<string, readonly Rule[]>;
  readonly byEvent: ReadonlyMap<string, readonly Rule[]>;
  readonly silent: readonly Rule[];
  /** Points with a rule that watches for standing still: while it is active, their readings are not good. */
  readonly stuck: ReadonlyMap<string, readonly Rule[]>;
  readonly availability: Profile['availability'];
  readonly testMode?: TestMode | undefined;
  readonly counters: Counters;
  readonly skew?: SkewRule | undefined;
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
  if ('above' in rule)
    return { kind: 'above', point: rule.point, limit: override.limit ?? rule.above, clear: override.clear ?? rule.clear };
  if ('below' in rule)
    return { kind: 'below', point: rule.point, limit: override.limit ?? rule.below, clear: override.clear ?? rule.clear };
  if ('is' in rule) return { kind: 'is', point: rule.point, values: [rule.is].flat() };
  if ('silent' in rule) return { kind: 'silent', point: rule.point, afterMs: rule.silent };
  if ('stuck' in rule) return { kind: 'stuck', point: rule.point, afterMs: rule.stuck };
  if ('step' in rule) return stepOf(rule);
  return { kind: 'event', raise: rule.event, clear: rule.clearEvent ?? null, autoClearMs: rule.autoClear ?? null };
}

function stepOf({ point, step, within, autoClear }: Extract<AlarmRule, { step: number }>): Condition {
  return { kind: 'step', point, limit: step, withinMs: within ?? null, autoClearMs: autoClear ?? null };
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The rules of a part of a device: whether it is there is seen on the device alone. */
export function compilePartRules(profile: Profile, overrides: Readonly<Record<string, RuleOverride>> = {}): RuleSet {
  const { rules, ...set } = compileRules(profile, overrides);
  const own = rules.filter(({ condition }) => condition.kind !== 'offline');
  return { ...set, rules: own, availability: { offlineAfter: Number.POSITIVE_INFINITY } };
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
      ...(rule.repeat ? { repeat: { times: rule.repeat.times, withinMs: rule.repeat.within } } : {}),
      condition: conditionOf(rule, override),
    });
  }
  rules.push(offlineRule(profile));
  return {
    ...index(rules),
    availability: withinCeiling(profile),
    testMode: profile.testMode,
    counters: compileCounters(profile.points ?? {}),
    skew: compileSkew(profile),
  };
}

/** A fire detector that is silent for a day is a fault, whatever its profile says (GB/T 45839-2025 5.5.2), with an hour of grace. */
const fireCeilingMs = 25 * 3_600_000;

function withinCeiling({ category, availability }: Profile): Profile['availability'] {
  if (!category.startsWith('fire.') || availability.offlineAfter <= fireCeilingMs) return availability;
  return { ...availability, offlineAfter: fireCeilingMs };
}

function index(rules: readonly Rule[]): Pick<RuleSet, 'rules' | 'byPoint' | 'byEvent' | 'silent' | 'stuck'> {
  const byPoint = new Map<string, Rule[]>();
  const byEvent = new Map<string, Rule[]>();
  const stuck = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { condition } = rule;
    if (condition.kind === 'event') {
      push(byEvent, condition.raise, rule);
      if (condition.clear && condition.clear !== condition.raise) push(byEvent, condition.clear, rule);
    } else if (condition.kind === 'stuck') push(stuck, condition.point, rule);
    else if (condition.kind !== 'offline') push(byPoint, condition.point, rule);
  }
  return { rules, byPoint, byEvent, stuck, silent: rules.filter((rule) => rule.condition.kind === 'silent') };
}
