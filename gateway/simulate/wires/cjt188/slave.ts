import { Cjt188Command, type Cjt188Field, cjt188Of, layoutOf, meterUnits } from '@yihu/device-profiles/protocols/cjt188.ts';
import type { SimulatedDevice } from '../../device.ts';
import { refusedPlace } from '../../faults.ts';
import { itemImage } from '../../said/item-image.ts';
import { isAsked, resummed, reversed, sumOf, withoutFill } from '../line/meter-bytes.ts';
import type { LineSlave, SimulatedDialect } from '../line/slave.ts';

export const dialect: SimulatedDialect = {
  protocol: 'cjt188',
  canRefuse: true,
  places: (device) => [...new Set([...itemImage(device, 0).keys()].map((key) => key.slice(0, 4)))],
  checksumFromEnd: 2,
  slave: cjt188Slave,
  alone: () => ({ meter: '78331122334455' }),
  // The first byte of the address, behind the type of the meter.
  readdressed: (answer) => resummed(answer, 0, 2),
};

/**
 * A meter that speaks CJ/T 188 as its profile says, written apart from the driver. It answers an identifier in either
 * order, unless the profile names one.
 */
export function cjt188Slave(device: SimulatedDevice): LineSlave {
  const own = String(device.address['meter']);
  const { meterType } = cjt188Of(device.profile);
  return (question, at) => {
    const bytes = withoutFill(question);
    const length = bytes[10] ?? -1;
    const isWhole = bytes[0] === 0x68 && bytes.length === length + 13 && bytes.at(-1) === 0x16 && length >= 3;
    if (!isWhole || sumOf(bytes.slice(0, -2)) !== bytes.at(-2)) return undefined;
    if ((bytes[1] !== meterType && bytes[1] !== 0xaa) || !isAsked(bytes.slice(2, 9), own)) return undefined;
    const said = answer(device, bytes[9] as number, bytes.slice(11, -2), at);
    if (said === undefined) return undefined;
    const head = [0x68, meterType, ...reversed(own), said.control, said.data.length, ...said.data];
    return Uint8Array.from([0xfe, 0xfe, 0xfe, ...head, sumOf(head), 0x16]);
  };
}

interface Said {
  readonly control: number;
  readonly data: readonly number[];
}

const [read, readAddress, write] = [0x01, 0x03, 0x04];

function answer(device: SimulatedDevice, control: number, data: readonly number[], at: number): Said | undefined {
  const head = data.slice(0, 3);
  const [first = 0, second = 0, sequence = 0] = head;
  if (control === readAddress) return { control: control | 0x80, data: head };
  if (control === write && first === 0xa0 && second === 0x17) {
    turn(device, data[3] === 0x55 ? 'open' : 'close');
    const status = itemImage(device, at).get('901F.status') ?? [0, 0];
    return { control: control | 0x80, data: [...head, ...padded(status, 2)] };
  }
  const { identifierOrder } = cjt188Of(device.profile);
  const asHigh = hex(first, second);
  const asLow = hex(second, first);
  const identifier = identifierOrder !== 'low-first' && asHigh === '901F' ? asHigh : asLow;
  if (identifierOrder === 'high-first' && asHigh !== '901F') return undefined;
  const values = control === read ? valuesOf(device, identifier, at) : undefined;
  const isRefused = device.fault === 'exception' || refusedPlace(device.fault) === identifier;
  if (values === undefined || isRefused) return { control: control | 0xc0, data: [sequence, 0, 0] };
  return { control: control | 0x80, data: [...head, ...values] };
}

function hex(high: number, low: number): string {
  return ((high << 8) | low).toString(16).toUpperCase().padStart(4, '0');
}

function valuesOf(device: SimulatedDevice, identifier: string, at: number): number[] | undefined {
  const transport = cjt188Of(device.profile);
  const image = itemImage(device, at);
  const layout = layoutOf(transport, identifier);
  if (layout === undefined) return image.has(identifier) ? [...(image.get(identifier) ?? [])] : undefined;
  return layout.flatMap((field) => fieldBytes(image, identifier, field, transport.unitPlace, at));
}

/** What the profile has no point for is zero, in cubic metres; the clock is the gateway's, in UTC+8. */
function fieldBytes(
  image: ReadonlyMap<string, Uint8Array>,
  identifier: string,
  { key, bytes, unit }: Cjt188Field,
  place: 'behind' | 'before',
  at: number,
): number[] {
  const name = `${identifier}.${key}`;
  if (!unit) return key === 'time' && !image.has(name) ? clockBytes(at) : padded(image.get(name) ?? [], bytes);
  const known = [...meterUnits].find(([, own]) => image.has(`${name}.${own}`)) ?? [0x2c, 'm3'];
  const value = padded(image.get(`${name}.${known[1]}`) ?? [], bytes);
  return place === 'before' ? [known[0], ...value] : [...value, known[0]];
}

function padded(bytes: Iterable<number>, length: number): number[] {
  return [...bytes, ...Array<number>(length).fill(0)].slice(0, length);
}

function clockBytes(at: number): number[] {
  const digits = new Date(at + 8 * 3_600_000).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return reversed(digits);
}

function turn(device: SimulatedDevice, valve: 'open' | 'close'): void {
  for (const { do: told, verify } of Object.values(device.profile.commands)) {
    const command = Cjt188Command.safeParse(told);
    if (command.success && command.data.valve === valve && verify !== undefined) device.set(verify.point, verify.is);
  }
}
