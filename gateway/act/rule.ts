import type { ActArguments } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import { type Hazard, type Severity, graver } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Condition } from './condition.ts';

/** Which devices a rule speaks of. A part of a device counts as the device. */
export interface Scope {
  readonly devices?: readonly string[] | undefined;
  readonly category?: string | undefined;
  readonly place?: Place | undefined;
}

export interface When extends Scope {
  readonly hazard?: Hazard | undefined;
  readonly alarm?: string | undefined;
  /** This grave or graver. */
  readonly severity: Severity;
  readonly edge: 'raised' | 'cleared';
}

export interface Step {
  readonly device: string;
  readonly command: string;
  readonly args: ActArguments;
}

/** 联动规则: when an alarm is raised or cleared, these devices are told something. */
export interface LinkageRule {
  readonly id: string;
  /** Its place in the site file, from 0. */
  readonly index: number;
  readonly name: Text;
  readonly when: When;
  readonly afterMs: number;
  readonly unless: readonly Condition[];
  readonly steps: readonly Step[];
  readonly undo: readonly Step[];
  readonly withoutConfirm: boolean;
}

/** What a scope asks of a device. */
export interface DeviceFacts {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly category: string;
  readonly place: Place;
}

export function isInScope({ devices, category, place }: Scope, facts: DeviceFacts): boolean {
  if (devices && !devices.includes(facts.id) && !(facts.parent !== undefined && devices.includes(facts.parent))) return false;
  if (category !== undefined && category !== facts.category) return false;
  return Object.entries(place ?? {}).every(([key, wanted]) => wanted === undefined || facts.place[key as keyof Place] === wanted);
}

export interface AlarmFacts {
  readonly alarm: string;
  readonly hazard: Hazard;
  readonly severity: Severity;
}

/** Whether the rule speaks of this alarm of this device, whichever edge. */
export function speaksOf(when: When, facts: DeviceFacts, { alarm, hazard, severity }: AlarmFacts): boolean {
  if (when.hazard !== undefined && when.hazard !== hazard) return false;
  if (when.alarm !== undefined && when.alarm !== alarm) return false;
  return !graver(when.severity, severity) && isInScope(when, facts);
}
