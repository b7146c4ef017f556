import type { Need, PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { VisitBody } from './doing.ts';

/** What stands in the form: numbers and names are empty until they are typed anew, because what is known comes masked. */
export interface Given {
  phone: string;
  contactName: string;
  contactPhone: string;
  relation: string;
  needs: Need[];
  source: 'self' | 'family' | 'door';
}

export function givenOf(person: PersonDetail): Given {
  const relation = person.contact?.relation ?? '子女';
  return { phone: '', contactName: '', contactPhone: '', relation, needs: [...(person.needs ?? [])], source: 'self' };
}

const number = /^(1\d{10}|0\d{9,11}|\d{7,8})$/;
const plain = (typed: string) => typed.replaceAll(/[ -]/g, '').replace(/^\+?86(?=1)/, '');

/** The first field that cannot be right; the cloud has the last word. */
export function fits({ phone, contactName, contactPhone }: Given): 'phone' | 'contactName' | 'contactPhone' | null {
  if (phone.trim() !== '' && !number.test(plain(phone))) return 'phone';
  if (contactName.trim() === '' && contactPhone.trim() === '') return null;
  if (contactName.trim() === '') return 'contactName';
  return number.test(plain(contactPhone)) ? null : 'contactPhone';
}

/** What is to be sent, only what is different; null where nothing is. */
export function visitBody(person: PersonDetail, given: Given): VisitBody | null {
  const change: VisitBody['change'] = {};
  if (given.phone.trim() !== '') change.phone = plain(given.phone);
  if (given.contactName.trim() !== '')
    change.contact = { name: given.contactName.trim(), phone: plain(given.contactPhone), relation: given.relation };
  const known = new Set(person.needs ?? []);
  if (known.size !== given.needs.length || given.needs.some((need) => !known.has(need))) change.needs = given.needs;
  if (Object.keys(change).length === 0) return null;
  return { version: person.version, change, provenance: { source: given.source, basis: 'duty' } };
}
