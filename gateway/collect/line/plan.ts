import { pollGroups } from '@yihu/device-profiles/library/poll-groups.ts';
import type { BoundDevice } from '../driver.ts';
import type { Poll } from '../poll/poller.ts';
import type { Ask, Read, SerialShape } from './dialect.ts';
import { dialectOf } from './dialects.ts';
import { serialLine } from './line-time.ts';
import { type LineAddress, lineShape, type LinePort, shapeOf } from './settings.ts';

export type LineDevice = BoundDevice<LineAddress>;

/** The parameters a device is spoken to with: its own in the site file, else the line's, else its profile's. */
export function deviceShape(port: LinePort, device: LineDevice): SerialShape | undefined {
  const { serial } = device.address;
  if (serial !== undefined) return shapeOf(serial);
  return lineShape(port) ?? dialectOf(device.profile).serial(device);
}

/** One period of a device: what is asked, and what for. */
export interface PlannedPoll extends Poll<Ask> {
  readonly group: string;
  readonly reads: readonly Read[];
}

/** All that is asked of a device again and again, the shortest period first. */
export function pollsOf(port: LinePort, device: LineDevice): PlannedPoll[] {
  const dialect = dialectOf(device.profile);
  const shape = deviceShape(port, device);
  const line = shape && serialLine(shape);
  return pollGroups(device.profile).map(({ id, everyMs, points }) => ({
    group: id,
    everyMs,
    points,
    reads: dialect.reads(device, points, line),
  }));
}
