import type { SimulatedDevice } from './device.ts';

const shortestMs = 1_000;
const longestMs = 5 * 60_000;

/** How often a device speaks by itself: its group, its heartbeat, or well inside the silence that counts as late. */
export function rhythmMs({ profile }: SimulatedDevice): number {
  const groups = Object.values(profile.groups).map(({ every }) => every);
  const heartbeats = Object.values(profile.points).flatMap(({ heartbeat }) => heartbeat ?? []);
  const silence = (profile.availability.lateAfter ?? profile.availability.offlineAfter) / 3;
  const wanted = Math.min(...(groups.length > 0 ? groups : heartbeats), silence);
  return Math.min(Math.max(wanted, shortestMs), longestMs);
}
