import type { Contact, IdKind, Need, Sex } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { idSentences, isDay, readIdNumber } from './id-number.ts';
import type { Issue } from './said.ts';

/** A person's own fields in plain words, as they are typed, checked, and then sealed. */
export interface PlainPerson {
  readonly name: string;
  readonly idKind: IdKind | null;
  readonly idNumber: string | null;
  readonly phone: string | null;
  readonly sex: Sex | null;
  /** `YYYY-MM-DD` */
  readonly birth: string | null;
  readonly contact: Contact | null;
  readonly needs: readonly Need[];
}

export type Checked =
  | { readonly ok: true; readonly plain: PlainPerson }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const sentences = {
  phone: {
    zh: '电话应为 11 位手机号，或带区号的座机号，请核对。',
    en: 'A telephone is an 11-digit mobile number, or a landline with its area code; check it.',
  },
  birth: { zh: '出生日期应写作 1949-12-31，且不晚于今天。', en: 'A birthday is written 1949-12-31 and is not in the future.' },
  sexOther: { zh: '性别与身份证号不一致，请核对其中一个。', en: 'The sex is not the one in the identity number; check either.' },
  otherId: { zh: '证件号码应为 5–20 位字母和数字。', en: 'A document number has 5 to 20 letters and digits.' },
} as const satisfies Record<string, Text>;

export const birthOther: Text = {
  zh: '出生日期与身份证号不一致，请核对其中一个。',
  en: 'The birthday is not the one in the identity number; check either.',
};

/** Digits alone, without the country's +86; null where it can be no telephone number. */
export function readPhone(text: string): string | null {
  const digits = text
    .normalize('NFKC')
    .replace(/[\s()-]/g, '')
    .replace(/^(\+|00)86/, '');
  if (/^1[3-9]\d{9}$/.test(digits)) return digits;
  // A landline: 0 and the area code, or within the town; a mobile number with a digit too few or too many is none.
  return /^(0\d{9,11}|[2-9]\d{6,7})$/.test(digits) ? digits : null;
}

/**
 * Puts the fields into their one written form and says all that is wrong with them at once. What an identity number says
 * by itself (birthday, sex) is taken from it where it was not given. `today` is `YYYY-MM-DD`.
 */
export function checkPerson(typed: PlainPerson, today: string): Checked {
  const issues: Issue[] = [];
  const wrong = (path: string, message: Text): null => {
    issues.push({ path, message });
    return null;
  };
  const phone = typed.phone === null ? null : (readPhone(typed.phone) ?? wrong('phone', sentences.phone));
  const contactPhone = typed.contact === null ? '' : (readPhone(typed.contact.phone) ?? wrong('contact/phone', sentences.phone));
  const birth =
    typed.birth === null || (isDay(typed.birth) && typed.birth <= today) ? typed.birth : wrong('birth', sentences.birth);
  const document = readDocument(typed, today, wrong);
  if (document?.birth && birth && document.birth !== birth) wrong('birth', birthOther);
  if (document?.sex && typed.sex && document.sex !== typed.sex) wrong('sex', sentences.sexOther);
  if (issues.length > 0) return { ok: false, issues };
  const plain: PlainPerson = {
    name: typed.name.normalize('NFC').trim(),
    idKind: document?.kind ?? null,
    idNumber: document?.number ?? null,
    phone,
    sex: typed.sex ?? document?.sex ?? null,
    birth: birth ?? document?.birth ?? null,
    contact: typed.contact === null ? null : { ...typed.contact, phone: contactPhone ?? '' },
    needs: [...new Set(typed.needs)].sort(),
  };
  return { ok: true, plain };
}

interface Document {
  readonly kind: IdKind;
  readonly number: string;
  readonly birth: string | null;
  readonly sex: Sex | null;
}

function readDocument(typed: PlainPerson, today: string, wrong: (path: string, message: Text) => null): Document | null {
  if (typed.idNumber === null) return null;
  if (typed.idKind === 'other') {
    const number = typed.idNumber.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
    if (!/^[A-Z0-9]{5,20}$/.test(number)) return wrong('idNumber', sentences.otherId);
    return { kind: 'other', number, birth: null, sex: null };
  }
  const read = readIdNumber(typed.idNumber, today);
  if (!read.ok) return wrong('idNumber', idSentences[read.problem]);
  return { kind: 'resident', ...read.value };
}
