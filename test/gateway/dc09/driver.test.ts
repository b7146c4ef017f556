import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { BoundDevice, RunningPort } from '../../../gateway/collect/driver.ts';
import type { Dc09Address } from '../../../gateway/collect/dc09/address.ts';
import { driver } from '../../../gateway/collect/dc09/driver.ts';
import { messageBytes, SimulatedAlarmHost } from '../../../gateway/simulate/wires/dc09/alarm-host.ts';
import { bareProfile } from '../listening/profile.ts';
import { dial, type Dialled, type Disk, quietly, rig, until } from '../listening/rig.ts';
import { vectors } from './vectors.ts';

const profile = bareProfile({ protocol: 'dc09', zone: 'Z' });
const hostAt = (id: string, account: string): BoundDevice<Dc09Address> => ({
  id,
  profile,
  address: driver.address.parse({ account }),
});

async function open(
  devices = [hostAt('host', '1234'), hostAt('other', '000000')],
): Promise<{ port: RunningPort & { listensOn: number | null }; disk: Disk }> {
  const made = rig({ listen: '127.0.0.1:0' }, devices, systemClock);
  const port = (await driver.start(made.context)) as RunningPort & { listensOn: number | null };
  onTestFinished(() => port.stop());
  return { port, disk: made.disk };
}

const heard = (dialled: Dialled) => dialled.heard.toString('latin1');

describe('an alarm host', () => {
  it('beats, raises an alarm in a zone and ends it, each acked with its number', async () => {
    const { port, disk } = await open();
    const host = new SimulatedAlarmHost({
      host: '127.0.0.1',
      port: port.listensOn as number,
      clock: systemClock,
      account: '1234',
    });
    onTestFinished(() => host.stop());
    await host.heartbeat();
    await host.event('1130', 12);
    await host.event('3130', 12);
    await host.event('1301', 0);
    expect(disk.frames.map(({ body, child }) => [body.kind === 'fields' ? body.channel : body.kind, child?.key])).toEqual([
      ['alive', undefined],
      ['zone', 'zone-00-012'],
      ['zone', 'zone-00-012'],
      ['event', undefined],
    ]);
  });

  it('gets its ACK when the message is on disk, and none while it is not', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    disk.hold();
    device.send(vectors.peerFire);
    await until(() => disk.emits === 1, 'the message is offered');
    await quietly();
    expect(heard(device)).toBe('');
    disk.release();
    await until(() => /"ACK"0042R1L0#1234\[\]_/.test(heard(device)), 'the ACK');
  });

  it('that repeats itself is one event, acked twice', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.peerFire);
    device.send(vectors.peerFire);
    await until(() => heard(device).split('"ACK"').length === 3, 'two ACKs');
    expect(disk.frames.filter(({ body }) => body.kind === 'fields')).toHaveLength(1);
  });

  it('gets NAK for a message that was damaged on the way, and sends it again', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.peerNull);
    device.send(Buffer.from(vectors.peerFire.toString('latin1').replace('1110', '1111'), 'latin1'));
    await until(() => heard(device).includes('"NAK"0000R0L0A0[]_'), 'the NAK');
    expect(disk.frames.some(({ body }) => body.kind === 'fields')).toBe(false);
    device.send(vectors.peerFire);
    await until(() => heard(device).includes('"ACK"0042'), 'the ACK');
  });

  it('that encrypts is told so, and the installer too', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(vectors.peerEncrypted);
    await until(() => heard(device).includes('"DUH"0008'), 'the DUH');
    expect(disk.frames).toEqual([]);
    expect(port.state().devices['host']?.fault).toBe('encrypted');
  });

  it('that sends what nobody reads is told so, and it is kept', async () => {
    const { port, disk } = await open();
    const device = await dial(port.listensOn);
    device.send(messageBytes('"SIA-DCS"0003L0#1234[#1234|Nri1/FA0012]'));
    await until(() => heard(device).includes('"DUH"0003L0#1234'), 'the DUH');
    expect(disk.frames).toMatchObject([{ device: 'host', body: { channel: 'unknown', fields: { data: '#1234|Nri1/FA0012' } } }]);
  });

  it('of another account is refused, with the account to copy', async () => {
    const { port } = await open([hostAt('host', '9999')]);
    const device = await dial(port.listensOn);
    device.send(vectors.heartbeat);
    await device.closes();
    expect(port.state().refused).toMatchObject([{ what: 'account 000000 (127.0.0.1)' }]);
  });

  it('does not have its account twice', () => {
    const twice = [hostAt('a', 'ab12'), hostAt('b', 'AB12')];
    expect(driver.check({ listen: '0.0.0.0:1' }, twice)).toMatchObject([{ path: 'devices.b.address.account' }]);
  });
});
