import { crc16Arc } from '../listening/crc16.ts';
import type { Cut, Framing } from '../listening/splitter.ts';

/**
 * A DC-09 message: `LF crc len "id" seq Rrcvr Lpref #acct [data] [xdata]… _timestamp CR`. What follows the length is ASCII and is
 * what the CRC is of.
 */
export interface Message {
  readonly id: string;
  /** `"*id"`: the data is encrypted (AES). */
  readonly isEncrypted: boolean;
  readonly seq: string;
  /** With their letters, `` where they are left out. */
  readonly receiver: string;
  readonly prefix: string;
  /** Without `#`. */
  readonly account: string;
  readonly data: string;
  readonly extended: readonly string[];
  /** `HH:MM:SS,MM-DD-YYYY`, `` where there is none. */
  readonly time: string;
  /** All between the quotes and CR, as it stands there. */
  readonly body: string;
  readonly crc: string;
}

const lf = 0x0a;
const cr = 0x0d;
const headBytes = 9;
/** The length field says `0LLL`, and no message in clear is longer than a few hundred bytes. */
const maxBodyBytes = 2_048;

export const framing: Framing<Message> = { maxFrameBytes: headBytes + maxBodyBytes + 1, cut };

function cut(all: Buffer): Cut<Message> {
  const bytes = all.subarray(0, framing.maxFrameBytes + 1);
  const from = bytes.indexOf(lf);
  if (from !== 0) return { skip: from === -1 ? bytes.length : from };
  // Neither LF nor CR stands inside a message: a second one is the beginning of another, or an early end.
  const next = bytes.indexOf(lf, 1);
  if (next === 1) return { skip: 1 };
  const end = bytes.indexOf(cr, 1);
  if (next !== -1 && (end === -1 || next < end)) return { skip: next, why: 'cut-short' };
  if (end === -1) return bytes.length > framing.maxFrameBytes ? { skip: 1 } : { need: true };
  const whole = bytes.subarray(1, end).toString('latin1');
  const head = /^([0-9A-Fa-f]{4})0([0-9A-Fa-f]{3})(?=")/.exec(whole);
  if (!head) return { skip: end + 1, why: 'head' };
  const body = whole.slice(8);
  if (body.length > maxBodyBytes || Number.parseInt(head[2] as string, 16) !== body.length)
    return { skip: end + 1, why: 'length' };
  const crc = head[1] as string;
  if (Number.parseInt(crc, 16) !== crc16Arc(bytes.subarray(headBytes, end))) return { skip: end + 1, why: 'crc' };
  const message = open(body, crc);
  return message === null ? { skip: end + 1, why: 'body' } : { take: end + 1, frame: message };
}

/** The parts of a body whose length and CRC are right; null where it is not built as the standard says. */
function open(body: string, crc: string): Message | null {
  const head = /^"(\*?)([A-Z0-9-]{1,16})"(\d{4})(R[0-9A-Fa-f]{1,6})?(L[0-9A-Fa-f]{1,6})?#?([0-9A-Za-z]{0,16})\[/.exec(body);
  if (!head) return null;
  const [all, star, id = '', seq = '', receiver = '', prefix = '', account = ''] = head;
  const common = { id, seq, receiver, prefix, account, body, crc };
  if (star === '*') return { ...common, isEncrypted: true, data: '', extended: [], time: '' };
  const blocks = blocksOf(body, all.length - 1);
  if (blocks === null) return null;
  const [data = '', ...extended] = blocks.texts;
  const rest = body.slice(blocks.end);
  const time = /^_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})$/.exec(rest)?.[1];
  if (rest !== '' && time === undefined) return null;
  return { ...common, isEncrypted: false, data, extended, time: time ?? '' };
}

/** The texts between brackets from `at` on; a text has no bracket in it. */
function blocksOf(body: string, at: number): { texts: string[]; end: number } | null {
  const texts: string[] = [];
  let from = at;
  while (body[from] === '[') {
    const to = body.indexOf(']', from);
    if (to === -1) return null;
    texts.push(body.slice(from + 1, to));
    from = to + 1;
  }
  return { texts, end: from };
}

/** A whole message around a body. */
export function encode(body: string): Buffer {
  const bytes = Buffer.from(body, 'latin1');
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
  return Buffer.concat([Buffer.from(`\n${hex(crc16Arc(bytes))}${hex(bytes.length)}`, 'latin1'), bytes, Buffer.from('\r')]);
}

/** ACK or DUH with the number and addresses of what it answers (DC-09 5.5.2). */
export function reply(to: Message, id: 'ACK' | 'DUH', time: string): Buffer {
  const { seq, receiver, prefix, account } = to;
  return encode(`"${id}"${seq}${receiver}${prefix}#${account}[]_${time}`);
}

/** NAK: what came could not be read, so there is no number to answer; the time in it lets the host set its clock. */
export function refusal(time: string): Buffer {
  return encode(`"NAK"0000R0L0A0[]_${time}`);
}

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** RFC 3339 of `HH:MM:SS,MM-DD-YYYY`; undefined where it is no date. */
export function timeText(time: string, zone: string): string | undefined {
  const parts = /^(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})$/.exec(time);
  if (!parts) return undefined;
  const [, hour, minute, second, month, day, year] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1 || year < 1970) return undefined;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  const [, h = '', m = '', s = '', mo = '', d = '', y = ''] = parts;
  return `${y}-${mo}-${d}T${h}:${m}:${s}${zone}`;
}

/** `at`: milliseconds since 1970 UTC. */
export function timeStamp(at: number, zone: string): string {
  const local = new Date(at + zoneMs(zone)).toISOString();
  return `${local.slice(11, 19)},${local.slice(5, 7)}-${local.slice(8, 10)}-${local.slice(0, 4)}`;
}

function zoneMs(zone: string): number {
  const parts = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (!parts) return 0;
  const ms = (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
  return parts[1] === '-' ? -ms : ms;
}
