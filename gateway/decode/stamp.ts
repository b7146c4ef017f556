import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { QualityReason, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';

/** When something was, by the device; and how far that can be believed. */
export interface When {
  readonly at: number;
  /** Milliseconds since 1970 UTC. */
  readonly deviceAt: number | undefined;
  /** Of a record that the device kept: its time is what it is about. */
  readonly isHistorical: boolean;
  /** The broker kept the message; nobody knows for how long. */
  readonly isRetained: boolean;
}

/** Puts the device's own time beside the gateway's, and says what a reading with such a time is worth. */
export type Stamp = (readings: readonly Reading[], when: When) => readonly Reading[];

/**
 * Readings whose time is too far from ours are uncertain; those that a server with a right clock held back are history. Points
 * that a life-safety rule watches are spared: a detector with a wrong clock must still raise its alarm.
 */
export function compileStamp(profile: Profile): Stamp {
  const { time } = profile;
  const vital = new Set(
    Object.values(profile.alarms).flatMap((rule) => ('point' in rule && isLifeSafety(rule.hazard) ? [rule.point] : [])),
  );
  const maxSkew = time?.maxSkew ?? 0;
  const trust = time?.trust ?? 'none';
  return (readings, { at, deviceAt, isHistorical, isRetained }) => {
    const dated = deviceAt === undefined ? readings : readings.map((reading) => ({ ...reading, deviceAt }));
    if (isHistorical) return dated.flatMap((reading) => asHistory(reading, at));
    const behind = deviceAt === undefined || trust === 'none' ? 0 : at - deviceAt;
    const isHeldBack = trust === 'network' && behind > maxSkew;
    const doubt: QualityReason | undefined = Math.abs(behind) > maxSkew ? 'clock-skew' : isRetained ? 'retained' : undefined;
    if (doubt === undefined) return dated;
    return dated.map((reading) => {
      if (vital.has(reading.point)) return reading;
      if (isHeldBack) return { ...reading, historical: true as const };
      return reading.quality === 'good' ? { ...reading, quality: 'uncertain' as const, reason: doubt } : reading;
    });
  };
}

/** Further ahead than this, a kept record's time is wrong. */
const graceMs = 60_000;

/** A kept value without a time is about no time, and is none. */
function asHistory(reading: Reading, at: number): Reading[] {
  if (reading.deviceAt === undefined) return [];
  const isAhead = reading.deviceAt > at + graceMs && reading.quality === 'good';
  const historical = { ...reading, historical: true as const };
  return [isAhead ? { ...historical, quality: 'uncertain', reason: 'clock-skew' } : historical];
}
