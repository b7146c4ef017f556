import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { limits } from '../../../cloud/limits.ts';
import type { RevealRequest } from '../../../cloud/registry/reveal.ts';
import type { Server } from '../records/servers.ts';
import { dispatcher, house, keeper, reader, t0, typed, usePeople, value, worker, xfl } from './people-stage.ts';

export function revealSuite(name: string, start: () => Promise<Server>): void {
  describe(`behind the masks on ${name}`, { timeout: 60_000 }, () => {
    const stage = usePeople(start);
    let old: string;
    let neighbour: string;

    beforeAll(async () => {
      const make = async (...words: Parameters<typeof typed>) =>
        value(await stage.registry.people.create(worker, typed(...words))).id;
      const contact = { name: '王强', phone: '13700001111', relation: '儿子' };
      old = await make('王老伯', house.a502, {
        idNumber: '11010519491231002X',
        phone: '13812345678',
        contact,
        needs: ['alone', 'oxygen'],
      });
      neighbour = await make('刘奶奶', house.a602, { phone: '13800000602', needs: ['wheelchair'] });
      await make('健康人', house.a501, { phone: '13800000501' });
      await make('隔壁楼', house.b101, { needs: ['blind'] });
    });

    const incident = async (id: string, area: string, hazard: Hazard = 'fire', state = 'confirmed') => {
      await sql`insert into incident (id, number, group_key, title, hazard, severity, state, area, place, opened_at, edge_at, updated_at, last_alarm_at, version)
        values (${id}, ${id}, ${id}, '{"zh":"火警"}', ${hazard}, 'critical', ${state}, ${area}, '', 0, 0, 0, 0, 1)`.execute(
        stage.database.db,
      );
      return id;
    };
    const request = (more: Partial<RevealRequest> = {}): RevealRequest => ({
      fields: ['phone'],
      why: 'visit',
      note: null,
      incident: null,
      ...more,
    });
    const reveal = (who: typeof worker, id: string, more?: Partial<RevealRequest>) =>
      stage.registry.reveals.reveal(who, id, request(more));

    it('are the asked fields and no others, for those who work there', async () => {
      expect(value(await reveal(worker, old, { fields: ['phone', 'contact'] }))).toEqual({
        reveal: expect.stringMatching(/^rv-/),
        phone: '13812345678',
        contact: { name: '王强', phone: '13700001111', relation: '儿子' },
        left: limits.revealsPerHour - 1,
      });
      expect(value(await reveal(keeper, old, { fields: ['idNumber', 'birth', 'name'] }))).toEqual({
        reveal: expect.stringMatching(/^rv-/),
        idNumber: '11010519491231002X',
        birth: '1949-12-31',
        name: '王老伯',
        left: limits.revealsPerHour - 1,
      });
      expect(await reveal(reader('grid-worker', `${xfl}/g2`), old)).toMatchObject({ code: 'not-found' });
      expect(await reveal(reader('admin', ''), old)).toMatchObject({ code: 'not-found' });
    });

    it('open to a dispatcher for an incident that is open and reaches the person, and not a minute longer', async () => {
      expect(await reveal(dispatcher, old)).toMatchObject({ code: 'not-found' });
      const fire = await incident('inc-1', house.a502);
      expect(value(await reveal(dispatcher, old, { incident: fire, why: 'emergency' })).phone).toBe('13812345678');
      expect(value(await reveal(dispatcher, neighbour, { incident: fire })).phone).toBe('13800000602');
      // A number that is not needed to save anybody stays where it is.
      expect(await reveal(dispatcher, old, { incident: fire, fields: ['idNumber'] })).toMatchObject({ code: 'not-found' });
      const elsewhere = await incident('inc-2', house.b101);
      expect(await reveal(dispatcher, old, { incident: elsewhere })).toMatchObject({ code: 'not-found' });
      expect(await reveal(reader('dispatcher', 'xingfu/dhy'), old, { incident: fire })).toMatchObject({ code: 'not-found' });
      await sql`update incident set state = 'closed' where id = ${fire}`.execute(stage.database.db);
      expect(await reveal(dispatcher, old, { incident: fire })).toMatchObject({ code: 'not-found' });
    });

    it('show a dispatcher the household and the vulnerable of the building, while the incident is open', async () => {
      const fire = await incident('inc-3', house.a502);
      const held = [
        { id: 'post-1', area: `${xfl}/g1/3`, post: 'building-head', name: '刘奶奶', phone: null },
        { id: 'post-2', area: `${xfl}/g1`, post: 'grid-leader', name: '周网格', phone: '139 0000 0001' },
        { id: 'post-3', area: `${xfl}/g1`, post: 'grid-police', name: '老王', phone: '138-1234-5678' },
        { id: 'post-4', area: `${xfl}/g2`, post: 'grid-leader', name: '别处的', phone: null },
      ];
      for (const { id, area, post, name, phone } of held)
        await sql`insert into area_post (id, area, post, name, phone, from_at) values (${id}, ${area}, ${post}, ${name}, ${phone}, 0)`.execute(
          stage.database.db,
        );
      const people = await stage.registry.reveals.incidentPeople(dispatcher, fire);
      expect(people).toMatchObject({
        reach: `${xfl}/g1/3`,
        household: [{ name: '王老伯', phone: '13812345678', needs: ['alone', 'oxygen'], label: '幸福里 3栋2单元502' }],
        atRisk: [{ name: '刘奶奶', needs: ['wheelchair'] }],
        // The closest first; who lives there is known by the name on the area or by the telephone.
        posts: [
          { post: 'building-head', name: '刘奶奶', person: people?.atRisk[0]?.id },
          { post: 'grid-leader', name: '周网格', person: null },
          { post: 'grid-police', name: '老王', person: people?.household[0]?.id },
        ],
      });
      expect(people?.atRisk).toHaveLength(1);
      expect(await stage.registry.reveals.incidentPeople(reader('dispatcher', `${xfl}/g2`), fire)).toBeNull();
      await sql`update incident set state = 'false-alarm' where id = ${fire}`.execute(stage.database.db);
      expect(await stage.registry.reveals.incidentPeople(dispatcher, fire)).toBeNull();
    });

    it('stay closed for what endangers nobody: a gateway that is silent opens no list of a whole community', async () => {
      expect(await stage.registry.reveals.incidentPeople(dispatcher, await incident('inc-4', xfl, 'communication'))).toBeNull();
      const gas = await stage.registry.reveals.incidentPeople(dispatcher, await incident('inc-5', xfl, 'gas'));
      expect(gas?.household).toEqual([]);
      expect(gas?.atRisk.map(({ name: who }) => who).sort()).toEqual(['刘奶奶', '王老伯', '隔壁楼'].sort());
    });

    it('list the vulnerable of their own area to its workers, and to nobody else', async () => {
      const { reveals } = stage.registry;
      const mine = await reveals.atRisk(worker, `${xfl}/g1`, undefined);
      expect(mine.items.map(({ name: who }) => who)).toEqual(['王老伯', '刘奶奶', '隔壁楼']);
      expect((await reveals.atRisk(dispatcher, `${xfl}/g1`, undefined)).items).toEqual([]);
      expect((await reveals.atRisk(reader('grid-worker', `${xfl}/g2`), `${xfl}/g1`, undefined)).items).toEqual([]);
    });

    it('are counted by the hour, across every process and restart, also where many are asked at once', async () => {
      const busy = reader('grid-worker', `${xfl}/g1`, 'u-busy');
      const answers = await Promise.all(Array.from({ length: limits.revealsPerHour + 5 }, () => reveal(busy, old)));
      expect(answers.filter(({ ok }) => ok)).toHaveLength(limits.revealsPerHour);
      expect(answers.find(({ ok }) => !ok)).toMatchObject({ code: 'too-many' });
      expect(await reveal(worker, old)).toMatchObject({ ok: true });
      stage.now = t0 + 3_600_001;
      expect(value(await reveal(busy, old)).left).toBe(limits.revealsPerHour - 1);
      stage.now = t0;
    });

    it('are written down with who and why; the words of the reason are sealed, for they may name people', async () => {
      value(await reveal(keeper, neighbour, { note: '王老伯的女儿来电', why: 'own-request' }));
      const { rows } = await sql<{ row: string; by: string; why: string }>`select r::text as row, by, why from reveal r
        where person = ${neighbour} and by = ${keeper.id}`.execute(stage.database.db);
      expect(rows).toMatchObject([{ by: keeper.id, why: 'own-request' }]);
      expect(rows[0]?.row).not.toContain('女儿');
      expect(rows[0]?.row).not.toContain(Buffer.from('女儿').toString('hex'));
      expect((await stage.registry.people.detail(keeper, neighbour))?.reveals).toBeGreaterThan(0);
    });
  });
}
