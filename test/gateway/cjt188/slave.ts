/** A meter by CJ/T 188-2004, written from the standard and apart from the product. */
export interface MeterState {
  readonly type: number;
  readonly address: string;
  /** What 901F brings, identifier and sequence not counted. */
  readonly values: number[];
  /** How its identifiers stand on the wire. It is silent to the other way round, or refuses it. */
  readonly order: 'high-first' | 'low-first';
  readonly refusesOtherOrder?: boolean;
  valve?: 'open' | 'closed';
  readonly hasNoValve?: boolean;
}

export function meterAnswers(state: MeterState, heard: Uint8Array): Uint8Array | undefined {
  const bytes = [...heard];
  while (bytes[0] === 0xfe) bytes.shift();
  if (bytes.length < 13 || bytes[0] !== 0x68 || bytes.at(-1) !== 0x16) return undefined;
  const length = bytes[10] as number;
  const sum = bytes.slice(0, -2).reduce((total, byte) => (total + byte) % 256, 0);
  if (sum !== bytes.at(-2) || bytes.length !== length + 13) return undefined;
  if (bytes[1] !== state.type && bytes[1] !== 0xaa) return undefined;
  const own = (state.address.match(/../g) as string[]).map((pair) => parseInt(pair, 16)).reverse();
  if (!bytes.slice(2, 9).every((byte, at) => byte === 0xaa || byte === own[at])) return undefined;
  const [d0, d1, sequence = 0, ...rest] = bytes.slice(11, 11 + length);
  const control = bytes[9] as number;
  const asked = state.order === 'high-first' ? [d0, d1] : [d1, d0];
  const identifier = asked.map((byte) => (byte ?? 0).toString(16).padStart(2, '0')).join('');
  const head = [d0 ?? 0, d1 ?? 0, sequence];
  if (control === 0x03) return frame(state, own, 0x83, head);
  if (control === 0x01 && identifier === '901f') return frame(state, own, 0x81, [...head, ...state.values]);
  if (control === 0x04 && d0 === 0xa0 && d1 === 0x17 && state.hasNoValve !== true) {
    state.valve = rest[0] === 0x55 ? 'open' : 'closed';
    return frame(state, own, 0x84, [...head, state.valve === 'open' ? 0 : 1, 0]);
  }
  if (control === 0x01 && state.refusesOtherOrder !== true) return undefined;
  return frame(state, own, control + 0xc0, [sequence, 0x01, 0x00]);
}

function frame(state: MeterState, own: readonly number[], control: number, data: readonly number[]): Uint8Array {
  const bytes = [0x68, state.type, ...own, control, data.length, ...data];
  const sum = bytes.reduce((total, byte) => (total + byte) % 256, 0);
  return Uint8Array.from([0xfe, 0xfe, 0xfe, ...bytes, sum, 0x16]);
}
