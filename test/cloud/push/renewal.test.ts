import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Identity } from '../../../gateway/uplink/identity.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { CloudRows } from '../../faults/cloud-rows.ts';
import { registerServer } from '../../gateway/modbus/register-server.ts';
import { Community } from '../../stories/community.ts';
import { until } from '../../stories/programs.ts';
import { switchRoom } from '../../stories/switch-room.ts';

const lifeMs = 20_000;
let community: Community;
beforeAll(async () => {
  community = await Community.make('renewal');
  community.cloudArgs = ['--gateway-certificate', String(lifeMs / 3_600_000)];
  const server = await registerServer('tcp', (close) => community.programs.atEnd(close));
  community.writeProfile(switchRoom);
  await community.writeSite({
    profiles: ['profiles'],
    ports: [{ id: 'a', driver: 'modbus', host: '127.0.0.1', port: server.port }],
    devices: [{ id: 'a-1', profile: switchRoom.id, port: 'a', address: { unit: 1 }, name: '表' }],
  });
  await community.startCloud();
  await community.claim();
  await community.startGateway();
});
afterAll(() => community.dispose());

const identity = () =>
  JSON.parse(readFileSync(join(community.programs.folder, 'gateway/identity/identity.json'), 'utf8')) as Identity;

it('a certificate of twenty seconds is renewed at two thirds; the line goes on past its end and nothing is lost', async () => {
  const first = identity();
  expect(first.notAfter - first.notBefore).toBeLessThan(lifeMs + 2_000);
  expect(first.siteKey).toContain('PUBLIC KEY');
  const second = await until('the new certificate', () => (identity().connect.cert === first.connect.cert ? null : identity()));
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(first.notBefore + ((first.notAfter - first.notBefore) * 2) / 3);
  expect(now).toBeLessThan(first.notAfter);
  expect(second.siteKey).toBe(first.siteKey);
  expect(new X509Certificate(second.connect.cert).serialNumber).not.toBe(new X509Certificate(first.connect.cert).serialNumber);

  const rows = await CloudRows.ofFolder(join(community.programs.folder, 'cloud'));
  community.programs.atEnd(() => rows.close());
  await until('the end of the first', () => systemClock.now() > first.notAfter + 500);
  const cursor = async () => (await rows.cursors(community.gatewayId))[0];
  const then = (await cursor())?.telemetry ?? 0;
  // The session on the old one ends at its next sweep; the one that goes on is by the new one.
  await until('the cloud to have ended the old session', () => community.programs.log('cloud').includes('"expired"'));
  await until('the line by the new one', async () => {
    const { uplink } = await community.status();
    return uplink?.wire === 'connected' && ((await cursor())?.telemetry ?? 0) > then;
  });
  const { alarm, telemetry, delivered_alarm, delivered_telemetry, gaps_alarm, gaps_telemetry } = (await cursor()) ?? {};
  expect([delivered_alarm, delivered_telemetry, gaps_alarm, gaps_telemetry].map(Number)).toEqual([
    Number(alarm),
    Number(telemetry),
    0,
    0,
  ]);
});
