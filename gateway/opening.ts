import type { LogRecord, SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import { DeviceSlot, type PipelineDevice } from './device-slot.ts';
import type { Evaluated } from './evaluate/evaluate.ts';
import type { Moment } from './evaluate/step.ts';
import { type Part, deviceOfPart, inventoryOfPart, keptParts } from './parts.ts';
import { saidKey } from './said-before.ts';
import { deviceKey, inventoryKey, restore, retireRemoved } from './restore.ts';

/** The devices of a site as the path needs them. */
export interface Site {
  readonly devices: readonly PipelineDevice[];
  readonly inventory: readonly SiteDevice[];
  /** Of the inventory; a new one is told to the cloud. */
  readonly inventoryHash: string;
  readonly inventoryProfiles?: readonly SiteProfile[];
}

export interface Opening {
  /** Without their time. */
  readonly records: readonly LogRecord[];
  readonly state: readonly (readonly [key: string, json: string | null])[];
  readonly devices: readonly { readonly slot: DeviceSlot; readonly result: Evaluated; readonly lost: boolean }[];
  /** All devices and parts there are. */
  readonly ids: ReadonlySet<string>;
}

/**
 * What is found at start: devices with their rule state, the parts they had spoken of, and what becomes of those that are gone.
 * When a running path takes up another site, devices that `stay` as they are are not opened again, nor are their parts.
 */
export function opening(
  site: Site,
  saved: ReadonlyMap<string, string>,
  moment: Moment,
  stays: (device: PipelineDevice) => boolean = () => false,
): Opening {
  const byId = new Map(site.devices.map((device) => [device.id, device]));
  const { parts, orphans } = keptParts(saved, byId);
  const retired = retireRemoved(saved, new Set([...byId.keys(), ...parts.keys()]), moment);
  const devices = [
    ...site.devices.filter((device) => !stays(device)).map((device) => open(device, null, saved, moment)),
    ...[...parts].flatMap(([id, part]) => {
      const parent = parentOf(byId, part);
      return stays(parent) ? [] : [open(deviceOfPart(id, part, parent), part, saved, moment)];
    }),
  ];
  const told = saved.get(inventoryKey) === site.inventoryHash ? [] : [inventoryRecord(site, parts, byId, moment)];
  return {
    records: [...retired.alarm, ...told],
    state: [
      ...orphans.map((key) => [key, null] as const),
      ...retired.state,
      ...told.map(() => [inventoryKey, site.inventoryHash] as const),
      ...devices.flatMap(({ state }) => state),
    ],
    devices,
    ids: new Set([...byId.keys(), ...parts.keys()]),
  };
}

function open(device: PipelineDevice, part: Part | null, saved: ReadonlyMap<string, string>, moment: Moment) {
  const { before, result, state, lost } = restore(device, saved, moment);
  const slot = new DeviceSlot(device, before, part && { now: part, isKept: true }, saved.get(saidKey(device.id)));
  const kept = lost ? [...state, [deviceKey(device.id), JSON.stringify(before.saved)] as const] : state;
  return { slot, result, lost, state: kept };
}

function parentOf(devices: ReadonlyMap<string, PipelineDevice>, { parent }: Part): PipelineDevice {
  const device = devices.get(parent);
  if (!device) throw new Error(`there is no device ${parent}`);
  return device;
}

function inventoryRecord(
  { inventory, inventoryHash: hash, inventoryProfiles: profiles }: Site,
  parts: ReadonlyMap<string, Part>,
  devices: ReadonlyMap<string, PipelineDevice>,
  { at }: Moment,
): LogRecord {
  const own = [...parts].map(([id, part]) => inventoryOfPart(id, part, parentOf(devices, part).parts));
  return { kind: 'site', at, hash, devices: [...inventory, ...own], ...(profiles ? { profiles: [...profiles] } : {}) };
}

/** A part as the cloud shows it. */
export function inventoryOf({ device, part }: DeviceSlot, parent: PipelineDevice): SiteDevice {
  if (!part) throw new Error(`${device.id} is no part`);
  return inventoryOfPart(device.id, part, parent.parts);
}

/** What is said of a device that is opened with `lost`. */
export function lostSentence(device: string) {
  return {
    device,
    zh: `设备 ${device} 保存的告警状态读不出来，已重新开始判警；请在云端核对它未恢复的告警。`,
    en: `The saved alarm state of device ${device} cannot be read and begins anew; check its open alarms in the cloud.`,
  };
}
