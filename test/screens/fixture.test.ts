import { expect, test } from 'vitest';
import { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { DeviceDetail, History, Overview, Session, Snapshot, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import {
  confirmByOther,
  deviceDetailOf,
  historyOf,
  moveAlarm,
  moveIncident,
  newWorld,
  overviewOf,
  snapshotOf,
} from './fixture-api.ts';
import { managerSession, session } from './fixture-site.ts';

/** The made-up town speaks the same language as the cloud: every body passes the vocabulary's strict schemas. */
test('the fixture server answers in the vocabulary of the API', () => {
  const now = 1_795_400_000_000;
  const world = newWorld(now);
  Snapshot.parse(snapshotOf(world));
  Overview.parse(overviewOf(world));
  for (const each of [session, managerSession]) Session.parse(each);
  for (const device of world.devices.slice(0, 40)) {
    DeviceDetail.parse(deviceDetailOf(world, device));
    History.parse(historyOf(device, 'smoke', now - 3_600_000, now, 60));
  }
  expect(moveIncident(world, 'i-fire', { move: 'confirm', version: 1, key: 'k' }).status).toBe(200);
  expect(moveIncident(world, 'i-fire', { move: 'confirm', version: 1, key: 'k' }).status).toBe(409);
  expect(moveAlarm(world, 'i-fire-a0', { move: 'ack', version: 1, key: 'k' }).status).toBe(200);
  confirmByOther(world, 'i-help');
  for (const detail of world.details.values()) IncidentDetail.parse(detail);
  expect(world.events.length).toBeGreaterThan(2);
  for (const event of world.events) StreamEvent.parse(event);
});
