import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impatient } from './rig.ts';
import { discoverCameras, matchesIn } from '../../../gateway/collect/onvif/discovery.ts';
import { siteEgress } from '../../../gateway/egress.ts';
import { responder } from './responder.ts';

const loopback = { egress: siteEgress(['127.0.0.0/8']), clock: impatient, from: ['127.0.0.1'] };

const scopes =
  'onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/IPC-123 onvif://www.onvif.org/name/%E5%8C%97%E9%97%A8%1B%5B2J onvif://www.onvif.org/location/';

describe('looking for cameras', () => {
  it('asks everybody on the subnet, and hears who and where they are', async () => {
    const { probes } = await responder({
      addresses: 'http://192.168.77.64/onvif/device_service http://127.0.0.1:8000/onvif/device_service',
      scopes,
    });
    const found = await discoverCameras(loopback);
    expect(found).toEqual({
      // The address that answered, of those it has; its name without what a terminal would obey.
      cameras: [
        { host: '127.0.0.1', port: 8000, path: '/onvif/device_service', isSecure: false, name: '北门[2J', hardware: 'IPC-123' },
      ],
      askedFrom: ['127.0.0.1'],
      dropped: 0,
    });
    expect(probes).toHaveLength(2);
    expect(probes[0]).toContain('dn:NetworkVideoTransmitter');
  });

  it('takes no word of printers, of answers to other questions, of noise and of what is too long', async () => {
    await responder(
      { addresses: 'http://127.0.0.1/', types: 'wsdp:PrintDevice' },
      { addresses: 'http://127.0.0.1/', relatesTo: 'urn:uuid:somebody-else' },
      { addresses: 'ftp://127.0.0.1/ nonsense' },
      Buffer.from('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
      Buffer.alloc(20_000, 0x20),
    );
    expect(await discoverCameras(loopback)).toMatchObject({ cameras: [], dropped: 10 });
  });

  it('asks only on subnets that were named, and hears nobody from elsewhere', async () => {
    const { probes } = await responder({ addresses: 'http://127.0.0.1/onvif/device_service' });
    const elsewhere = { ...loopback, egress: siteEgress(['10.0.0.0/8']) };
    expect(await discoverCameras(elsewhere)).toEqual({ cameras: [], askedFrom: [], dropped: 0 });
    expect(probes).toEqual([]);
    // Asked from an address that is allowed; the answer comes from one that is not.
    const other = { ...loopback, egress: siteEgress(['127.0.0.9/32']), from: ['127.0.0.9'] };
    const heard = await discoverCameras(other);
    expect(heard.cameras).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await discoverCameras({ ...loopback, signal: stop.signal })).toMatchObject({ cameras: [] });
  });

  it('no bytes make it throw', () => {
    const ids = new Set(['urn:uuid:1']);
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => matchesIn(text, '127.0.0.1', ids).length === 0));
    const inside = fc.record({ types: fc.string(), scopes: fc.string(), addresses: fc.string() });
    fc.assert(
      fc.property(inside, ({ types, scopes: words, addresses }) => {
        const match = `<ProbeMatch><Types>${types}</Types><Scopes>${words}</Scopes><XAddrs>${addresses}</XAddrs></ProbeMatch>`;
        const text = `<Envelope><Header><RelatesTo>urn:uuid:1</RelatesTo></Header><Body><ProbeMatches>${match}</ProbeMatches></Body></Envelope>`;
        matchesIn(text, '127.0.0.1', ids);
      }),
    );
  });
});
