import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Uplink, UplinkOptions } from '../../../gateway/uplink/uplink.ts';
import { recordOf } from '../../cloud/accept/entries.ts';
import { openPki } from '../../../cloud/registry/pki.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { temporaryFolder } from '../../cloud/pki/temporary-folder.ts';
import { fill, isWhole, makeRequest, newLog, startCloud, type TestCloud, until, uplinkTo } from './cloud-and-gateway.ts';

describe('log → TLS → cloud', () => {
  let cloud: TestCloud;
  const forks: string[] = [];
  const revoked = new Set<string>();
  const uplinks: Uplink[] = [];
  beforeEach(async () => {
    forks.length = 0;
    revoked.clear();
    cloud = await startCloud({ forked: (gateway) => forks.push(gateway), isRevoked: (serial) => revoked.has(serial) });
  });
  afterEach(async () => {
    await Promise.all(uplinks.splice(0).map((uplink) => uplink.stop()));
    await cloud.close();
  });
  const start = async (log: MemoryLog, options: Partial<UplinkOptions> = {}) => {
    const uplink = uplinkTo((await cloud.identity('gw-1')).connect, log, options);
    uplinks.push(uplink);
    return uplink;
  };
  const arrived = (lane: Lane, epoch = 'e1') => cloud.ingest.stored('gw-1', epoch, lane);

  it('carries a backlog and what comes after it, and moves the cursor by the cloud’s word only', async () => {
    const log = newLog();
    await fill(log, 'telemetry', 500);
    await fill(log, 'alarm', 20);
    const uplink = await start(log);
    await until(() => arrived('telemetry').length === 500 && arrived('alarm').length === 20, 'the backlog');
    await fill(log, 'telemetry', 100);
    await until(() => arrived('telemetry').length === 600, 'what came after');
    expect(isWhole(arrived('telemetry'), 'telemetry', 600)).toBe(true);
    expect(isWhole(arrived('alarm'), 'alarm', 20)).toBe(true);
    await until(async () => (await log.stats()).lanes.telemetry.readers['uplink']?.delivered === 600, 'the cursor in the log');
    const readers = (await log.stats()).lanes.telemetry.readers;
    expect(readers['uplink']).toEqual({ cursor: 600, delivered: 600, buffered: 0, gaps: 0, quarantined: 0 });
    expect(uplink.state()).toMatchObject({ wire: 'connected', code: 'connected', cursor: { epoch: 'e1', telemetry: 600 } });
  });

  it('lets an alarm pass a backlog of 100,000 readings', async () => {
    const log = newLog();
    const readings = Array.from({ length: 100 }, (_, index) => ({
      point: `p${index}`,
      value: index * 1.5,
      quality: 'good' as const,
      at: 1_760_000_000_000 + index,
    }));
    for (let seq = 1; seq <= 1_000; seq++) {
      const { kind, device, profile, at } = recordOf('telemetry', seq) as {
        kind: 'readings';
        device: string;
        profile: string;
        at: number;
      };
      await log.append({ alarm: [], telemetry: [{ kind, device, profile, at, readings }], state: [] });
    }
    let atAlarm = -1;
    const commit = cloud.ingest.commit.bind(cloud.ingest);
    cloud.ingest.commit = async (gateway, batches, receivedAt) => {
      if (atAlarm < 0 && batches.some(({ header }) => header.lane === 'alarm')) atAlarm = arrived('telemetry').length;
      return commit(gateway, batches, receivedAt);
    };
    await start(log);
    await until(() => arrived('telemetry').length > 0, 'the backlog to move');
    await fill(log, 'alarm', 1);
    await until(() => arrived('telemetry').length === 1_000, 'the backlog', 25_000);
    expect(arrived('alarm')).toHaveLength(1);
    expect(atAlarm).toBeGreaterThanOrEqual(0);
    expect(atAlarm).toBeLessThan(900);
  });

  it('goes back where the cloud’s records went back', async () => {
    const log = newLog();
    await fill(log, 'telemetry', 300, 10);
    await fill(log, 'alarm', 12, 1);
    const uplink = await start(log);
    await until(() => arrived('telemetry').length === 300 && arrived('alarm').length === 12, 'everything');
    cloud.ingest.restore('gw-1', { epoch: 'e1', alarm: 3, telemetry: 120 });
    await fill(log, 'telemetry', 10);
    await until(() => arrived('telemetry').length === 310 && arrived('alarm').length === 12, 'everything again');
    expect(isWhole(arrived('telemetry'), 'telemetry', 310)).toBe(true);
    expect(isWhole(arrived('alarm'), 'alarm', 12)).toBe(true);
    expect(uplink.counters().rewinds).toBeGreaterThan(0);
  });

  it('keeps the records of an old log beside those of a new one', async () => {
    const [first, second] = [newLog('e1'), newLog('e2')];
    await fill(first, 'telemetry', 30);
    await start(first);
    await until(() => arrived('telemetry', 'e1').length === 30, 'the first log');
    await uplinks.pop()?.stop();
    await fill(second, 'telemetry', 20);
    await start(second);
    await until(() => arrived('telemetry', 'e2').length === 20, 'the second log');
    expect(arrived('telemetry', 'e1')).toHaveLength(30);
  });

  it('a log restored from an old image stops sending and says why; the cloud hears of it', async () => {
    const log = newLog();
    await fill(log, 'telemetry', 30);
    await start(log);
    await until(() => arrived('telemetry').length === 30, 'the log');
    await uplinks.pop()?.stop();
    const image = newLog();
    await fill(image, 'telemetry', 12);
    const uplink = await start(image);
    await until(() => uplink.state().wire === 'forked', 'the fork to be seen');
    await fill(image, 'telemetry', 5);
    expect(uplink.state()).toMatchObject({ code: 'forked', reason: { zh: expect.stringContaining('新的日志') } });
    expect(forks).toEqual(['gw-1']);
    expect(arrived('telemetry')).toHaveLength(30);
    expect((await image.stats()).lanes.telemetry.readers['uplink']?.delivered).toBe(0);
  });

  it('of two logs that call themselves by one name, the second never overwrites the first and is counted', async () => {
    const [log, clone] = [newLog(), newLog()];
    await fill(log, 'telemetry', 40);
    for (let seq = 1; seq <= 60; seq++)
      await clone.append({ alarm: [], telemetry: [recordOf('telemetry', seq, 9_000)], state: [] });
    await start(log);
    await until(() => arrived('telemetry').length === 40, 'the first');
    const original = structuredClone(arrived('telemetry'));
    cloud.ingest.restore('gw-1', { epoch: 'e1', alarm: 0, telemetry: 40 });
    cloud.ingest.cursor = async () => ({ epoch: 'e1', alarm: 0, telemetry: 0 });
    await uplinks.pop()?.stop();
    await start(clone);
    await until(() => cloud.ingest.conflicts('gw-1') > 0, 'the conflict to be counted');
    expect(arrived('telemetry').slice(0, 40)).toEqual(original);
  });

  it('keeps everything while no cloud is there, and says so', async () => {
    const log = newLog();
    await fill(log, 'telemetry', 25);
    await cloud.server.stop();
    const uplink = await start(log);
    await until(() => uplink.state().code === 'unreachable', 'the state');
    expect(uplink.state()).toMatchObject({ wire: expect.stringMatching(/waiting|connecting/), cursor: null, sentBytes: 0 });
    expect(uplink.state().reason.zh).toContain('连不上平台');
    expect(uplink.state().reason.en).toContain('Check the network');
    await cloud.restart();
    await until(() => arrived('telemetry').length === 25, 'what was kept');
    expect(isWhole(arrived('telemetry'), 'telemetry', 25)).toBe(true);
  });

  it.each(['not-accepted', 'not-trusted', 'identity', 'revoked'] as const)(
    'says what is wrong with the identity: %s',
    async (wrong) => {
      const folder = await temporaryFolder();
      const stranger = await openPki({ folder: folder.path, clock: systemClock });
      const { connect, serial } = await cloud.identity('gw-1');
      const { csr, keyPem } = await makeRequest();
      const { certPem } = await stranger.issueGatewayCertificate(csr, 'gw-1');
      if (wrong === 'revoked') revoked.add(serial);
      const connects: Record<typeof wrong, UplinkOptions['connect']> = {
        'not-accepted': { ...connect, cert: certPem, key: keyPem },
        'not-trusted': { ...connect, ca: stranger.caPem },
        identity: () => Promise.reject(new Error('no such file')),
        revoked: connect,
      };
      const log = newLog();
      await fill(log, 'alarm', 2);
      const uplink = uplinkTo(connects[wrong], log);
      uplinks.push(uplink);
      const code = wrong === 'revoked' ? 'not-accepted' : wrong;
      await until(() => uplink.state().code === code, 'the state');
      expect(uplink.state().reason.zh.length).toBeGreaterThan(10);
      expect(arrived('alarm')).toEqual([]);
      await folder.remove();
    },
  );

  it('tells the cloud of what its log no longer holds, and goes on behind it', async () => {
    const log = newLog();
    await fill(log, 'telemetry', 60, 10);
    const read = log.read.bind(log);
    log.read = async (reader, lane, maxBytes, after) => {
      const batches = await read(reader, lane, maxBytes, Math.max(after ?? 0, lane === 'telemetry' ? 30 : 0));
      return batches.filter((batch) => lane !== 'telemetry' || batch.first > 30);
    };
    const uplink = await start(log);
    await until(() => arrived('telemetry').at(-1)?.through === 60, 'the rest');
    expect(arrived('telemetry')[0]).toMatchObject({ seq: 1, through: 30, record: { kind: 'gap', reason: 'expired', count: 30 } });
    expect(isWhole(arrived('telemetry'), 'telemetry', 60)).toBe(true);
    expect(uplink.counters().gaps).toBe(1);
  });

  it('hands commands on, and stops without leaving anything behind', async () => {
    const log = newLog();
    const heard: string[] = [];
    const uplink = await start(log, { onCommand: (payload) => heard.push(payload.toString()) });
    expect(cloud.server.send('gw-1', 'command', 'too early')).toBe(false);
    await until(() => uplink.state().wire === 'connected', 'the session');
    expect(cloud.server.send('gw-1', 'command', 'open')).toBe(true);
    await until(() => heard.length > 0, 'the command');
    expect(heard).toEqual(['open']);
    expect(cloud.server.send('gw-1', 'nothing', 'x')).toBe(false);
    await uplink.stop();
    expect(uplink.state().wire).toBe('stopped');
    await until(() => cloud.server.counters().sessions === 0, 'the session to end');
  });
});
