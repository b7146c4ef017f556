/** GB/T 26875.3-2011 as a transmitter says it; written from the standard's tables apart from the gateway's decoder. */

/** A part behind the transmitter, as the standard numbers it. */
export interface SimulatedPart {
  readonly system: number;
  readonly systemAddress: number;
  readonly type: number;
  readonly address: number;
  /** What the panel shows, already in GB 18030; at most 31 bytes. */
  readonly text?: Uint8Array;
}

export const state = { normal: 0, fire: 1 << 1, fault: 1 << 2, shielded: 1 << 3, started: 1 << 5, feedback: 1 << 6 } as const;

/** `local`: the device's own clock, as ms since 1970 read as if it were UTC. */
export function stamp(local: number): number[] {
  const time = new Date(local);
  return [
    time.getUTCSeconds(),
    time.getUTCMinutes(),
    time.getUTCHours(),
    time.getUTCDate(),
    time.getUTCMonth() + 1,
    time.getUTCFullYear() - 2000,
  ];
}

const low = (value: number, bytes: number) => Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256);

export function partState(part: SimulatedPart, flags: number, local: number): number[] {
  const text = [...(part.text ?? [])].slice(0, 31);
  const padded = [...text, ...Array.from({ length: 31 - text.length }, () => 0)];
  const where = [part.system, part.systemAddress, part.type, ...low(part.address, 4)];
  return [2, 1, ...where, ...low(flags, 2), ...padded, ...stamp(local)];
}

/** `raw`: in the steps of the quantity, signed. */
export function partAnalogue(part: SimulatedPart, quantity: number, raw: number, local: number): number[] {
  const where = [part.system, part.systemAddress, part.type, ...low(part.address, 4)];
  return [3, 1, ...where, quantity, ...low(raw & 0xffff, 2), ...stamp(local)];
}

export function systemState(system: number, address: number, flags: number, local: number): number[] {
  return [1, 1, system, address, ...low(flags, 2), ...stamp(local)];
}

export function transmitterState(flags: number, local: number): number[] {
  return [21, 1, flags, ...stamp(local)];
}

/** 用户信息传输装置操作信息: bit 0 reset, 1 mute, 2 manual alarm, 3 alarm cancelled, 4 self-test, 5 inspection answered, 6 test. */
export function transmitterOperation(flags: number, operator: number, local: number): number[] {
  return [24, 1, flags, operator, ...stamp(local)];
}

export interface SaidFrame {
  readonly serial: number;
  /** Addresses as numbers below 2^48. */
  readonly source: number;
  readonly destination: number;
  readonly command: number;
  readonly data: readonly number[];
  readonly local: number;
}

export function frameBytes({ serial, source, destination, command, data, local }: SaidFrame): Buffer {
  const unit = [
    ...low(serial, 2),
    1,
    2,
    ...stamp(local),
    ...low(source, 6),
    ...low(destination, 6),
    ...low(data.length, 2),
    command,
  ];
  const summed = [...unit, ...data];
  const sum = summed.reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.from([0x40, 0x40, ...summed, sum, 0x23, 0x23]);
}

/** A frame with another source address, and a sum that fits. */
export function fromElsewhere(frame: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy[sourceAt] = ((copy[sourceAt] ?? 0) + 1) % 256;
  copy[copy.length - 3] = copy.subarray(2, -3).reduce((sum, byte) => (sum + byte) % 256, 0);
  return copy;
}

/** Behind the start, the serial, the version and the time. */
const sourceAt = 12;

export interface HeardFrame {
  readonly serial: number;
  readonly command: number;
  readonly type: number | null;
  readonly data: Buffer;
}

/** What a transmitter understands of the gateway's frames. */
export function hearFrames(bytes: Buffer): { taken: number; frames: HeardFrame[] } {
  const frames: HeardFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 30) {
    const length = bytes.readUInt16LE(at + 24);
    if (bytes.length - at < 30 + length) break;
    const data = Buffer.from(bytes.subarray(at + 27, at + 27 + length));
    frames.push({ serial: bytes.readUInt16LE(at + 2), command: bytes[at + 26] as number, type: data[0] ?? null, data });
    at += 30 + length;
  }
  return { taken: at, frames };
}
