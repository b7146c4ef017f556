import { Dlt645Command, dlt645Of } from '@yihu/device-profiles/protocols/dlt645.ts';
import type { SimulatedDevice } from '../../device.ts';
import { refusedPlace } from '../../faults.ts';
import { itemImage } from '../../said/item-image.ts';
import { isAsked, printed, resummed, reversed, sumOf, withoutFill } from '../line/meter-bytes.ts';
import type { LineSlave, SimulatedDialect } from '../line/slave.ts';

export const dialect: SimulatedDialect = {
  protocol: 'dlt645',
  canRefuse: true,
  places: (device) => [...itemImage(device, 0).keys(), ...Object.keys(dlt645Of(device.profile).blocks)],
  checksumFromEnd: 2,
  slave: dlt645Slave,
  alone: () => ({ meter: '000000000161' }),
  // The first byte of the address.
  readdressed: (answer) => resummed(answer, 0, 1),
};

/**
 * A meter that speaks DL/T 645 as its profile says, written apart from the driver: it gives its items and blocks, its
 * address, and carries out a relay command whatever the password is.
 */
export function dlt645Slave(device: SimulatedDevice): LineSlave {
  const own = String(device.address['meter']).replaceAll('A', '0');
  return (question, at) => {
    const bytes = withoutFill(question);
    const length = bytes[9] ?? -1;
    const isWhole = bytes[0] === 0x68 && bytes[7] === 0x68 && bytes.length === length + 12 && bytes.at(-1) === 0x16;
    if (!isWhole || sumOf(bytes.slice(0, -2)) !== bytes.at(-2) || !isAsked(bytes.slice(1, 7), own)) return undefined;
    const data = bytes.slice(10, -2).map((byte) => (byte + 256 - 0x33) % 256);
    const said = answer(device, bytes[8] as number, data, at, own);
    return said === undefined ? undefined : framed(own, said.control, said.data);
  };
}

interface Said {
  readonly control: number;
  readonly data: readonly number[];
}

const noSuchData = 0x02;

function answer(device: SimulatedDevice, control: number, data: readonly number[], at: number, own: string): Said | undefined {
  const { version, readFunction, blocks } = dlt645Of(device.profile);
  const is2007 = version === '2007';
  if (control === (readFunction ?? (is2007 ? 0x11 : 0x01))) {
    const asked = data.slice(0, is2007 ? 4 : 2);
    const identifier = printed(asked);
    const image = itemImage(device, at);
    const value = image.get(identifier) ?? blockOf(blocks[identifier], image);
    const refused = refusedPlace(device.fault) ?? '';
    // A block with a refused item in it is refused: the item can only be left out by asking one by one.
    const isRefused = device.fault === 'exception' || [identifier, ...(blocks[identifier]?.items ?? [])].includes(refused);
    if (value === undefined || isRefused) return { control: control | 0xc0, data: [noSuchData] };
    return { control: control | 0x80, data: [...asked, ...value] };
  }
  if (is2007 && control === 0x13) return { control: 0x93, data: reversed(own) };
  if (is2007 && control === 0x1c) return switched(device, data[8] ?? 0);
  return { control: control | 0xc0, data: [0x01] };
}

/** What the profile has no point for is zero. */
function blockOf(
  block: { readonly size: number; readonly items: readonly string[] } | undefined,
  image: ReadonlyMap<string, Uint8Array>,
): number[] | undefined {
  return block?.items.flatMap((item) => [...(image.get(item) ?? new Uint8Array(block.size))]);
}

const relayWords: Readonly<Record<number, string>> = { 0x1a: 'trip', 0x1b: 'permit-close', 0x1c: 'close' };

/** The command's own read-back shows what it did. */
function switched(device: SimulatedDevice, code: number): Said {
  for (const { do: told, verify } of Object.values(device.profile.commands)) {
    const command = Dlt645Command.safeParse(told);
    const isIt = command.success && 'relay' in command.data && command.data.relay === relayWords[code];
    if (isIt && verify !== undefined) device.set(verify.point, verify.is);
  }
  return { control: 0x9c, data: [] };
}

function framed(own: string, control: number, data: readonly number[]): Uint8Array {
  const bytes = [0x68, ...reversed(own), 0x68, control, data.length, ...data.map((byte) => (byte + 0x33) % 256)];
  return Uint8Array.from([0xfe, 0xfe, 0xfe, 0xfe, ...bytes, sumOf(bytes), 0x16]);
}
