import type { Ask } from '../line/dialect.ts';
import { framesIn, hexByte, lowFirst } from '../line/framing.ts';
import { controls, encodeLong, encodeShort, frameAt, type MbusFrame, mayBecomeFrame, selectedAddress } from './frame.ts';

/** 一次地址或二次地址: which meter is meant. */
export type MeterLink = { readonly primary: number } | { readonly secondary: Secondary };

export interface Secondary {
  /** Eight digits; `F` for any digit. */
  readonly id: string;
  /** Three letters. Absent: any. */
  readonly manufacturer?: string | undefined;
  readonly version?: number | undefined;
  readonly medium?: number | undefined;
}

/** An answer is one of these. */
export type Heard = { readonly kind: 'ack' } | { readonly kind: 'answer'; readonly frame: Extract<MbusFrame, { kind: 'long' }> };

const longestLong = 261;
const usualLong = 100;

export function slaveName(link: MeterLink): string {
  if ('primary' in link) return `mbus:${link.primary}`;
  const { id, manufacturer = '', version, medium } = link.secondary;
  return `mbus:${id}${manufacturer}${[version, medium].map((byte) => (byte === undefined ? '' : hexByte(byte))).join('')}`;
}

/** SND_NKE. */
export function askReset(link: MeterLink): Ask<Heard> {
  return ask(link, encodeShort(controls.reset, addressOf(link)), 1, 1, 'ack', matchAck);
}

/** 选择从站: SND_UD with CI 52 and the mask of its secondary address; who fits says E5, everybody else is deselected. */
export function askSelect(link: { readonly secondary: Secondary }): Ask<Heard> {
  const { id, manufacturer, version = 0xff, medium = 0xff } = link.secondary;
  const code = manufacturer === undefined ? 0xffff : codeOf(manufacturer);
  const mask = Uint8Array.from([...lowFirst(id), code & 0xff, code >> 8, version, medium]);
  return ask(link, encodeLong(controls.sendData, selectedAddress, selectSlave, mask), 1, 1, 'ack', matchAck);
}

const selectSlave = 0x52;

/** REQ_UD2; `count`: the frame count bit, 1 for the first telegram. */
export function askData(link: MeterLink, count: 0 | 1): Ask<Heard> {
  const [set, clear] = controls.request;
  const send = encodeShort(count === 1 ? set : clear, addressOf(link));
  return ask(link, send, longestLong, usualLong, 'data', (heard) => {
    for (const { frame, end } of framesIn(heard, frameAt)) {
      if (frame.kind === 'long' && isFrom(link, frame)) return { answer: { kind: 'answer' as const, frame }, end };
    }
    return undefined;
  });
}

function ask(
  link: MeterLink,
  send: Uint8Array,
  longestAnswer: number,
  usualAnswer: number,
  shape: string,
  match: Ask<Heard>['match'],
): Ask<Heard> {
  // Reset, selection and request say the same when they are said twice, so that the late answer to one serves the next.
  return { send, slave: slaveName(link), longestAnswer, usualAnswer, shape, isHarmless: true, match };
}

function addressOf(link: MeterLink): number {
  return 'primary' in link ? link.primary : selectedAddress;
}

/** Three letters as a number, five bits each. */
function codeOf(letters: string): number {
  return Array.from(letters).reduce((code, letter) => (code << 5) | (letter.charCodeAt(0) - 64), 0);
}

/** RSP_UD of this meter. One that was selected may answer from its own primary address; its header says who it is. */
function isFrom(link: MeterLink, { control, address, information, data }: Extract<MbusFrame, { kind: 'long' }>): boolean {
  if ((control & ~0x30) !== controls.response) return false;
  if ('primary' in link) return address === link.primary;
  if (information === 0x72 && data.length >= 8) return isMeant(link.secondary, data);
  if (information === 0x73 && data.length >= 4) return isNumber(link.secondary.id, data);
  return address === selectedAddress;
}

function isMeant({ id, manufacturer, version, medium }: Secondary, header: Uint8Array): boolean {
  const code = (header[4] as number) | ((header[5] as number) << 8);
  return (
    isNumber(id, header) &&
    (manufacturer === undefined || codeOf(manufacturer) === code) &&
    (version === undefined || version === header[6]) &&
    (medium === undefined || medium === header[7])
  );
}

function isNumber(id: string, header: Uint8Array): boolean {
  const own = Array.from(header.subarray(0, 4).toReversed(), hexByte).join('');
  return Array.from(id).every((digit, at) => digit === 'F' || digit === own[at]);
}

/** E5, but not one that stands inside a frame, whole or still arriving. */
function matchAck(heard: Uint8Array): { answer: Heard; end: number } | undefined {
  for (let at = 0; at < heard.length;) {
    const standing = frameAt(heard, at);
    if (standing?.frame.kind === 'ack') return { answer: { kind: 'ack' }, end: standing.end };
    if (standing === undefined && mayBecomeFrame(heard, at)) return undefined;
    at = standing?.end ?? at + 1;
  }
  return undefined;
}
