/**
 * A meter by EN 13757-2 and -3, written from the standard and apart from the product: primary and secondary address,
 * selection, the frame count bit, several telegrams.
 */
export interface MeterState {
  readonly primary: number;
  /** Eight digits. */
  readonly id: string;
  /** Manufacturer low and high, version, medium. */
  readonly maker: readonly [number, number, number, number];
  /** What stands behind the header, telegram by telegram. */
  readonly telegrams: readonly (readonly number[])[];
  readonly confirmsReset?: boolean;
  /** Says the same telegram whatever the frame count bit. */
  readonly ignoresCount?: boolean;
  isSelected?: boolean;
  lastCount?: number | undefined;
  at?: number;
  access?: number;
}

export function meterAnswers(state: MeterState, heard: Uint8Array): Uint8Array | undefined {
  if (heard.length === 5 && heard[0] === 0x10) {
    const [, control = 0, address = 0, sum] = heard;
    const isMine = address === state.primary || (address === 0xfd && state.isSelected === true);
    if (sum !== (control + address) % 256 || !isMine) return undefined;
    if (control === 0x40) {
      state.at = 0;
      state.lastCount = undefined;
      if (address === 0xfd) state.isSelected = false;
      return state.confirmsReset === false ? undefined : Uint8Array.of(0xe5);
    }
    return (control & 0xdf) === 0x5b ? telegram(state, (control >> 5) & 1) : undefined;
  }
  const bytes = [...heard];
  if (bytes[0] !== 0x68 || bytes[5] !== 0xfd || bytes[6] !== 0x52) return undefined;
  const own = [...idBytes(state), ...state.maker];
  state.isSelected = bytes.slice(7, 15).every((byte, i) => fits(byte, own[i] as number, i < 4));
  state.at = 0;
  state.lastCount = undefined;
  return state.isSelected ? Uint8Array.of(0xe5) : undefined;
}

/** A digit F is any digit in the number, FF any byte elsewhere. */
function fits(asked: number, own: number, isNumber: boolean): boolean {
  if (!isNumber) return asked === 0xff || asked === own;
  return [4, 0].every((shift) => ((asked >> shift) & 15) === 15 || ((asked >> shift) & 15) === ((own >> shift) & 15));
}

function telegram(state: MeterState, count: number): Uint8Array {
  if (state.lastCount !== undefined && state.lastCount !== count && state.ignoresCount !== true) {
    state.at = Math.min((state.at ?? 0) + 1, state.telegrams.length - 1);
  }
  state.lastCount = count;
  state.access = ((state.access ?? 0) + 1) % 256;
  const head = [...idBytes(state), ...state.maker, state.access, 0, 0, 0];
  const body = [0x08, state.primary, 0x72, ...head, ...(state.telegrams[state.at ?? 0] ?? [])];
  const sum = body.reduce((total, byte) => (total + byte) % 256, 0);
  return Uint8Array.from([0x68, body.length, body.length, 0x68, ...body, sum, 0x16]);
}

function idBytes({ id }: MeterState): number[] {
  return (id.match(/../g) as string[]).map((pair) => parseInt(pair, 16)).reverse();
}
