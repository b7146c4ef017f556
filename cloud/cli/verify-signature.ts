import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { isSigned } from '../incident/export-signature.ts';
import { fingerprintOf } from '../registry/audit-signing.ts';

/** Who signed an export, and whether that is to be believed. `key`: the fingerprint, null where nobody signed. */
export type SignatureVerdict =
  | { readonly ok: true; readonly key: string | null; readonly text: Text }
  | { readonly ok: false; readonly text: Text };

/** `wanted`: the fingerprint that the key should have, as somebody was given it by another way. */
export function checkSignature(
  document: object,
  signed: ExportSignature | undefined,
  wanted: string | undefined,
): SignatureVerdict {
  if (signed === undefined) return wanted === undefined ? unsigned : { ok: false, text: mustBeSigned };
  if (!isSigned(document, signed)) return { ok: false, text: forged };
  const key = fingerprintOf(signed.publicKey);
  if (wanted !== undefined && wanted !== key) {
    const text = {
      zh: `签名密钥是 ${key}，与给出的不符，这份导出不可信。`,
      en: `The key that signed is ${key}, which is not the one given; this export cannot be trusted.`,
    };
    return { ok: false, text };
  }
  const told = wanted === undefined;
  return {
    ok: true,
    key,
    text: {
      zh: `  整份导出的签名有效，密钥 ${key}${told ? '（请与平台的审计密钥核对，或用 --key 给出）' : ''}`,
      en: `  All of it is rightly signed, key ${key}${told ? ' (compare it with the audit key of the platform, or give it with --key)' : ''}`,
    },
  };
}

const unsigned: SignatureVerdict = {
  ok: true,
  key: null,
  text: {
    zh: '  没有签名：只能证明各行相连。末尾被截去、整份被重写、时间线以外被改动都看不出来；请导出报告（report）再核对',
    en: '  Not signed: the lines hang together, and that is all. What was cut off the end, made anew as a whole or changed beside the timeline is not seen; export the report to check it',
  },
};

const mustBeSigned: Text = {
  zh: '这份导出没有签名，与给出的密钥无从核对。请导出报告（report）。',
  en: 'This export is not signed, so it cannot be held against the key given. Export the report.',
};

const forged: Text = {
  zh: '签名与内容不符：末尾被截去、整份被重写，或时间线以外被改动过，这份导出不可信。请向平台重新导出。',
  en: 'The signature is not of this: lines were cut off the end, all of it was made anew, or something beside the timeline was changed; this export cannot be trusted. Export it again.',
};
