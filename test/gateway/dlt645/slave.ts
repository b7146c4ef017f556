/**
 * A meter by DL/T 645-2007, written from the standard and apart from the product: it knows its address, its data by
 * identifier, its password, and how much fits into one frame.
 */
export interface MeterState {
  readonly address: string;
  /** Identifier as printed → bytes in the order of the wire, without the 33h. */
  readonly data: Map<string, number[]>;
  readonly password?: string;
  relay?: number;
  clock?: string;
  /** Data bytes of one answer, identifier not counted. */
  readonly frameBytes?: number;
  readonly preamble?: number;
  /** 1997: two bytes of identifier, functions 1 and 2. */
  readonly is1997?: boolean;
}

export function meterAnswers(state: MeterState, heard: Uint8Array): Uint8Array | undefined {
  const bytes = [...heard];
  while (bytes[0] === 0xfe) bytes.shift();
  if (bytes.length < 12 || bytes[0] !== 0x68 || bytes[7] !== 0x68 || bytes.at(-1) !== 0x16) return undefined;
  let sum = 0;
  for (const byte of bytes.slice(0, -2)) sum = (sum + byte) % 256;
  const length = bytes[9] as number;
  if (sum !== bytes.at(-2) || bytes.length !== length + 12) return undefined;
  const told = bytes.slice(1, 7).reverse();
  const own = state.address.match(/../g) as string[];
  const isAll = told.every((byte) => byte === 0x99);
  if (!isAll && !told.every((byte, at) => byte === 0xaa || byte === parseInt(own[at] as string, 16))) return undefined;
  const data = bytes.slice(10, 10 + length).map((byte) => (byte + 256 - 0x33) % 256);
  return answer(state, bytes[8] as number, data, isAll);
}

function answer(state: MeterState, control: number, data: number[], isAll: boolean): Uint8Array | undefined {
  if (isAll) {
    if (control === 0x08)
      state.clock = data
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .reverse()
        .join(' ');
    return undefined;
  }
  const width = state.is1997 === true ? 2 : 4;
  const [read, more] = state.is1997 === true ? [0x01, 0x02] : [0x11, 0x12];
  if (control === read || control === more) {
    const identifier = data.slice(0, width);
    const key = identifier
      .toReversed()
      .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
      .join('');
    const value = state.data.get(key);
    if (value === undefined) return frame(state, control + 0xc0, [0x02]);
    const size = state.frameBytes ?? 200;
    const number = control === more ? (data[width] ?? 1) : 0;
    const piece = value.slice(number * size, (number + 1) * size);
    const isLast = (number + 1) * size >= value.length;
    const sequence = control === more && width === 4 ? [number] : [];
    return frame(state, control + (isLast ? 0x80 : 0xa0), [...identifier, ...piece, ...sequence]);
  }
  if (control === 0x13) return frame(state, 0x93, addressBytes(state));
  if (control === 0x1c) {
    const [level, p0, p1, p2] = data.map((byte) => byte.toString(16).padStart(2, '0'));
    if (`${level}${p2}${p1}${p0}` !== state.password) return frame(state, 0xdc, [0x04]);
    state.relay = data[8] as number;
    return frame(state, 0x9c, []);
  }
  return frame(state, control + 0xc0, [0x01]);
}

function addressBytes(state: MeterState): number[] {
  return (state.address.match(/../g) as string[]).map((pair) => parseInt(pair, 16)).reverse();
}

function frame(state: MeterState, control: number, data: readonly number[]): Uint8Array {
  const bytes = [0x68, ...addressBytes(state), 0x68, control, data.length, ...data.map((byte) => (byte + 0x33) % 256)];
  const sum = bytes.reduce((total, byte) => total + byte, 0) % 256;
  return Uint8Array.from([...Array<number>(state.preamble ?? 4).fill(0xfe), ...bytes, sum, 0x16]);
}
