import type { FactorOffer, SecondStep } from '@yihu/device-profiles/vocabulary/view.ts';
import { qrSvg } from '../../cloud/registry/qr.ts';
import type { Answer } from './fixture-api.ts';

/** The second factor of the made-up cloud: 123456 is right, everything else is not. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const uri = `otpauth://totp/Yihu:wangfang?secret=${secret}&issuer=Yihu&algorithm=SHA1&digits=6&period=30`;
export const offer: FactorOffer = { secret, uri, qr: qrSvg(uri) };
export const recovery = Array.from({ length: 10 }, (_, index) => `k7mq-2xwp-hd4${index}-vbtn`);

export const wrongCode: Answer = {
  status: 403,
  body: {
    code: 'wrong-factor',
    message: { zh: '验证码不对，请看验证器上现在的六位数字。', en: 'Wrong code; use the six digits the app shows now.' },
  },
};

export function secondStep(step: SecondStep['step']): Answer {
  return { status: 202, body: { step, csrf: 'half', expiresAt: Date.now() + 600_000 } satisfies SecondStep };
}

export function factorRoute(method: string, rest: string, body: Record<string, unknown>): Answer {
  if (method === 'GET') return { status: 200, body: { enrolledAt: null, recoveryLeft: 0 } };
  if (rest === '') return { status: 200, body: offer };
  return body['code'] === '123456' ? { status: 200, body: { recovery } } : wrongCode;
}
