import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Uplink } from '../../../gateway/uplink/uplink.ts';
import { fill, isWhole, newLog, startCloud, type TestCloud, until, uplinkTo } from './cloud-and-gateway.ts';

describe('log → TLS → cloud', () => {
  let cloud: TestCloud;
  let log: MemoryLog;
  const uplinks: Uplink[] = [];
  beforeEach(async () => {
    cloud = await startCloud();
    log = newLog();
  });
  afterEach(async () => {
    await Promise.all(uplinks.splice(0).map((uplink) => uplink.stop()));
    await cloud.close();
  });
  const start = async (options = {}) => {
    const uplink = uplinkTo((await cloud.identity('gw-1')).connect, log, options);
    uplinks.push(uplink);
    return uplink;
  };
  const arrived = (lane: 'alarm' | 'telemetry') => cloud.ingest.stored('gw-1', 'e1', lane);

  it('carries a backlog and what comes after it, and moves the cursor by the cloud’s word only', async () => {
    await fill(log, 'telemetry', 500);
    await fill(log, 'alarm', 20);
    const uplink = await start();
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
});
