import { createHmac, timingSafeEqual } from 'node:crypto';

/** 应答链接: who a link is for, signed. It opens one person's answer to one call and nothing else; the call says until when. */
export interface AnswerTokens {
  /** 22 characters for an SMS. */
  sign(recipient: number): string;
  /** The recipient; null where it was not signed here. */
  read(token: string): number | null;
}

const numberBytes = 6;
/** 80 bits: at the rate a link may be tried, nobody guesses one. */
const macBytes = 10;
const shape = /^[A-Za-z0-9_-]{22}$/;

export function answerTokens(secret: Buffer): AnswerTokens {
  return signedNumbers(secret, 'yihu call answers');
}

/** 住户链接: the same for the link of a home; one kind never opens the other. */
export function homeTokens(secret: Buffer): AnswerTokens {
  return signedNumbers(secret, 'yihu households');
}

function signedNumbers(secret: Buffer, purpose: string): AnswerTokens {
  const key = createHmac('sha256', secret).update(purpose).digest();
  const macOf = (number: Buffer) => createHmac('sha256', key).update(number).digest().subarray(0, macBytes);
  return {
    sign: (recipient) => {
      const number = Buffer.alloc(numberBytes);
      number.writeUIntBE(recipient, 0, numberBytes);
      return Buffer.concat([number, macOf(number)]).toString('base64url');
    },
    read: (token) => {
      if (!shape.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const number = bytes.subarray(0, numberBytes);
      // The last character holds four spare bits: only the one spelling we gave out is ours.
      if (bytes.toString('base64url') !== token || !timingSafeEqual(macOf(number), bytes.subarray(numberBytes))) return null;
      return number.readUIntBE(0, numberBytes);
    },
  };
}
