import type { LineBudget, PollBudget } from '../driver.ts';
import type { Ask, LineTime } from './dialect.ts';
import { serialLine } from './line-time.ts';
import { deviceShape, type LineDevice, pollsOf } from './plan.ts';
import type { LinePort } from './settings.ts';

/** What a slave usually thinks before it answers, milliseconds. */
const thinkMs = 20;

/**
 * The line time that the polls of a port need. Undefined where nobody says how fast the line is: behind a serial server
 * without `baud`, with a device whose profile does not say it either.
 */
export function lineBudget(port: LinePort, devices: readonly LineDevice[]): LineBudget | undefined {
  const polls: PollBudget[] = [];
  let likely = 0;
  for (const device of devices) {
    const shape = deviceShape(port, device);
    if (shape === undefined) return undefined;
    const line = serialLine(shape);
    for (const { group, everyMs, reads } of pollsOf(port, device)) {
      const lineMs = reads.reduce((sum, read) => sum + askMs(read.first(), line), 0);
      const msPerSecond = (lineMs * 1_000) / everyMs;
      polls.push({ device: device.id, group, everyMs, requests: reads.length, lineMs, msPerSecond });
      likely += msPerSecond + (reads.length * thinkMs * 1_000) / everyMs;
    }
  }
  const msPerSecond = polls.reduce((sum, poll) => sum + poll.msPerSecond, 0);
  return { msPerSecond, likelyMsPerSecond: likely, polls };
}

/** Request and answer, a silence before each. */
function askMs({ send, usualAnswer, longestAnswer }: Ask, line: LineTime): number {
  return line.bytesMs(send.length + (usualAnswer ?? longestAnswer)) + 2 * line.gapMs;
}

/** The polls that need most, for people: `meter-1 fast: 281 ms every 1000 ms`. */
export function heaviest({ polls }: LineBudget, most = 3): string {
  const sorted = polls.toSorted((a, b) => b.msPerSecond - a.msPerSecond).slice(0, most);
  return sorted
    .map(({ device, group, lineMs, everyMs }) => `${device} ${group}: ${Math.round(lineMs)} ms / ${everyMs} ms`)
    .join('; ');
}
