import { encodeText } from '@yihu/device-profiles/library/encode.ts';
import { dialInWire, type Told } from '../../dial-in-wire.ts';
import { numberAt, wordAt } from '../../said/word.ts';
import { flagsOf, operations, partFlags, quantities, systemFlags, transmitterFlags } from './codes.ts';
import {
  partAnalogue,
  partState,
  type SimulatedPart,
  stamp,
  systemState,
  transmitterOperation,
  transmitterState,
} from './frames.ts';
import { SimulatedPanel } from './panel.ts';

/** GB/T 26875.3: a user information transmitter, or one with a single system or part behind it. */
export const wire = dialInWire({
  driver: 'gb26875',
  faults: ['silent', 'slow', 'garbage', 'bad-crc', 'wrong-unit', 'truncated', 'stray', 'unplugged', 'stuck', 'clock-skew'],
  address: { source: '0000000000ab' },
  talker: ({ device, ...parts }) => {
    const { address, profile } = device;
    const source = Number.parseInt(wordAt(address, 'source', '0'), 16);
    const panel = new SimulatedPanel({ ...parts, source });
    const behind = profile.decode['part'] ? 'part' : profile.decode['system'] ? 'system' : 'itself';
    const part = {
      system: 1,
      systemAddress: 1,
      type: Number(/\d+$/.exec(wordAt(address, 'part'))?.[0] ?? 250),
      address: 0x0001_0002,
    };
    const local = () => device.clockAt(parts.clock.now()) + zoneMs;
    return {
      tell: (told) => panel.say(dataOf(told, behind, part, local())),
      failed: () => panel.failed(),
      stop: () => panel.stop(),
    };
  },
});

const zoneMs = 8 * 3_600_000;

type Behind = 'part' | 'system' | 'itself';

/** The application data of an upload (8.2): its type, one object, and what it says. */
function dataOf({ channel, fields }: Told, behind: Behind, part: SimulatedPart, local: number): number[] {
  const where = [part.system, part.systemAddress];
  switch (channel) {
    case 'transmitter':
      return transmitterState(flagsOf(transmitterFlags, fields), local);
    case 'system':
      return systemState(part.system, part.systemAddress, flagsOf(systemFlags, fields), local);
    case 'part':
      return partState({ ...part, text: panelText(fields['text']) }, flagsOf(partFlags, fields), local);
    case 'analogue':
      return analogue(part, wordAt(fields, 'quantity'), numberAt(fields, 'value'), local);
    case 'operation': {
      const name = wordAt(fields, 'operation');
      const flags = 1 << Math.max(0, operations.indexOf(name));
      // Bit 5 of a system is a confirmation, of the transmitter an answer to an inspection.
      if (behind === 'itself' && name !== 'confirm') return transmitterOperation(flags, numberAt(fields, 'operator'), local);
      return [4, 1, ...where, flags, numberAt(fields, 'operator'), ...stamp(local)];
    }
    case 'version': {
      const [, main = '1', minor = '0'] = /^(\d{1,2})\.(\d{1,2})$/.exec(wordAt(fields, 'version')) ?? [];
      const version = [Number(main), Number(minor)];
      return behind === 'itself' ? [25, 1, ...version] : [5, 1, ...where, ...version];
    }
    case 'configuration':
      return configuration(panelText(fields['text']), behind, part);
    case 'clock': {
      const at = Date.parse(wordAt(fields, 'at'));
      const clock = stamp(Number.isNaN(at) ? local : at + zoneMs);
      return behind === 'itself' ? [28, 1, ...clock] : [8, 1, ...where, ...clock];
    }
    default:
      return [200, 1, 2, 3];
  }
}

function panelText(text: unknown): Uint8Array {
  return encodeText(typeof text === 'string' ? text : '', 'gb18030');
}

function analogue(part: SimulatedPart, name: string, value: number, local: number): number[] {
  const [code, per] = quantities[name] ?? [Number(/^type-(\d+)$/.exec(name)?.[1] ?? 100), 1];
  return partAnalogue(part, code, Math.round(value * per), local);
}

function configuration(text: Uint8Array, behind: Behind, { system, systemAddress, type, address }: SimulatedPart): number[] {
  if (behind === 'itself') return [26, 1, text.length, ...text];
  if (behind === 'system') return [6, 1, system, systemAddress, text.length, ...text];
  const number = [address & 0xff, (address >> 8) & 0xff, (address >> 16) & 0xff, (address >> 24) & 0xff];
  return [7, 1, system, systemAddress, type, ...number, ...Array.from({ length: 31 }, (_, at) => text[at] ?? 0)];
}
