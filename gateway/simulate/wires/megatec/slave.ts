import { MegatecCommand, megatecOf } from '@yihu/device-profiles/protocols/megatec.ts';
import type { SimulatedDevice } from '../../device.ts';
import { saidByPath } from '../../said/paths.ts';
import type { LineSlave, SimulatedDialect } from '../line/slave.ts';

/** Neither an address nor a checksum is in what a UPS says. */
export const dialect: SimulatedDialect = { protocol: 'megatec', canRefuse: false, slave: megatecSlave, alone: () => ({}) };

/** A UPS that speaks Megatec/Q1, written apart from the driver; it tests itself when it is told to. */
export function megatecSlave(device: SimulatedDevice): LineSlave {
  const { statusWord } = megatecOf(device.profile);
  return (question, at) => {
    const word = new TextDecoder().decode(question);
    if (!word.endsWith('\r')) return undefined;
    if (word === `${statusWord}\r`) return bytesOf(statusLine(device, at));
    if (word === 'F\r') return bytesOf('#220.0 005 024.0 50.0\r');
    if (word === 'I\r') return bytesOf('#YIHU            SIMULATED  1.0       \r');
    const test = ({ 'T\r': 'quick', 'TL\r': 'deep', 'CT\r': 'stop' } as const)[word];
    if (test !== undefined) return told(device, test);
    // What it does not know it says back; the beeper makes no sound here.
    return word === 'Q\r' ? undefined : question;
  };
}

function bytesOf(line: string): Uint8Array {
  return new TextEncoder().encode(line);
}

function told(device: SimulatedDevice, test: 'quick' | 'deep' | 'stop'): undefined {
  for (const { do: order, verify } of Object.values(device.profile.commands)) {
    const command = MegatecCommand.safeParse(order);
    if (command.success && 'test' in command.data && command.data.test === test && verify !== undefined)
      device.set(verify.point, verify.is);
  }
  return undefined;
}

/** Digits before and behind the point of each number (V2.7, C.1), and what is said where the profile has no point for it. */
const numbers: readonly (readonly [path: string, before: number, behind: number, usual: number])[] = [
  ['$.inputVoltage', 3, 1, 220],
  ['$.inputFaultVoltage', 3, 1, 220],
  ['$.outputVoltage', 3, 1, 220],
  ['$.load', 3, 0, 20],
  ['$.frequency', 2, 1, 50],
  ['$.batteryVoltage', 1, 2, 2.25],
  ['$.temperature', 2, 1, 30],
];
const bits = ['onBattery', 'batteryLow', 'bypass', 'failed', 'standbyType', 'testing', 'shuttingDown', 'beeper'];

function statusLine(device: SimulatedDevice, at: number): string {
  const said = saidByPath(device, 'status', at);
  const words = numbers.map(([path, before, behind, usual]) => {
    const value = said.get(path);
    const digits = (typeof value === 'number' ? value : usual).toFixed(behind);
    return digits.padStart(before + (behind === 0 ? 0 : behind + 1), '0');
  });
  const state = bits.map((bit) => (said.get(`$.${bit}`) === true ? '1' : '0')).join('');
  return `(${[...words, state].join(' ')}\r`;
}
