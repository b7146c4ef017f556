import { pollGroups } from '@yihu/device-profiles/library/poll-groups.ts';
import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { BoundDevice, Driver, DriverContext } from '../driver.ts';
import { chanceFrom } from '../poll/chance.ts';
import { newCounters } from '../poll/counters.ts';
import { Poller, type Polled } from '../poll/poller.ts';
import { modbusAct, tellings } from './act.ts';
import { checkPort } from './check.ts';
import { Hosts } from './hosts.ts';
import { modbusReads } from './reads.ts';
import { ModbusAddress, ModbusPort } from './settings.ts';
import { type TcpAsk, tcpAsk, type TcpBus } from './tcp-bus.ts';

type Context = DriverContext<ModbusPort, ModbusAddress>;

/** Modbus TCP, plain and over TLS: reads what the profiles name, at their periods, and never one value for another. */
export const driver: Driver<ModbusPort, ModbusAddress> = {
  name: 'modbus',
  protocols: ['modbus'],
  port: ModbusPort,
  address: ModbusAddress,
  check: checkPort,
  start(context) {
    const { id, port, clock, folder } = context;
    const counters = newCounters();
    const chance = chanceFrom(`${id} ${clock.now()}`);
    const hosts = new Hosts({ port, folder: folder ?? '.', clock, chance, counters });
    const poller = new Poller<TcpAsk>({
      context,
      counters,
      devices: context.devices.map((device) => polled(context, device, hosts.of(device.address))),
      wires: () => hosts.state(),
      close: () => hosts.stop(),
    });
    poller.start();
    return Promise.resolve(poller);
  },
};

function polled({ port }: Context, device: BoundDevice<ModbusAddress>, bus: TcpBus): Polled<TcpAsk> {
  const { profile } = device;
  const { unit } = device.address;
  const { timing } = modbusOf(profile);
  return {
    id: device.id,
    profile: `${profile.id}@${profile.version}`,
    bus,
    key: `modbus:${unit}`,
    timeoutMs: port.timeoutMs ?? timing.timeout,
    retries: timing.retries,
    gapMs: timing.gap,
    polls: pollGroups(profile).map(({ everyMs, points }) => ({
      everyMs,
      points,
      reads: modbusReads(profile, points, unit, tcpAsk),
    })),
    tell: tellings(profile, unit, tcpAsk),
    act: (act) => modbusAct(profile, unit, act, tcpAsk, false),
  };
}
