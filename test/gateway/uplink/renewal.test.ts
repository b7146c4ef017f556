import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RenewAnswer } from '@yihu/device-profiles/vocabulary/claim.ts';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import { UplinkSlot } from '../../../gateway/uplink-slot.ts';
import { type Identity, keepIdentity, loadIdentity } from '../../../gateway/uplink/identity.ts';
import { Renewal } from '../../../gateway/uplink/renewal.ts';
import { HandClock } from '../../hand-clock.ts';
import { makeRequest, newLog, startCloud, until } from './cloud-and-gateway.ts';

const day = 86_400_000;
const hour = 3_600_000;

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-renewal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('a running gateway changes its certificate over the old one, and its next connection shows the new one', async () => {
  const serials: string[] = [];
  const cloud = await startCloud({
    renew: async (gateway, { csr }): Promise<RenewAnswer> => {
      const { certPem, serial } = await cloud.pki.issueGatewayCertificate(csr, gateway);
      serials.push(serial);
      return { certificate: certPem, ca: cloud.pki.caPem };
    },
  });
  onTestFinished(() => cloud.close());
  const data = temporary();
  const folder = join(data, 'identity');
  const { connect, serial } = await cloud.identity('gw-1');
  // Ninety days, of which sixty-one are over.
  const now = systemClock.now();
  const old: Identity = { gateway: 'gw-1', connect, digits: '1', notBefore: now - 61 * day, notAfter: now + 29 * day };
  await keepIdentity(folder, old);
  // Sooner than every five seconds.
  const clock: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms / 50, run) };
  const slot = new UplinkSlot({
    gateway: 'gw-1',
    data,
    log: newLog(),
    clock,
    chance: () => 0.1,
    logger: pino({ level: 'silent' }),
    onCloudTime: () => undefined,
    onForked: () => undefined,
  });
  await slot.start();
  onTestFinished(() => slot.stop());
  await until(async () => (await loadIdentity(folder))?.connect.cert !== connect.cert, 'the new certificate');
  const fresh = await loadIdentity(folder);
  expect(fresh).toMatchObject({ gateway: 'gw-1', connect: { url: connect.url } });
  expect(fresh?.connect.key).not.toBe(connect.key);
  expect((fresh?.notAfter ?? 0) - now).toBeGreaterThan(80 * day);
  expect([serials.length, serials.includes(serial)]).toEqual([1, false]);
  // The cloud ends the session: the gateway comes back, by its new certificate.
  await cloud.restart();
  await until(() => slot.uplink?.state().wire === 'connected', 'the connection by the new certificate');
  expect(slot.problem).toBeNull();
});

it('is not due before two thirds, and is tried again later and later while the cloud does not help', async () => {
  const clock = new HandClock();
  const folder = temporary();
  const said: string[] = [];
  const pauses: number[] = [];
  const renewal = new Renewal({
    folder,
    clock,
    chance: () => 1,
    say: (_word, payload) => {
      said.push(payload);
      return false;
    },
    onDone: () => expect.unreachable(),
    onTrouble: (_error, nextTryMs) => pauses.push(nextTryMs),
  });
  const { keyPem: key } = await makeRequest();
  const start = clock.now();
  const identity = { gateway: 'gw-1', connect: { url: 'mqtts://x', ca: '', cert: '', key }, digits: '1' };
  const due = { ...identity, notBefore: start - 60 * day, notAfter: start + 30 * day };
  await renewal.look({ ...due, notBefore: start - 59 * day });
  expect(said).toEqual([]);
  for (let tries = 0; tries < 12; tries++) {
    await renewal.look(due);
    await renewal.look(due);
    expect(said).toHaveLength(tries + 1);
    await clock.advance(pauses.at(-1) ?? 0);
  }
  expect(pauses.slice(0, 3)).toEqual([60_000, 120_000, 240_000]);
  expect(pauses.at(-1)).toBe(6 * hour);
});
