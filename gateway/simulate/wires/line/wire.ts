import type { SimulatedDevice } from '../../device.ts';
import { SimulationError } from '../../device.ts';
import type { FaultName } from '../../faults.ts';
import { endpointOf, listenerAt } from '../../place.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from '../../wire.ts';
import { SimulatedBus } from './bus.ts';
import { dialects } from './dialects.ts';
import { LineCaller } from './caller.ts';
import { LineServer } from './server.ts';
import { LineTerminal } from './terminal.ts';
import type { SimulatedDialect } from './slave.ts';

/** A serial line: behind a serial server, behind a 4G unit that dials in, or a terminal of this machine. */
export const wire: SimulatedWire = {
  driver: 'line',
  faults(device) {
    const { canRefuse, checksumFromEnd, readdressed } = dialectOf(device);
    const own: FaultName[] = ['silent', 'garbage', 'slow', 'truncated', 'echo', 'stray', 'unplugged', 'stuck'];
    if (canRefuse) own.push('exception');
    if (checksumFromEnd !== undefined) own.push('bad-crc');
    if (readdressed) own.push('wrong-unit');
    return own;
  },
  places: (device) => dialectOf(device).places?.(device) ?? [],
  alone(profile, at) {
    const address = dialects.get(profile.transport.protocol)?.alone(profile);
    return address && { port: { mode: 'tcp', ...at }, address };
  },
  open(port) {
    const slaves = port.devices.map((device) => {
      const dialect = dialectOf(device);
      return { device, dialect, answer: dialect.slave(device) };
    });
    const bus = new SimulatedBus({ slaves, clock: port.clock, random: port.random });
    return mediumOf(port, bus);
  },
};

function dialectOf({ id, profile }: SimulatedDevice): SimulatedDialect {
  const { protocol } = profile.transport;
  const dialect = dialects.get(protocol);
  if (dialect) return dialect;
  throw new SimulationError(
    `设备 ${id} 的协议 ${protocol} 不能在串行线路上模拟`,
    `Device ${id} speaks ${protocol}, which is not simulated on a serial line.`,
  );
}

interface Settings {
  readonly mode?: string;
  readonly listen?: string;
  readonly path?: string;
  readonly registration?: Uint8Array;
  readonly heartbeat?: Uint8Array;
}

function mediumOf({ settings, devices, clock }: SimulatedPort, bus: SimulatedBus): OpenWire {
  const { mode, listen = '', path = '', registration = new Uint8Array(), heartbeat } = settings as Settings;
  const [first] = devices as [SimulatedDevice];
  if (mode === 'serial') return new LineTerminal(path, bus);
  if (mode !== 'dial-in') return new LineServer(endpointOf(first, settings, 4_196), bus);
  return new LineCaller({ at: listenerAt(first, listen), registration, heartbeat, bus, clock });
}
