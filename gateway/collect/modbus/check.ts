import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import { planReads } from './planner.ts';
import { endpointsOf, type ModbusAddress, type ModbusPort } from './settings.ts';

/** A device of either driver: the line has no hosts, and Modbus TCP no framing. */
export type ModbusDevice = BoundDevice<{ readonly unit: number; readonly framing?: 'rtu' | 'ascii' | undefined }>;

function problem(device: ModbusDevice, key: string, zh: string, en: string): ConfigProblem {
  return { path: `devices.${device.id}.address${key}`, zh, en };
}

/** Modbus devices on a serial line: what the schemas cannot see. */
export function checkUnits(devices: readonly ModbusDevice[]): ConfigProblem[] {
  return [
    ...devices.flatMap((device) => [...framing(device), ...unitRange(device, 1, 247), ...addresses(device)]),
    ...doubles(devices, () => ''),
  ];
}

/** Modbus TCP devices of one port. */
export function checkPort(port: ModbusPort, devices: readonly BoundDevice<ModbusAddress>[]): ConfigProblem[] {
  const where = ({ address }: BoundDevice<ModbusAddress>) => {
    const endpoint = endpointsOf(port, address)?.[0];
    return endpoint ? `${endpoint.host}:${endpoint.port}` : '';
  };
  return [
    ...tlsFiles(port),
    ...devices.flatMap((device) => [
      ...tcpMode(device),
      ...host(port, device),
      ...unitRange(device, 0, 255),
      ...addresses(device),
    ]),
    ...doubles(devices, where),
  ];
}

function tlsFiles({ tls }: ModbusPort): ConfigProblem[] {
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return [];
  const missing = tls.cert === undefined ? 'cert' : 'key';
  return [
    {
      path: `tls.${missing}`,
      zh: '证书（cert）和私钥（key）要一起写。请补上另一个，或都去掉。',
      en: 'A certificate (cert) and its key belong together. Add the other, or leave both out.',
    },
  ];
}

function tcpMode(device: ModbusDevice): ConfigProblem[] {
  const { modes } = modbusOf(device.profile);
  if (modes.includes('tcp')) return [];
  const zh = `档案 ${device.profile.id} 只支持 ${modes.join('、')}，该端口是 Modbus TCP。请把设备移到 driver: line 的端口，或换用其他档案。`;
  const en = `Profile ${device.profile.id} speaks ${modes.join(', ')}, this port is Modbus TCP. Move the device to a port of driver: line, or choose another profile.`;
  return [problem(device, '', zh, en)];
}

function host(port: ModbusPort, device: BoundDevice<ModbusAddress>): ConfigProblem[] {
  if (endpointsOf(port, device.address) !== undefined) return [];
  const zh = '设备没有 host，端口也没有。请在其中一处填写 IP 地址。';
  const en = 'Neither the device nor its port names a host. Enter the IP address in one of them.';
  return [problem(device, '.host', zh, en)];
}

function framing(device: ModbusDevice): ConfigProblem[] {
  const { modes } = modbusOf(device.profile);
  const isLine = modes.some((mode) => mode !== 'tcp');
  if (isLine) return [];
  const zh = `档案 ${device.profile.id} 只支持 Modbus TCP，不能接在串行总线上。请把设备移到 driver: modbus 的端口，或换用其他档案。`;
  const en = `Profile ${device.profile.id} speaks Modbus TCP only and cannot be on a serial line. Move the device to a port of driver: modbus, or choose another profile.`;
  return [problem(device, '', zh, en)];
}

/** MODBUS over serial line 1.02, §2.2: 0 is the broadcast, 248 to 255 are reserved. */
function unitRange(device: ModbusDevice, least: number, most: number): ConfigProblem[] {
  const { unitId } = modbusOf(device.profile);
  const { unit } = device.address;
  const [min, max] = [Math.max(least, unitId.min), Math.min(most, unitId.max)];
  if (unit >= min && unit <= max) return [];
  const zh = `从站地址 ${unit} 不在 ${min}–${max} 之内。请按设备面板或手册填写。`;
  const en = `Unit id ${unit} is not ${min}–${max}. Enter the one set on the device.`;
  return [problem(device, '.unit', zh, en)];
}

/** Counted from one, address 0 does not exist; and a value must not stand half behind the last address. */
function addresses(device: ModbusDevice): ConfigProblem[] {
  const reads = planReads(device.profile, Object.keys(device.profile.points));
  const outside = reads.find(({ start, count }) => start < 0 || start + count > 0x10000);
  if (outside === undefined) return [];
  const zh = `档案 ${device.profile.id} 有寄存器地址超出 0–65535。请核对档案的 addressing（从 0 还是从 1 起算）。`;
  const en = `Profile ${device.profile.id} names a register outside of 0–65535. Check its addressing (from zero or from one).`;
  return [problem(device, '', zh, en)];
}

function doubles<D extends ModbusDevice>(devices: readonly D[], where: (device: D) => string): ConfigProblem[] {
  const seen = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const device of devices) {
    const key = `${where(device)} ${device.address.unit}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, device.id);
      continue;
    }
    const zh = `从站地址 ${device.address.unit} 已被 ${first} 使用。同一总线或主机上的地址必须各不相同。`;
    const en = `Unit id ${device.address.unit} is already taken by ${first}. Units on one bus or host must differ.`;
    problems.push(problem(device, '.unit', zh, en));
  }
  return problems;
}
