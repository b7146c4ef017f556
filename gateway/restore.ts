import { z } from 'zod';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Evaluated } from './evaluate/evaluate.ts';
import { reconcile, retire } from './evaluate/reconcile.ts';
import type { RuleSet } from './evaluate/rules.ts';
import { saidKey } from './said-before.ts';
import { type DeviceState, freshState, loadSaved, lostState } from './evaluate/state.ts';
import type { Moment } from './evaluate/step.ts';

/** Keys of what is committed with the records that moved it. */
export const runningClockKey = 'running-clock';
export const inventoryKey = 'inventory';
export const deviceKey = (id: string) => `device/${id}`;
/** The conditions a device's state was reached under, so that an edited one is noticed. */
export const conditionsKey = (id: string) => `conditions/${id}`;

const Conditions = z.record(z.string(), z.string());

interface Ruled {
  readonly id: string;
  readonly rules: RuleSet;
}

export interface Restored {
  readonly before: DeviceState;
  readonly result: Evaluated;
  readonly state: readonly (readonly [key: string, json: string])[];
  /** True where what was saved cannot be read. */
  readonly lost: boolean;
}

/** The running clock goes on from the last commit; 0 where there was none. */
export function runningBase(saved: ReadonlyMap<string, string>): number {
  const base = Number(saved.get(runningClockKey) ?? 0);
  return Number.isFinite(base) ? base : 0;
}

/** One device at start: its rule state as the disk has it, and what becomes of it under the rules of today. */
export function restore({ id, rules }: Ruled, saved: ReadonlyMap<string, string>, moment: Moment): Restored {
  const text = saved.get(deviceKey(id));
  const loaded = text === undefined ? undefined : loadSaved(text);
  const state = loaded === null ? lostState(rules.rules, moment.at) : loaded;
  const before = freshState(moment.mono, state);
  const [known, now] = [saved.get(conditionsKey(id)), conditionsOf(rules)];
  const result = reconcile(rules, before, moment, changedRules(known, now));
  return { before, result, lost: loaded === null, state: known === now ? [] : [[conditionsKey(id), now]] };
}

/** Devices that left the site file let go of their alarms. */
export function retireRemoved(saved: ReadonlyMap<string, string>, devices: ReadonlySet<string>, moment: Moment) {
  const alarm: LogRecord[] = [];
  const state: [key: string, json: string | null][] = [];
  for (const [key, text] of saved) {
    const id = key.startsWith(deviceKey('')) ? key.slice(deviceKey('').length) : null;
    if (id === null || devices.has(id)) continue;
    const loaded = loadSaved(text);
    const retired = loaded && retire(loaded, moment);
    if (!retired) continue;
    state.push([key, JSON.stringify(retired.saved)], [conditionsKey(id), null], [saidKey(id), null]);
    const { transitions } = retired;
    // Whose profile it was is forgotten; the cloud knows the device.
    alarm.push({
      kind: 'alarm',
      device: id,
      profile: 'removed',
      at: moment.at,
      events: [],
      transitions,
      availability: 'unknown',
    });
  }
  return { alarm, state };
}

export function conditionsOf({ rules }: RuleSet): string {
  return JSON.stringify(Object.fromEntries(rules.map(({ id, condition }) => [id, JSON.stringify(condition)])));
}

function changedRules(known: string | undefined, now: string): Set<string> {
  if (known === undefined || known === now) return new Set();
  const [before, after] = [Conditions.parse(JSON.parse(known)), Conditions.parse(JSON.parse(now))];
  return new Set(Object.keys(after).filter((id) => Object.hasOwn(before, id) && before[id] !== after[id]));
}
