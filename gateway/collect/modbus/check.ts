import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import { planGroup } from './planner.ts';
import { endpointOf, type ModbusAddress, type ModbusPort } from './settings.ts';

type Device = BoundDevice<ModbusAddress>;

/** What the schemas cannot see: each device against its profile, its port and its neighbours. */
export function checkPort(port: ModbusPort, devices: readonly Device[]): ConfigProblem[] {
  return [
    ...devices.flatMap((device) => [...modeProblems(port, device), ...unitProblems(port, device), ...addressProblems(device)]),
    ...doubles(port, devices),
  ];
}

function problem(device: Device, key: string, zh: string, en: string): ConfigProblem {
  return { path: `devices.${device.id}.address${key}`, zh, en };
}

function modeProblems(port: ModbusPort, device: Device): ConfigProblem[] {
  const { modes } = modbusOf(device.profile);
  const problems: ConfigProblem[] = [];
  if (!modes.includes(port.mode)) {
    const zh = `档案 ${device.profile.id} 只支持 ${modes.join('、')}，该端口是 ${port.mode}。请把设备移到合适的端口，或换用其他档案。`;
    const en = `Profile ${device.profile.id} speaks ${modes.join(', ')}, this port is ${port.mode}. Move the device to a fitting port or choose another profile.`;
    problems.push(problem(device, '', zh, en));
  }
  if (port.mode !== 'tcp' && (device.address.host !== undefined || device.address.port !== undefined)) {
    const zh = '只有 mode: tcp 的端口上，设备才能有自己的 host 和 port。请删除它们。';
    const en = 'Only on a port of mode tcp may a device have a host and port of its own. Remove them.';
    problems.push(problem(device, '', zh, en));
  }
  if (port.mode === 'tcp' && endpointOf(port, device.address) === undefined) {
    const zh = '设备没有 host，端口也没有。请在其中一处填写 IP 地址。';
    const en = 'Neither the device nor its port names a host. Enter the IP address in one of them.';
    problems.push(problem(device, '.host', zh, en));
  }
  return problems;
}

function unitProblems(port: ModbusPort, device: Device): ConfigProblem[] {
  const { unitId } = modbusOf(device.profile);
  const { unit } = device.address;
  // MODBUS over serial line 1.02, §2.2: 0 is the broadcast, 248 to 255 are reserved.
  const min = port.mode === 'tcp' ? unitId.min : Math.max(1, unitId.min);
  const max = port.mode === 'tcp' ? unitId.max : Math.min(247, unitId.max);
  if (unit >= min && unit <= max) return [];
  const zh = `从站地址 ${unit} 不在 ${min}–${max} 之内。请按设备面板或手册填写。`;
  const en = `Unit id ${unit} is not ${min}–${max}. Enter the one set on the device.`;
  return [problem(device, '.unit', zh, en)];
}

/** Counted from one, address 0 does not exist; and a value must not stand half behind the last address. */
function addressProblems(device: Device): ConfigProblem[] {
  const reads = Object.keys(device.profile.groups).flatMap((group) => planGroup(device.profile, group).reads);
  const outside = reads.find(({ start, count }) => start < 0 || start + count > 0x10000);
  if (outside === undefined) return [];
  const zh = `档案 ${device.profile.id} 有寄存器地址超出 0–65535。请核对档案的 addressing（从 0 还是从 1 起算）。`;
  const en = `Profile ${device.profile.id} names a register outside of 0–65535. Check its addressing (from zero or from one).`;
  return [problem(device, '', zh, en)];
}

function doubles(port: ModbusPort, devices: readonly Device[]): ConfigProblem[] {
  const seen = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (const device of devices) {
    const endpoint = endpointOf(port, device.address);
    const key = `${endpoint ? `${endpoint.host}:${endpoint.port}` : ''} ${device.address.unit}`;
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
