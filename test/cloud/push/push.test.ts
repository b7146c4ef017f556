import { connect, createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { registerServer } from '../../gateway/modbus/register-server.ts';
import { cloudProgram, endOf, until } from '../../stories/programs.ts';
import { PushTown } from './push-town.ts';

let town: PushTown;
beforeAll(async () => {
  town = await PushTown.open('push');
  await town.settled(0);
});
afterAll(() => town.close());

const secret = 'hunter2-hunter2';

it('a site that the cloud did not push is a conflict until it is named; then the push is applied and proven per port', async () => {
  const { a, b, one } = town;
  const next = town.site([a, { ...b, units: [1, 2] }]);
  const refused = await town.refused(next);
  expect(refused).toMatchObject({ status: 409, body: { code: 'site-changed', current: { changedLocally: true, kept: null } } });
  const base = (await town.view()).running?.sha256;
  const stale = await town.refused(next, { base: '0'.repeat(64) });
  expect(stale).toMatchObject({ status: 409 });
  const [connected, heard] = [one.connections, one.heard.length];
  const version = await town.put(`# ${secret}\n${next}`, { base });
  const push = await town.becomes(version, 'kept', 'refused', 'rolled-back');
  // The new folder of profiles holds the same profile: the port of the other line is not touched.
  expect(push).toMatchObject({ state: 'kept', results: [{ port: 'b', change: 'changed', ok: true, reasons: [] }], problems: [] });
  expect(one.connections).toBe(connected);
  await until('polls of the untouched port', () => one.heard.length > heard + 5);
  expect(await town.settled(version)).toMatchObject({ changedLocally: false, kept: { version } });
  expect(town.read()).toContain('.pushed/');
  const { rows } = await sql<{ push: string | null }>`select push from site_push`.execute(town.database.db);
  expect(rows).toEqual([{ push: null }]);
  expect(JSON.stringify(await town.view())).not.toContain(secret);
});

it('a wrong file is refused whole with every problem, by the cloud or by the gateway, and the old site polls on', async () => {
  const { a, b, one } = town;
  const [connected, before] = [one.connections, town.read()];
  const wrong = town.site([a, { ...b, units: [1, 1] }]).replaceAll('story.switch-room', 'story.switch-rom');
  const { status, body } = await town.refused(wrong);
  expect({ status, body }).toMatchObject({ status: 422, body: { code: 'site-problems' } });
  const { issues } = body as { issues: { path: string; message: string }[] };
  expect(issues.length).toBeGreaterThanOrEqual(4);
  expect(issues.map(({ message }) => message).join()).toContain('is used twice');
  const other = await town.refused(town.site([a, b]).replace('gw-story', 'gw-other'));
  expect(other).toMatchObject({ status: 422, body: { issues: [{ path: expect.stringContaining('gateway.id') }] } });
  // What only the gateway knows: a restart is needed for these.
  const version = await town.put(town.site([a, b], { privacy: 'drop', store: { maxMegabytes: 700 } }));
  const push = await town.becomes(version, 'kept', 'refused', 'rolled-back');
  expect(push).toMatchObject({ state: 'refused', problemCount: 2, reason: { en: expect.stringContaining('refused whole') } });
  expect(push.problems.map(({ path }) => path).sort()).toEqual(['privacy', 'store']);
  expect([town.read(), one.connections]).toEqual([before, connected]);
});

it('a push after which the cloud is not there any more rolls back by itself, and the cloud learns why afterwards', async () => {
  const { a, b, one, proxy } = town;
  const [before, connected] = [town.read(), one.connections];
  const at = await freePort(0);
  const version = await town.put(town.site([a, { ...b, units: [1, 2] }, { id: 'c', at, units: [1] }]), { within_ms: 4_000 });
  await town.becomes(version, 'verifying');
  proxy.faults.refuse = true;
  proxy.cut();
  // The new port answers meanwhile: what is missing is the cloud alone.
  const late = await registerServer('tcp', (close) => town.community.programs.atEnd(close));
  const door = createServer((socket) => socket.pipe(connect(late.port, '127.0.0.1')).pipe(socket));
  await new Promise<void>((done) => door.listen(at, '127.0.0.1', done));
  await until('the old site', async () => (await town.community.status()).ports.every(({ id }) => id !== 'c'));
  proxy.faults.refuse = false;
  const push = await town.becomes(version, 'kept', 'refused', 'rolled-back');
  expect(push).toMatchObject({ state: 'rolled-back', reason: { en: expect.stringContaining('has not confirmed since') } });
  expect(push.results).toEqual([{ port: 'c', change: 'added', ok: true, reasons: [] }]);
  expect([town.read(), one.connections]).toEqual([before, connected]);
  door.close();
});

it('a gateway that is killed in the middle comes up with the old site, tells the cloud, and does not try again', async () => {
  const { a, b, community } = town;
  const before = town.read();
  const version = await town.put(town.site([a, b, { id: 'c', at: 1, units: [1] }]));
  await town.becomes(version, 'verifying');
  await endOf(town.gateway.process, 'SIGKILL');
  town.gateway = await community.startGateway();
  const push = await town.becomes(version, 'kept', 'refused', 'rolled-back');
  expect(push).toMatchObject({ state: 'rolled-back', reason: { en: expect.stringContaining('ended in the middle') } });
  expect(await town.settled(version)).toMatchObject({ changedLocally: false });
  expect(town.read()).toBe(before);
});

it('a gateway that was away gets the newest; one that is signed wrongly, or old, does nothing and both sides say so', async () => {
  const { a, b, community, database } = town;
  const before = town.read();
  await endOf(town.gateway.process);
  const first = await town.put(town.site([a, b]));
  const forged = await town.put(town.site([a, { ...b, units: [1, 2, 3] }]));
  await town.becomes(first, 'superseded');
  const { rows } = await sql<{ push: string; signature: string }>`select push, signature from site_push
    where version = ${forged}`.execute(database.db);
  const pushed = rows[0]?.push ?? '';
  const altered = pushed.replace('"withinMs":120000', '"withinMs":110000');
  expect(altered).not.toBe(pushed);
  await sql`update site_push set push = ${altered} where version = ${forged}`.execute(database.db);
  town.gateway = await community.startGateway();
  expect(await town.becomes(forged, 'kept', 'refused')).toMatchObject({
    state: 'refused',
    reason: { en: expect.stringContaining('signature of the pushed site is wrong') },
  });
  const says = await community.status();
  expect(says.problems.map(({ en }) => en).join()).toContain('signature of the pushed site is wrong');
  expect(town.read()).toBe(before);

  const good = await town.put(town.site([a, { ...b, units: [1, 2, 3] }]));
  expect(await town.becomes(good, 'kept', 'refused', 'rolled-back')).toMatchObject({ state: 'kept' });
  await town.settled(good);
  const kept = town.read();
  // The cloud's own word of before, well signed, once more.
  await sql`update site_push set state = 'pending', push = ${pushed} where version = ${forged}`.execute(database.db);
  expect(await town.becomes(forged, 'kept', 'refused')).toMatchObject({
    state: 'refused',
    reason: { en: expect.stringContaining('dealt with before') },
  });
  expect(town.read()).toBe(kept);
});

it('the command line pushes and waits, says what became of it, and shows what was pushed', async () => {
  const { a, b, community } = town;
  const { programs } = community;
  const [cloud, file] = [join(programs.folder, 'cloud'), join(programs.folder, 'next.yaml')];
  const run = (...words: string[]) => programs.run([cloudProgram, 'gateways', ...words, '--data', cloud, '--lang', 'en']);
  writeFileSync(file, town.site([a, b]));
  const [pushed, shown] = [await run('push', 'gw-story', file), await run('site', 'gw-story')];
  expect(pushed).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ applied[^]*✓ b/) });
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/Runs: version \d+[^]*superseded/) });
  writeFileSync(file, town.site([a, { ...b, units: [1, 1] }]));
  expect(await run('push', 'gw-story', file)).toMatchObject({ code: 2, stdout: expect.stringContaining('nothing was pushed') });
  // Changed on the gateway: visible, and not silently overwritten.
  writeFileSync(community.site, town.read().replace('Test gateway', 'Local gateway'));
  await endOf(town.gateway.process);
  town.gateway = await community.startGateway();
  await until('the change to be seen', async () => (await town.view()).changedLocally, 40_000, 400);
  writeFileSync(file, town.site([a]));
  expect(await run('push', 'gw-story', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('--over-local') });
});
