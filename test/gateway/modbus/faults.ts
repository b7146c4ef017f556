import { honest, pduOf, valueOf, type Fault, type Stage } from './fault-server.ts';

/** The fault tables of the wire, one entry per row. What is common to both framings stands first. */

const exceptionPdu = (fn: number, code: number) => Buffer.from([fn | 0x80, code]);

export const late =
  (ms: number): Fault =>
  ({ send, good }) =>
    send(good, ms);

export const silent: Fault = () => undefined;

export const exception =
  (code: number): Fault =>
  ({ send, frame, asked }) =>
    send(frame(exceptionPdu(asked.fn, code)));

export const exceptionOfOtherFunction: Fault = ({ send, frame, asked }) => send(frame(exceptionPdu(asked.fn ^ 7, 2)));

export const wrongUnit: Fault = ({ send, frame, pdu, asked }) => send(frame(pdu(asked.start, asked.count), asked.unit + 1));

export const wrongFunction: Fault = ({ send, frame, asked }) =>
  send(frame(pduOf(asked.unit, asked.fn === 3 ? 4 : 3, asked.start, asked.count)));

/** A register's, or eight bits', worth of data less or more; fewer bits than that would not show in the frame. */
export const fewer: Fault = ({ send, frame, pdu, asked }) => {
  const whole = pdu(asked.start, asked.count);
  const cut = Buffer.from(whole.subarray(0, whole.length - (asked.fn <= 2 ? 1 : 2)));
  cut[1] = cut.length - 2;
  send(frame(cut));
};

export const more: Fault = ({ send, frame, pdu, asked }) => send(frame(pdu(asked.start, asked.count + (asked.fn <= 2 ? 8 : 1))));

/** All the data, but a byte count of its own. */
export const byteCount =
  (said: number): Fault =>
  ({ send, frame, pdu, asked }) => {
    const lying = pdu(asked.start, asked.count);
    lying[1] = said;
    send(frame(lying));
  };

export const twice: Fault = ({ send, good }) => {
  send(good);
  send(good);
};

/** The second copy of each answer comes when the next request is there already, `apartMs` before its answer. */
export function copyAfterNextRequest(apartMs: number): Fault {
  let copy: Buffer | undefined;
  return ({ send, good }) => {
    if (copy !== undefined) send(apartMs === 0 ? Buffer.concat([copy, good]) : copy);
    if (copy === undefined || apartMs > 0) send(good, copy === undefined ? 0 : apartMs);
    copy = good;
  };
}

/**
 * An answer with the right values of other registers, before the right one. Its id is half the ids away: one that may be
 * in flight by then would be a forgery that no client can tell.
 */
export const unasked: Fault = ({ send, frame, pdu, asked, good }) => {
  send(frame(pdu(asked.start + 500, asked.count), asked.unit, (asked.id + 0x8000) & 0xffff));
  send(good);
};

/** Each byte in a segment of its own. */
export const fragments: Fault = ({ trickle, good }) => trickle(good);

export const truncated: Fault = ({ send, good }) => send(good.subarray(0, good.length - 3));

export const reset: Fault = (stage) => stage.reset();
export const finish: Fault = (stage) => stage.finish();

export const garbage =
  (hex: string): Fault =>
  ({ send }) =>
    send(Buffer.from(hex, 'hex'));

/** Bytes before the right answer. */
export const noise =
  (hex: string): Fault =>
  ({ send, good }) =>
    send(Buffer.concat([Buffer.from(hex, 'hex'), good]));

// ── Modbus TCP ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const protocolId: Fault = ({ send, good }) => {
  const frame = Buffer.from(good);
  frame.writeUInt16BE(1, 2);
  send(frame);
};

export const mbapLength =
  (length: number): Fault =>
  ({ send, good }) => {
    const frame = Buffer.from(good);
    frame.writeUInt16BE(length, 4);
    send(frame);
  };

// ── RTU ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const echo: Fault = ({ send, request, good }) => send(Buffer.concat([request, good]));

export const bitFlip =
  (at: number): Fault =>
  ({ send, good }) => {
    const frame = Buffer.from(good);
    frame[at] = (frame[at] ?? 0) ^ 0x10;
    send(frame);
  };

export const looksLikeHeader: Fault = (stage: Stage) => {
  const { asked, send, good } = stage;
  send(Buffer.concat([Buffer.from([asked.unit, asked.fn, asked.count * 2, valueOf(1, 3, 9) & 0xff]), good]));
};

/** `fault` for request `n`, the right answer for all others. */
export const only =
  (n: number, fault: Fault): Fault =>
  (stage) =>
    (stage.asked.n === n ? fault : honest)(stage);
