import type { FrameChild } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import { type DeviceFacts, type When, speaksOf } from './act/rule.ts';
import { DeviceSlot, type PipelineDevice } from './device-slot.ts';
import type { Evaluated } from './evaluate/evaluate.ts';
import { reconcile } from './evaluate/reconcile.ts';
import { freshState } from './evaluate/state.ts';
import type { Moment } from './evaluate/step.ts';
import type { Trouble } from './hear.ts';
import { deviceOfPart, isSamePart, partId, partKey, partOf } from './parts.ts';
import { conditionsKey, conditionsOf, deviceKey } from './restore.ts';

export interface DeviceNow {
  readonly id: string;
  readonly profile: string;
  readonly availability: Availability;
  /** The last reading of each point. */
  readonly readings: readonly Reading[];
  /** Alarms that are active. */
  readonly alarms: readonly string[];
}

/** 未恢复的告警: an alarm that stands on a device or on a part of one. */
export interface Standing {
  readonly device: string;
  /** Of a part: the device it is a part of, and its own name. */
  readonly part?: { readonly parent: string; readonly name: Text };
  readonly alarm: string;
  readonly name: Text;
  readonly severity: Severity;
  /** Which time it is, counted for each alarm of a device. */
  readonly episode: number;
  /** Raised while the device was under test. */
  readonly isTest: boolean;
}

/** What a name of a part came to: its slot, what becomes of it, and whether that is news. */
export type FoundPart =
  | { readonly slot: DeviceSlot; readonly result: Evaluated; readonly isNews: boolean }
  | { readonly unknown: Trouble };

/** All devices on the path, and the parts that they speak of. */
export class Slots {
  readonly #slots = new Map<string, DeviceSlot>();
  /** How many parts a device has. */
  readonly #counts = new Map<string, number>();

  get(id: string): DeviceSlot | undefined {
    return this.#slots.get(id);
  }

  all(): DeviceSlot[] {
    return [...this.#slots.values()];
  }

  partsOf(parent: string): DeviceSlot[] {
    return [...this.#slots.values()].filter(({ device }) => device.parent === parent);
  }

  add(slot: DeviceSlot): void {
    const { id, parent } = slot.device;
    if (parent !== undefined && !this.#slots.has(id)) this.#counts.set(parent, (this.#counts.get(parent) ?? 0) + 1);
    this.#slots.set(id, slot);
  }

  /** Another site: `opened` come or take the place of what they were, and only `ids` stay. What was there is given back. */
  change(ids: ReadonlySet<string>, opened: readonly DeviceSlot[]): DeviceSlot[] {
    const before = this.all();
    this.put([...before.filter(({ device }) => ids.has(device.id)), ...opened]);
    return before;
  }

  /** These and no others. */
  put(slots: readonly DeviceSlot[]): void {
    this.#slots.clear();
    this.#counts.clear();
    for (const slot of slots) this.add(slot);
  }

  /** What is kept of all of them: as it will be when everything under way is on disk. */
  saved(): Map<string, string> {
    const saved = new Map<string, string>();
    for (const [id, { device, state, part }] of this.#slots) {
      saved.set(deviceKey(id), JSON.stringify(state.saved));
      saved.set(conditionsKey(id), conditionsOf(device.rules));
      if (part) saved.set(partKey(id), JSON.stringify(part));
    }
    return saved;
  }

  /** The part that a device speaks of: made, renamed or become another kind where that is news. */
  part(parent: PipelineDevice, child: FrameChild, moment: Moment): FoundPart {
    const part = partOf(parent, child, (id) => this.#slots.has(id), this.#counts.get(parent.id) ?? 0);
    if (!part) return { unknown: noSuchPart(child) };
    const id = partId(parent.id, part.key);
    const known = this.#slots.get(id);
    const isSame = known?.part ? isSamePart(known.part, part) : false;
    if (known && known.part?.profile === part.profile) {
      if (!isSame) known.part = part;
      return { slot: known, result: reconciled(known, moment), isNews: !isSame };
    }
    const slot = new DeviceSlot(deviceOfPart(id, part, parent), known?.state ?? freshState(moment.mono), {
      now: part,
      isKept: false,
    });
    this.add(slot);
    return { slot, result: reconciled(slot, moment), isNews: true };
  }

  /** What was under way is not on disk; a part that was made with it never was. */
  giveBack(): void {
    for (const [id, slot] of this.#slots) {
      if (slot.isNew) this.#forget(id, slot);
      else slot.giveBack();
    }
  }

  #forget(id: string, { device }: DeviceSlot): void {
    this.#slots.delete(id);
    if (device.parent !== undefined) this.#counts.set(device.parent, (this.#counts.get(device.parent) ?? 1) - 1);
  }

  /** What linkage asks of a part. */
  factsOfPart(id: string): DeviceFacts | undefined {
    const slot = this.#slots.get(id);
    const parts = slot?.part && this.#slots.get(slot.part.parent)?.device.parts;
    if (!slot?.part || !parts) return undefined;
    const category = parts.kinds.get(slot.part.profile)?.category ?? 'other';
    return { id, parent: slot.part.parent, category, place: parts.place };
  }

  isAnyActive(facts: (device: string) => DeviceFacts | undefined, when: When): boolean {
    for (const { device, state } of this.#slots.values()) {
      const own = facts(device.id);
      if (!own) continue;
      for (const { id, hazard } of device.rules.rules) {
        const rule = state.saved.rules[id];
        if (rule?.active && speaksOf(when, own, { alarm: id, hazard, severity: rule.severity })) return true;
      }
    }
    return false;
  }

  standing(): Standing[] {
    return this.all().flatMap(({ device, state, part }) =>
      device.rules.rules.flatMap(({ id, name }) => {
        const rule = state.saved.rules[id];
        if (rule?.active !== true) return [];
        const { severity, episode, test } = rule;
        const own = part === null ? {} : { part: { parent: part.parent, name: part.name } };
        return [{ device: device.id, ...own, alarm: id, name, severity, episode, isTest: test === true }];
      }),
    );
  }

  now(): DeviceNow[] {
    return [...this.#slots.values()].map(({ device, state, latest }) => ({
      id: device.id,
      profile: device.profile,
      availability: state.saved.availability,
      readings: [...latest.values()],
      alarms: Object.entries(state.saved.rules).flatMap(([alarm, { active }]) => (active ? [alarm] : [])),
      ...(state.skewMs === null ? {} : { skewMs: state.skewMs }),
      ...(state.saved.test && !state.saved.test.worn ? { isTesting: true as const } : {}),
    }));
  }
}

function reconciled({ device, state }: DeviceSlot, moment: Moment): Evaluated {
  return reconcile(device.rules, state, moment);
}

function noSuchPart({ profile = '' }: FrameChild): Trouble {
  return {
    zh: `下级设备的档案 ${profile} 不在这台设备的档案里，这一部分没有记录。请核对档案。`,
    en: `The profile ${profile} of a part is none of this device's; what it said was not recorded. Check the profile.`,
  };
}
