import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Decoded } from '../decode/decode.ts';
import { type Output, table } from './output.ts';

/** What a frame says, as a document. */
export function pointsOf(profile: Profile, { readings, events }: Decoded) {
  return {
    points: readings.map(({ point, value, quality, reason, deviceAt, historical }) => {
      const unit = profile.points[point]?.unit ?? '1';
      const dated = { ...(deviceAt === undefined ? {} : { deviceAt }), ...(historical ? { historical } : {}) };
      return { point, value, unit, quality, ...(reason ? { reason } : {}), ...dated };
    }),
    events: events.map(({ type, code, serial, data, deviceAt }) => ({ type, code, serial, data, deviceAt })),
  };
}

/** The same for people. */
export function decodedLines(profile: Profile, decoded: Decoded, output: Output): string[] {
  const { points, events } = pointsOf(profile, decoded);
  const rows = points.map(({ point, value, unit, quality, reason, deviceAt, historical }) => {
    const name = profile.points[point]?.name;
    return [
      point,
      name ? textIn(name, output.language) : '',
      value === null ? '—' : `${String(value)} ${units[unit].symbol}`.trim(),
      reason ? `${quality} (${reason})` : quality,
      // What the device had kept is about then and not about now.
      historical && deviceAt !== undefined ? new Date(deviceAt).toISOString() : '',
    ];
  });
  const eventLines = events.map(
    (event) => `→ ${event.type}${event.code ? ` (${event.code})` : ''} ${JSON.stringify(event.data ?? {})}`,
  );
  return [...table(rows), ...eventLines, ...(decoded.left ? [`! ${output.say(decoded.left)}`] : [])];
}
