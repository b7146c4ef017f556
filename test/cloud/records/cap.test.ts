import { describe, expect, it } from 'vitest';
import { openCapDesk } from '../../../cloud/records/cap-desk.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { alertOf, areaOf, infoOf } from '../cap/documents.ts';
import { embeddedServer } from './servers.ts';
import { all, li, useStage } from './stage.ts';
import { t0 } from './workshop.ts';

const stage = useStage(embeddedServer);
const from = { sender: 'yihu@test', name: 'Yihu' };
const info = infoOf({
  expires: '2026-11-23T11:00:00+08:00',
  area: areaOf({ code: 'xingfu/xfl' }) + areaOf({ code: 'xingfu/dhy' }),
});
const rain = alertOf({ sent: '2026-11-23T09:59:00+08:00', info: [info] });

describe('warnings from outside', () => {
  it('one nobody takes back ends at its time, in each of its areas, and its incident stays for the dispatcher', async () => {
    const taken = await openCapDesk(stage.desk(), from).receive(all, li, rain);
    expect(taken).toMatchObject({ ok: true, value: { areas: ['xingfu/dhy', 'xingfu/xfl'] } });
    const until = t0 + 3_600_000;
    await sweep(stage.desk(), until - 1);
    const open = async () => (await stage.records.listAlarms(all, { active: true })).items.length;
    expect(await open()).toBe(2);
    const done = await sweep(stage.desk(), until);
    expect(done.map(({ due, outcome }) => [due.kind, outcome])).toContainEqual(['cap-end', 'over']);
    expect(await open()).toBe(0);
    const { items } = await stage.records.listIncidents(all, { open: true });
    expect(items).toHaveLength(2);
    const detail = await stage.records.incidentDetail(all, items[0]?.id ?? '');
    expect(detail?.timeline.at(-1)?.text.zh).toBe('外部预警已过有效期');
  });

  it('an update that leaves an area out clears it there; one that names another raises it there', async () => {
    const desk = openCapDesk(stage.desk(), from);
    const only = (code: string) => infoOf({ area: areaOf({ code }), expires: '2026-11-23T11:00:00+08:00' });
    const update = (identifier: string, sent: string, code: string) =>
      alertOf({
        identifier,
        sent,
        msgType: 'Update',
        references: 'qx@weather.example,w-1,2026-11-23T09:59:00+08:00',
        info: [only(code)],
      });
    await desk.receive(all, li, rain);
    await desk.receive(all, li, update('w-2', '2026-11-23T09:59:30+08:00', 'xingfu/xfl'));
    const active = async () => (await stage.records.listAlarms(all, { active: true })).items.map(({ area }) => area).sort();
    expect(await active()).toEqual(['xingfu/xfl']);
    await desk.receive(all, li, update('w-3', '2026-11-23T09:59:40+08:00', 'xingfu/dhy'));
    expect(await active()).toEqual(['xingfu/dhy']);
    // The episode nobody had acknowledged goes on: one alarm per area, whatever came and went.
    expect((await stage.records.listAlarms(all, {})).items).toHaveLength(2);
  });

  it('two workers that get the same message at once raise it once', async () => {
    const desks = [1, 2, 3, 4].map(() => openCapDesk(stage.desk(), from));
    const answers = await Promise.all(desks.map((desk) => desk.receive(all, li, rain)));
    expect(answers.filter((answer) => 'ok' in answer && answer.ok && !answer.value.repeated)).toHaveLength(1);
    expect((await stage.records.listAlarms(all, {})).items).toHaveLength(2);
  });
});
