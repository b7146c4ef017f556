import type { SimulatedDevice } from '../../device.ts';
import { saidByPath } from '../../said/paths.ts';
import { resummed, reversed, sumOf } from '../line/meter-bytes.ts';
import type { LineSlave, SimulatedDialect } from '../line/slave.ts';

export const dialect: SimulatedDialect = {
  protocol: 'mbus',
  canRefuse: false,
  checksumFromEnd: 2,
  slave: mbusSlave,
  alone: () => ({ primary: 1 }),
  // Another primary address and another number in a telegram; a single E5 says nothing of whose it is.
  readdressed: (answer) => (answer.length === 1 ? answer : resummed(resummed(answer, 4, 1), 4, 3)),
};

/**
 * A meter that speaks wired M-Bus, written apart from the driver: primary and secondary address, reset, one telegram with
 * a record for each value the profile reads.
 */
export function mbusSlave(device: SimulatedDevice): LineSlave {
  let isSelected = false;
  let access = 0;
  const { primary, identity } = identityOf(device);
  return (question, at) => {
    const bytes = [...question];
    if (bytes.length === 5 && bytes[0] === 0x10) {
      const [, control = 0, address = 0, sum] = bytes;
      if (sum !== sumOf([control, address]) || !(address === primary || (address === 0xfd && isSelected))) return undefined;
      if (control === 0x40) return Uint8Array.of(0xe5);
      if ((control & 0xdf) !== 0x5b) return undefined;
      access = (access + 1) % 256;
      return telegram(primary, identity, access, device, at);
    }
    const isSelection = bytes.length === 17 && bytes[0] === 0x68 && bytes[5] === 0xfd && bytes[6] === 0x52;
    if (!isSelection || sumOf(bytes.slice(4, -2)) !== bytes.at(-2)) return undefined;
    isSelected = bytes.slice(7, 15).every((asked, i) => fits(asked, identity[i] as number, i < 4));
    return isSelected ? Uint8Array.of(0xe5) : undefined;
  };
}

/** In the number each digit may be F, elsewhere the whole byte FF. */
function fits(asked: number, own: number, isNumber: boolean): boolean {
  if (!isNumber) return asked === 0xff || asked === own;
  const isDigit = (shift: number): boolean => ((asked >> shift) & 15) === 15 || ((asked >> shift) & 15) === ((own >> shift) & 15);
  return isDigit(0) && isDigit(4);
}

const media: Readonly<Record<string, number>> = { 'meter.electricity': 2, 'meter.gas': 3, 'meter.heat': 4, 'meter.water': 7 };
/** The maker of a simulated meter where the site file names none: `SIM`. */
const simulated = 'SIM';

function identityOf({ address, profile }: SimulatedDevice): { primary: number; identity: readonly number[] } {
  const id = text(address['id'] ?? address['secondary'], '00000001').replaceAll('F', '0');
  const letters = text(address['manufacturer'], simulated);
  const code = Array.from(letters).reduce((sum, letter) => sum * 32 + letter.charCodeAt(0) - 64, 0);
  const version = Number(address['version'] ?? 1);
  const medium = Number(address['medium'] ?? media[profile.category] ?? 0);
  const primary = typeof address['primary'] === 'number' ? address['primary'] : 0;
  return { primary, identity: [...reversed(id), code & 0xff, code >> 8, version, medium] };
}

function text(value: unknown, usual: string): string {
  return typeof value === 'string' ? value : usual;
}

/** VIF of each quantity, and the power of ten that its numbers are given in: value = number × 10^exponent. */
const quantities: Readonly<Record<string, { readonly vif: readonly number[]; readonly exponent: number }>> = {
  energy: { vif: [0x03], exponent: -3 },
  volume: { vif: [0x13], exponent: -3 },
  power: { vif: [0x2b], exponent: 0 },
  flow: { vif: [0x3b], exponent: -3 },
  'flow-temperature': { vif: [0x59], exponent: -2 },
  'return-temperature': { vif: [0x5d], exponent: -2 },
  'temperature-difference': { vif: [0x61], exponent: -2 },
  'external-temperature': { vif: [0x65], exponent: -2 },
  'on-time': { vif: [0x20], exponent: 0 },
  'error-flags': { vif: [0xfd, 0x17], exponent: 0 },
};

const functions = ['inst', 'max', 'min', 'err'];

function telegram(primary: number, identity: readonly number[], access: number, device: SimulatedDevice, at: number): Uint8Array {
  const said = saidByPath(device, 'data', at);
  const records = [...said].flatMap(([path, value]) => recordOf(/^\$\.values\['(.+)'\]$/.exec(path)?.[1], value));
  const status = statusOf(said);
  const body = [0x08, primary, 0x72, ...identity, access, status, 0, 0, ...records];
  return Uint8Array.from([0x68, body.length, body.length, 0x68, ...body, sumOf(body), 0x16]);
}

/** `volume.max.2.tariff1`: a whole number of 32 bits with its function, storage and tariff. Nothing for another path. */
function recordOf(key: string | undefined, value: number | string | boolean): number[] {
  const [name = '', fn = '', storage = '0', ...rest] = (key ?? '').split('.');
  const quantity = quantities[name];
  if (quantity === undefined || typeof value !== 'number') return [];
  const tariff = Number(rest.find((part) => part.startsWith('tariff'))?.slice(6) ?? 0);
  const stored = Number(storage);
  const isLong = stored > 1 || tariff > 0;
  const dif = 0x04 | (functions.indexOf(fn) << 4) | ((stored & 1) << 6) | (isLong ? 0x80 : 0);
  const dife = isLong ? [((stored >> 1) & 0x0f) | ((tariff & 3) << 4)] : [];
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Math.round(value * 10 ** -quantity.exponent));
  return [dif, ...dife, ...quantity.vif, ...bytes];
}

function statusOf(said: ReadonlyMap<string, unknown>): number {
  const bits: readonly (readonly [string, number])[] = [
    ['$.powerLow', 4],
    ['$.permanentError', 8],
    ['$.temporaryError', 16],
  ];
  return bits.reduce((status, [path, bit]) => status | (said.get(path) === true ? bit : 0), 0);
}
