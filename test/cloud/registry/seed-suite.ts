import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { seededChance } from '../../../cloud/random.ts';
import { areaRecords } from '../../../cloud/records/areas.ts';
import { resealAll } from '../../../cloud/records/reseal.ts';
import { hasArea, settleStreet, writeStreet } from '../../../cloud/records/seed.ts';
import { coverageOf } from '../../../cloud/registry/grids.ts';
import { checkCharacter, readIdNumber } from '../../../cloud/registry/id-number.ts';
import { newRing, turned } from '../../../cloud/registry/key-file.ts';
import { peopleRecords } from '../../../cloud/records/people.ts';
import { mergeRecords } from '../../../cloud/records/merges.ts';
import { openPerson } from '../../../cloud/registry/person-sealing.ts';
import { createRegistry } from '../../../cloud/registry/registry.ts';
import { createSealer } from '../../../cloud/registry/sealing.ts';
import { seedStreet } from '../../../cloud/registry/seed/seed.ts';
import type { Server } from '../records/servers.ts';
import { newKey, reader, t0, usePeople, value } from './people-stage.ts';

const size = { communities: 2, grids: 5, households: 230, people: 600, devices: 61 };
const boss = reader('property', 'heping');

export function seedSuite(name: string, start: () => Promise<Server>): void {
  describe(`a seeded street on ${name}`, { timeout: 120_000 }, () => {
    const stage = usePeople(start);
    const made = (seed: number, street = 'heping') =>
      seedStreet({ chance: seededChance(seed), sealer: stage.sealer, street, size, at: t0 });
    const plain = (seed: number) =>
      [...made(seed).people()].flatMap(({ people, occupancies }) =>
        people.map((person, nth) => [openPerson(stage.sealer, person), occupancies[nth]?.area]),
      );

    it('is the same for the same seed, and another for another', () => {
      expect(plain(3)).toEqual(plain(3));
      expect(plain(3)).not.toEqual(plain(4));
      expect(made(3).posts).toEqual(made(3).posts);
      expect(made(3).organisations).toEqual(made(3).organisations);
    });

    it('holds exactly as many of everything as it says, and covers its communities', async () => {
      const { db } = stage.database;
      expect(await writeStreet(db, made(3), t0)).toEqual({ people: size.people });
      await settleStreet(db);
      expect(await hasArea(db, 'heping')).toBe(true);
      const { rows } = await sql<Record<string, number>>`select
        (select count(*)::int from person where test) as people, (select count(*)::int from area where kind = 'room' and path like 'heping/%') as households,
        (select count(*)::int from area where kind = 'grid' and path like 'heping/%') as grids,
        (select count(*)::int from area where kind = 'community' and path like 'heping/%') as communities,
        (select count(*)::int from device where area like 'heping/%') as devices`.execute(db);
      expect(rows[0]).toEqual(size);
      const records = areaRecords(db, stage.desk.clock);
      for (const path of ['heping/xfl', 'heping/yghy']) {
        const found = await records.community(boss.scope, path);
        expect(found && coverageOf(found.community, found.areas)).toMatchObject({ complete: true, empty: [] });
      }
      expect((await records.posts(boss.scope, 'heping/xfl/g1', false)).map(({ post }) => post)).toContain('grid-leader');
      await expect(writeStreet(db, made(3), t0)).rejects.toThrow('duplicate key');
    });

    it('is made of nobody: numbers with a right check character that no person can have, telephones that ring nowhere', () => {
      const people = plain(5).map(([person]) => person as ReturnType<typeof openPerson>);
      for (const { idNumber, phone, birth, sex } of people) {
        expect(idNumber?.slice(0, 2)).toBe('00');
        expect(checkCharacter(idNumber ?? '')).toBe(idNumber?.[17]);
        expect(readIdNumber(idNumber ?? '', '2026-11-23')).toEqual({ ok: false, problem: 'region' });
        expect(idNumber?.slice(6, 14)).toBe(birth?.replaceAll('-', ''));
        expect(Number(idNumber?.[16]) % 2 === 1 ? 'm' : 'f').toBe(sex);
        if (phone !== null) expect(phone).toMatch(/^160\d{8}$/);
      }
      const phones = people.flatMap(({ phone }) => (phone === null ? [] : [phone]));
      expect(new Set(phones).size).toBe(phones.length);
      expect(people.some(({ needs }) => needs.length > 0)).toBe(true);
    });

    it('can be worked with: found, changed, merged', async () => {
      const { people, houses } = stage.registry;
      const page = await people.list(boss, { current: true, limit: 3 });
      expect(page.total).toBe(size.people);
      const [one, other] = page.items;
      if (!one || !other) throw new Error('nobody');
      expect((await houses.search(boss, one.name, undefined)).people.map(({ id }) => id)).toContain(one.id);
      const provenance = { source: 'self', basis: 'consent' } as const;
      const changed = value(
        await people.change(boss, one.id, { version: 1, change: { phone: '16099999999' }, tags: ['lifting'], provenance }),
      );
      value(
        await stage.registry.merges.merge(boss, one.id, {
          other: other.id,
          version: changed.version,
          otherVersion: 1,
          take: ['name'],
          key: newKey(),
        }),
      );
    });

    it('is sealed anew when the keys turn: nothing of the old key is left, and everything opens, its history too', async () => {
      const { db } = stage.database;
      const ring = newRing(t0);
      // What this suite wrote was sealed with the stage's ring; a street of its own shows the turn from key to key.
      const first = createSealer(ring);
      const street = seedStreet({ chance: seededChance(9), sealer: first, street: 'turned', size, at: t0 });
      await sql`delete from person_change`.execute(db);
      await sql`delete from person`.execute(db);
      await sql`delete from person_seat`.execute(db);
      await sql`delete from occupancy`.execute(db);
      await sql`delete from gateway`.execute(db);
      await sql`delete from device`.execute(db);
      await writeStreet(db, street, t0);
      const desk = { ...stage.desk, records: peopleRecords(db), merges: mergeRecords(db) };
      const boss2 = reader('property', 'turned');
      const before = createRegistry({ ...desk, sealer: first });
      const [one, other] = (await before.people.list(boss2, { current: true, limit: 2 })).items;
      if (!one || !other) throw new Error('nobody');
      const merged = value(
        await before.merges.merge(boss2, one.id, {
          other: other.id,
          version: 1,
          otherVersion: 1,
          take: ['name', 'idNumber'],
          key: newKey(),
        }),
      );
      const next = turned(ring, t0);
      const second = createSealer(next);
      expect(await resealAll(db, second)).toBeGreaterThan(size.people * 2);
      expect(await resealAll(db, second)).toBe(0);
      // The old key is taken away altogether: nothing needs it any more.
      const alone = createSealer({ ...next, keys: next.keys.slice(0, 1) });
      const after = createRegistry({ ...desk, sealer: alone });
      const apart = value(await after.merges.unmerge(boss2, merged.merge));
      expect([apart.person.name, apart.other.name]).toEqual([one.name, other.name]);
      expect((await after.people.list(boss2, { current: true, limit: 500 })).items).toHaveLength(500);
      expect((await after.houses.search(boss2, one.name, undefined)).people.map(({ id }) => id)).toContain(one.id);
    });
  });
}
