import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { DeviceState } from './evaluate/state.ts';
import type { Planned } from './act/linkage.ts';
import type { DeviceSlot } from './device-slot.ts';
import type { SaidBefore } from './said-before.ts';
import type { Advance } from './reported.ts';

/** What is committed together, and who waits for it. */
export interface Group {
  alarm: LogRecord[];
  telemetry: LogRecord[];
  moved: Map<DeviceSlot, DeviceState>;
  state: Map<string, string | null>;
  /** What counts as recorded once the group is on disk. */
  advances: Advance[];
  /** What counts as said once it is on disk. */
  said: { readonly by: SaidBefore; readonly keys: readonly string[] }[];
  /** What its alarms set off once they are on disk. */
  planned: Planned[];
  /** Devices of which it holds something. */
  devices: Set<string>;
  waiters: { resolve: () => void; reject: (error: unknown) => void }[];
  frames: number;
}

export function emptyGroup(): Group {
  return {
    alarm: [],
    telemetry: [],
    moved: new Map(),
    state: new Map(),
    advances: [],
    said: [],
    planned: [],
    devices: new Set(),
    waiters: [],
    frames: 0,
  };
}

export function isEmpty(group: Group): boolean {
  return group.alarm.length + group.telemetry.length + group.state.size + group.said.length === 0;
}

export function byDevice(frames: readonly Frame[]): Map<string, Frame[]> {
  const groups = new Map<string, Frame[]>();
  for (const frame of frames) {
    const own = groups.get(frame.device);
    if (own) own.push(frame);
    else groups.set(frame.device, [frame]);
  }
  return groups;
}
