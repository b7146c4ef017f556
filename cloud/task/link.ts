import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a 任务链接 opens: one person's errand in one task, until a time. */
export interface ErrandLink {
  readonly leg: string;
  /** ms since 1970 UTC; in whole minutes. */
  readonly until: number;
}

export interface ErrandTokens {
  /** 32 characters for an SMS, good for a day from `at` (ms since 1970 UTC); undefined for an errand whose id is not one of ours. */
  sign(leg: string, at: number): string | undefined;
  /** Null where it was not signed here. Whether its day is over is the reader's to see. */
  read(token: string): ErrandLink | null;
}

const minuteMs = 60_000;
/** How long a link can be pressed; who is asked no more is told so by the task itself, mostly much earlier. */
export const errandLinkMs = 24 * 60 * minuteMs;
const legShape = /^leg-[0-9a-f]{20}$/;
const legBytes = 10;
const untilBytes = 4;
/** 80 bits: at the rate a link may be tried, nobody guesses one. */
const macBytes = 10;
const shape = /^[A-Za-z0-9_-]{32}$/;

/** The same secret signs links of other kinds under keys of their own: none of them opens another's page. */
export function errandTokens(secret: Buffer): ErrandTokens {
  const key = createHmac('sha256', secret).update('yihu errands').digest();
  const macOf = (said: Buffer) => createHmac('sha256', key).update(said).digest().subarray(0, macBytes);
  return {
    sign: (leg, at) => {
      if (!legShape.test(leg)) return undefined;
      const said = Buffer.alloc(legBytes + untilBytes);
      said.write(leg.slice('leg-'.length), 'hex');
      said.writeUIntBE(Math.ceil((at + errandLinkMs) / minuteMs), legBytes, untilBytes);
      return Buffer.concat([said, macOf(said)]).toString('base64url');
    },
    read: (token) => {
      if (!shape.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const said = bytes.subarray(0, legBytes + untilBytes);
      if (!timingSafeEqual(macOf(said), bytes.subarray(said.length))) return null;
      const leg = `leg-${said.subarray(0, legBytes).toString('hex')}`;
      return { leg, until: said.readUIntBE(legBytes, untilBytes) * minuteMs };
    },
  };
}
