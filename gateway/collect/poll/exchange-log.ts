import type { Exchange } from '../driver.ts';

/** How an exchange ended. */
export const endings = ['answered', 'refused', 'timeout', 'nonsense', 'late', 'broadcast', 'closed'] as const;
export type Ending = (typeof endings)[number];

export interface Exchanged {
  /** Milliseconds since 1970 UTC when the request was sent. */
  readonly at: number;
  readonly tookMs: number;
  readonly ending: Ending;
  /** A refusal's words, or how many milliseconds were waited. */
  readonly detail?: string;
  readonly sent: Uint8Array;
  readonly heard: Uint8Array;
  /** The bytes hold a password: only their number is kept. */
  readonly isSecret?: boolean;
}

const exchangesKept = 16;
/** For each device; older exchanges make room. */
const bytesKept = 2_048;
/** Of one direction of one exchange; what is longer is cut, and marked. */
const mostBytes = 600;

/** f64 at, f32 took, ending, flags, u16 sent kept, u16 heard kept, u8 detail; then the bytes of all three. */
const headBytes = 19;
const secretFlag = 1;
const cutFlag = 2;

/** 线路报文记录: the last exchanges with one device in a fixed piece of memory: nothing is allocated while polling. */
export class ExchangeLog {
  #ring: Buffer | undefined;
  /** Where each record begins, oldest first; the ring is filled from the left and begins again. */
  readonly #starts: number[] = [];
  #end = 0;

  add(exchanged: Exchanged): void {
    const sent = Math.min(mostBytes, exchanged.isSecret === true ? 0 : exchanged.sent.length);
    const heard = Math.min(mostBytes, exchanged.isSecret === true ? 0 : exchanged.heard.length);
    const detail = exchanged.detail === undefined ? 0 : Math.min(200, Buffer.byteLength(exchanged.detail));
    const ring = (this.#ring ??= Buffer.alloc(bytesKept));
    const at = this.#room(headBytes + sent + heard + detail);
    const isCut = exchanged.isSecret !== true && (sent < exchanged.sent.length || heard < exchanged.heard.length);
    ring.writeDoubleBE(exchanged.at, at);
    ring.writeFloatBE(exchanged.tookMs, at + 8);
    ring[at + 12] = endings.indexOf(exchanged.ending);
    ring[at + 13] = (exchanged.isSecret === true ? secretFlag : 0) | (isCut ? cutFlag : 0);
    ring.writeUInt16BE(sent, at + 14);
    ring.writeUInt16BE(heard, at + 16);
    ring[at + 18] = detail;
    ring.set(sent === exchanged.sent.length ? exchanged.sent : exchanged.sent.subarray(0, sent), at + headBytes);
    ring.set(heard === exchanged.heard.length ? exchanged.heard : exchanged.heard.subarray(0, heard), at + headBytes + sent);
    if (exchanged.detail !== undefined) ring.write(exchanged.detail, at + headBytes + sent + heard, detail);
  }

  /** Makes room for a record in one piece, forgets what stood there, and returns where it begins. */
  #room(bytes: number): number {
    if (this.#end + bytes > bytesKept) {
      while ((this.#starts[0] ?? -1) >= this.#end) this.#starts.shift();
      this.#end = 0;
    }
    const at = this.#end;
    this.#end += bytes;
    const isCovered = (start: number | undefined) => start !== undefined && start >= at && start < at + bytes;
    while (isCovered(this.#starts[0])) this.#starts.shift();
    this.#starts.push(at);
    if (this.#starts.length > exchangesKept) this.#starts.shift();
    return at;
  }

  /** Oldest first. */
  list(): Exchange[] {
    return this.#starts.map((at) => this.#read(at));
  }

  #read(at: number): Exchange {
    const ring = this.#ring ?? Buffer.alloc(bytesKept);
    const sent = ring.readUInt16BE(at + 14);
    const heard = ring.readUInt16BE(at + 16);
    const bytesAt = at + headBytes;
    const detail = ring.toString('utf8', bytesAt + sent + heard, bytesAt + sent + heard + (ring[at + 18] ?? 0));
    const flags = ring[at + 13] ?? 0;
    const ending = endings[ring[at + 12] ?? 0] ?? 'answered';
    return {
      at: ring.readDoubleBE(at),
      ...(sent > 0 && { sent: hex(ring.subarray(bytesAt, bytesAt + sent)) }),
      ...(heard > 0 && { heard: hex(ring.subarray(bytesAt + sent, bytesAt + sent + heard)) }),
      tookMs: Math.round(ring.readFloatBE(at + 8) * 10) / 10,
      ending,
      note: noteOf(ending, detail, flags),
    };
  }
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/..(?=.)/g, '$& ');
}

const sentences: Readonly<Record<Ending, (detail: string) => { zh: string; en: string }>> = {
  answered: () => ({ zh: '正常应答。', en: 'Answered.' }),
  refused: (detail) => ({ zh: `设备拒绝：${detail}。`, en: `The device refused: ${detail}.` }),
  timeout: (detail) => ({
    zh: `没有任何应答（${detail}）。检查供电、接线（A/B 是否接反）、地址和串口参数。`,
    en: `Not one byte came back (${detail}). Check power, wiring (A and B may be swapped), address and serial settings.`,
  }),
  nonsense: (detail) => ({
    zh: `有回音，但不是应答（${detail}）：校验、长度或地址不符。检查波特率、校验位、终端电阻，以及是否有两台设备用同一地址。`,
    en: `Something came, but no answer (${detail}): checksum, length or address do not fit. Check baud rate, parity, termination, and whether two devices have one address.`,
  }),
  late: (detail) => ({
    zh: `应答晚于时限（${detail}），已丢弃。设备慢时请加大档案或端口的 timeout。`,
    en: `The answer came after its time (${detail}) and was dropped. Give a slow device a longer timeout in profile or port.`,
  }),
  broadcast: () => ({ zh: '广播，无应答。', en: 'A broadcast: nobody answers.' }),
  closed: (detail) => ({ zh: `等待应答时线路断开（${detail}）。`, en: `The wire was lost while waiting (${detail}).` }),
};

function noteOf(ending: Ending, detail: string, flags: number): { zh: string; en: string } {
  const said = sentences[ending](detail);
  const secret =
    (flags & secretFlag) > 0 ? { zh: '含口令，字节不显示。', en: ' Its bytes hold a password and are not shown.' } : noWords;
  const cut = (flags & cutFlag) > 0 ? { zh: '只显示前一部分。', en: ' Only the beginning is shown.' } : noWords;
  return { zh: said.zh + secret.zh + cut.zh, en: said.en + secret.en + cut.en };
}

const noWords = { zh: '', en: '' };
