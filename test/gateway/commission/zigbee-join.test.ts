import { expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { type ZigbeeJoinEvent, zigbeeJoin } from '../../../gateway/commission/zigbee-join.ts';
import { describeWith } from '../../needs.ts';
import { broker } from './broker.ts';
import { bridge } from './zigbee-bridge.ts';

describeWith(['mosquitto'], 'the pairing window of a Zigbee bridge', () => {
  it(
    'counts by the bridge’s own deadline, shows who joins and how far it is, and is closed when asked',
    { timeout: 60_000 },
    async () => {
      const url = `mqtt://127.0.0.1:${await broker()}`;
      // It was asked for longer than it allows.
      const { asked, event } = await bridge(url, { mostSeconds: 100 });
      const stop = new AbortController();
      const seen: ZigbeeJoinEvent[] = [];
      const begun = Date.now();
      for await (const each of zigbeeJoin({ url, base: 'zigbee2mqtt', seconds: 200, clock: systemClock, signal: stop.signal })) {
        seen.push(each);
        const who = { friendly_name: '0x00158d0001a2b3c4', ieee_address: '0x00158d0001a2b3c4' };
        if (each.kind === 'open') await event('device_joined', who);
        if (each.kind === 'joined') await event('device_interview', { ...who, status: 'started' });
        if (each.kind === 'interview' && each.state === 'started')
          await event('device_interview', {
            ...who,
            status: 'successful',
            supported: true,
            definition: { model: 'HS1SA-E', vendor: 'Heiman' },
          });
        if (each.kind === 'interview' && each.state === 'successful') stop.abort();
      }
      const [open] = seen;
      if (open?.kind !== 'open' || open.until === null) throw new Error('it did not open');
      expect(open.until - begun).toBeGreaterThan(90_000);
      expect(open.until - begun).toBeLessThan(160_000);
      expect(seen.slice(1)).toMatchObject([
        { kind: 'joined', address: '0x00158d0001a2b3c4' },
        { kind: 'interview', state: 'started', model: null },
        { kind: 'interview', state: 'successful', model: 'HS1SA-E' },
        { kind: 'closed', wasStopped: true },
      ]);
      expect(asked).toEqual([200, 0]);
    },
  );

  it('that somebody else closes is over at once, and one that refuses says why', { timeout: 60_000 }, async () => {
    const url = `mqtt://127.0.0.1:${await broker()}`;
    const { info } = await bridge(url);
    const seen: string[] = [];
    for await (const each of zigbeeJoin({ url, base: 'zigbee2mqtt', seconds: 60, clock: systemClock })) {
      seen.push(each.kind);
      if (each.kind === 'open') await info(null);
    }
    expect(seen).toEqual(['open', 'closed']);
    const other = `mqtt://127.0.0.1:${await broker()}`;
    await bridge(other, { refuses: true });
    for await (const each of zigbeeJoin({ url: other, base: 'zigbee2mqtt', seconds: 60, clock: systemClock }))
      expect(each).toMatchObject({ kind: 'refused', problem: { en: expect.stringContaining('coordinator is away') as string } });
  });
});
