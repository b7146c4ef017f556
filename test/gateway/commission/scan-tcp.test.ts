import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { hostsIn, isWithin, scanTcp, type TcpScanEvent } from '../../../gateway/commission/scan-tcp.ts';
import { siteEgress } from '../../../gateway/egress.ts';
import { freePort } from '../../../demo/ports.ts';
import { registerServer } from '../modbus/register-server.ts';

async function scan(subnets: string[], ports: number[], allowed = subnets): Promise<TcpScanEvent[]> {
  const events: TcpScanEvent[] = [];
  for await (const event of scanTcp({ subnets, ports, egress: siteEgress(allowed), clock: systemClock })) events.push(event);
  return events;
}

describe('a scan of a network', () => {
  it('finds what listens, and tells Modbus TCP from a serial server', async () => {
    const [tcp, rtu, silent] = [await registerServer('tcp'), await registerServer('rtu'), await freePort(0)];
    const events = await scan(['127.0.0.1/32'], [tcp.port, rtu.port, silent]);
    expect(events.filter(({ kind }) => kind === 'found')).toEqual([
      { kind: 'found', host: '127.0.0.1', port: tcp.port, speaks: 'modbus-tcp', units: [1, 255, 2, 3] },
      { kind: 'found', host: '127.0.0.1', port: rtu.port, speaks: 'rtu-over-tcp', units: [1, 255, 2, 3] },
    ]);
    expect(events.at(-1)).toEqual({ kind: 'done', found: 2, wasStopped: false });
  });

  it('contacts nobody outside what is allowed', async () => {
    const tcp = await registerServer('tcp');
    const events = await scan(['127.0.0.1/32'], [tcp.port], ['10.0.0.0/24']);
    expect(events[0]).toMatchObject({ kind: 'plan', addresses: 0 });
    expect(tcp.heard).toEqual([]);
  });

  it('knows the addresses of a network and refuses one that is too large', () => {
    expect(hostsIn(['192.168.1.77/30'])).toEqual(['192.168.1.77', '192.168.1.78']);
    expect(hostsIn(['192.168.1.5/32', '192.168.1.5/32'])).toEqual(['192.168.1.5']);
    expect(hostsIn(['10.0.0.0/24'])).toHaveLength(254);
    expect(hostsIn(['10.0.0.0/16'])).toBeNull();
    expect(hostsIn(['fd00::/64'])).toBeNull();
    expect(isWithin('10.0.1.0/24', ['10.0.0.0/16'])).toBe(true);
    expect(isWithin('10.1.0.0/24', ['10.0.0.0/16'])).toBe(false);
  });
});
