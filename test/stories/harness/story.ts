import { parse } from 'yaml';
import { z } from 'zod';
import { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Town } from './town.ts';
import { type Part, understand } from './words.ts';

/** One story as it is written; `README.md` has the words. */
const Story = z.strictObject({
  story: z.string(),
  /** Local time in Shanghai. */
  start: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  people: z.record(z.string(), z.strictObject({ name: z.string(), role: Role, duty: z.boolean().default(true) })).default({}),
  steps: z.array(z.string()).min(1),
});
export type Story = z.output<typeof Story>;

/** @throws with the file's name and every problem. */
export function parseStory(text: string, file: string): Story {
  const result = Story.safeParse(parse(text));
  if (result.success) return result.data;
  throw new Error(`${file}: ${result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`);
}

export function startOf({ start }: Story): number {
  return Date.parse(`${start.replace(' ', 'T')}+08:00`);
}

/** Lives through a story; the error of a step names its line. */
export async function tell(town: Town, parts: readonly Part[], story: Story): Promise<void> {
  for (const [id, person] of Object.entries(story.people)) await town.addPerson(id, person);
  for (const line of story.steps) {
    try {
      await oneStep(town, parts, line);
    } catch (error) {
      throw new Error(`${town.clock()} "${line}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  town.mustBeAllowed();
}

async function oneStep(town: Town, parts: readonly Part[], line: string): Promise<void> {
  const timed = /^(\d\d:\d\d:\d\d)\s+(.*)$/.exec(line);
  if (timed) await town.advance(nextAt(town.now, timed[1] ?? ''));
  const words = timed?.[2] ?? line;
  const { step, said } = understand(parts, words);
  if (!words.startsWith('expect refused')) town.mustBeAllowed();
  await step(town, said);
}

const dayMs = 24 * 3_600_000;
const shanghaiMs = 8 * 3_600_000;

/** The next time the clock on the wall shows this. */
function nextAt(now: number, clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  const midnight = Math.floor((now + shanghaiMs) / dayMs) * dayMs - shanghaiMs;
  const at = midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return at < now ? at + dayMs : at;
}
