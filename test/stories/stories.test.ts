import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openMigratedDatabase } from '../../cloud/records/database.ts';
import { readPlans } from '../../cloud/response-rules.ts';
import { embeddedServer, makeDatabase } from '../cloud/records/servers.ts';
import { parseStory, startOf, tell } from './harness/story.ts';
import { Town } from './harness/town.ts';
import { type Part, understand } from './harness/words.ts';

const here = new URL('./', import.meta.url);
const files = readdirSync(here).filter((name) => name.endsWith('.story.yaml'));
const parts = await Promise.all(
  readdirSync(new URL('steps/', here)).map(
    async (name) => ((await import(new URL(`steps/${name}`, here).href)) as { part: Part }).part,
  ),
);

let database: Database;
let own: Awaited<ReturnType<typeof makeDatabase>>;
let plans: Awaited<ReturnType<typeof readPlans>>;
beforeAll(async () => {
  const server = await embeddedServer();
  own = await makeDatabase(server.connection);
  database = await openMigratedDatabase(own.connection);
  plans = await readPlans();
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

describe('stories', () => {
  it.each(files.map((file, nth) => [file, nth] as const))(
    '%s',
    async (file, nth) => {
      const story = parseStory(readFileSync(new URL(file, here), 'utf8'), file);
      const town = new Town({ database, plans, parts, nth, start: startOf(story) });
      await town.open();
      await tell(town, parts, story);
      await town.close();
    },
    180_000,
  );
});

describe('a story that is not true', () => {
  const told = async (...steps: string[]) => {
    const story = { story: '', start: '2026-11-23 03:00:00', people: {}, steps };
    const town = new Town({ database, plans, parts, nth: files.length + nextTown++, start: startOf(story) });
    await town.open();
    await tell(town, parts, story);
  };
  let nextTown = 0;

  it('fails, and says at which line and when', () =>
    expect(told('alarm smoke 1-1-101', '03:00:05 expect alarm smoke 1-1-101 acked')).rejects.toThrow(
      '03:00:05 "03:00:05 expect alarm smoke 1-1-101 acked": alarm: expected acked, found unacked',
    ));
  it('fails where somebody was refused and nobody expected it', () =>
    expect(told('alarm smoke 1-1-101', 'zhang acks smoke 1-1-101')).rejects.toThrow(/nobody is called zhang/));
});

describe('the words of a story', () => {
  it('a line that no part knows is said to be one, with what is near', () =>
    expect(() => understand(parts, 'zhang acknowledges smoke 3-2-502')).toThrow(/no step means "zhang acknowledges/));
  it('the sentence with the most words of its own is meant', () =>
    expect(understand(parts, 'zhang acks smoke 3-2-502 for 5 min').said).toMatchObject({ minutes: '5' }));
});
