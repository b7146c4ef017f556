import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { isUnacked } from '../board.ts';

/**
 * What has to sound, decided purely. Level I: two tones without pause until acknowledged or muted for 60 s. Level II:
 * every 10 s. Level III: one chime. Level IV: silent. A new level I breaks the mute.
 */
export interface Score {
  loop: 'siren' | 'repeat' | null;
  chime: boolean;
  mutedUntil: number | null;
  /** Incidents heard of so far that are still unacknowledged, to know what is new. */
  known: readonly string[];
}

export const muteMs = 60_000;

export const silence: Score = { loop: null, chime: false, mutedUntil: null, known: [] };

export function nextScore(before: Score, queue: readonly IncidentSummary[], now: number): Score {
  const waiting = queue.filter(isUnacked);
  const fresh = waiting.filter((incident) => !before.known.includes(incident.id));
  const has = (items: readonly IncidentSummary[], level: number) => items.some((one) => levelOf(one.severity) === level);
  const expired = before.mutedUntil !== null && before.mutedUntil <= now;
  const mutedUntil = has(fresh, 1) || expired ? null : before.mutedUntil;
  const loop = has(waiting, 1) ? 'siren' : has(waiting, 2) ? 'repeat' : null;
  return {
    loop: mutedUntil === null ? loop : null,
    chime: mutedUntil === null && has(fresh, 3) && loop === null,
    mutedUntil,
    known: waiting.map((incident) => incident.id),
  };
}

export function muted(score: Score, now: number): Score {
  return { ...score, loop: null, chime: false, mutedUntil: now + muteMs };
}
