import { Contact, Need } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { z } from 'zod';
import { nameTokens, plainName } from './names.ts';
import type { StoredPerson } from './people-records.ts';
import type { PlainPerson } from './person-check.ts';
import type { Sealer } from './sealing.ts';

const Needs = z.array(Need);

type SealedField = 'name' | 'idNumber' | 'phone' | 'birth' | 'contact' | 'needs';

/** The columns of a person's fields, as they are kept. `test`: made by the generator, a real one never. */
export function sealPerson(sealer: Sealer, id: string, plain: PlainPerson, test = false): StoredPerson {
  const seal = (field: SealedField, text: string | null) => (text === null ? null : sealer.seal(id, field, text));
  return {
    id,
    name: sealer.seal(id, 'name', plain.name),
    nameIndex: nameIndex(sealer, plain.name),
    nameTokens: nameTokens(plain.name).map((token) => sealer.token(token)),
    idKind: plain.idKind,
    idNumber: seal('idNumber', plain.idNumber),
    idIndex: plain.idNumber === null ? null : idIndex(sealer, plain.idNumber),
    phone: seal('phone', plain.phone),
    phoneIndex: plain.phone === null ? null : phoneIndex(sealer, plain.phone),
    sex: plain.sex,
    birth: seal('birth', plain.birth),
    birthYear: plain.birth === null ? null : Number(plain.birth.slice(0, 4)),
    contact: seal('contact', plain.contact === null ? null : JSON.stringify(plain.contact)),
    needs: seal('needs', plain.needs.length === 0 ? null : JSON.stringify(plain.needs)),
    hasNeeds: plain.needs.length > 0,
    test,
  };
}

export const nameIndex = (sealer: Sealer, name: string): Buffer => sealer.index('name', plainName(name));
export const idIndex = (sealer: Sealer, number: string): Buffer => sealer.index('id', number);
export const phoneIndex = (sealer: Sealer, phone: string): Buffer => sealer.index('phone', phone);

type Sealed = Pick<StoredPerson, 'id' | 'idKind' | 'sex' | SealedField>;

/** @throws SealBroken where a value was changed in the database, or its key is not ours. */
export function openText(
  sealer: Sealer,
  person: Sealed,
  field: Exclude<SealedField, 'contact' | 'needs' | 'name'>,
): string | null {
  const sealed = person[field];
  return sealed === null ? null : sealer.open(person.id, field, sealed);
}

export function openName(sealer: Sealer, person: Pick<StoredPerson, 'id' | 'name'>): string {
  return sealer.open(person.id, 'name', person.name);
}

export function openContact(sealer: Sealer, { id, contact }: Pick<StoredPerson, 'id' | 'contact'>): Contact | null {
  return contact === null ? null : Contact.parse(JSON.parse(sealer.open(id, 'contact', contact)));
}

export function openNeeds(sealer: Sealer, { id, needs }: Pick<StoredPerson, 'id' | 'needs'>): Need[] {
  return needs === null ? [] : Needs.parse(JSON.parse(sealer.open(id, 'needs', needs)));
}

/** Everything of a person, opened: for changing it, and for handing it out to the person. */
export function openPerson(sealer: Sealer, person: Sealed): PlainPerson {
  return {
    name: openName(sealer, person),
    idKind: person.idKind,
    idNumber: openText(sealer, person, 'idNumber'),
    phone: openText(sealer, person, 'phone'),
    sex: person.sex,
    birth: openText(sealer, person, 'birth'),
    contact: openContact(sealer, person),
    needs: openNeeds(sealer, person),
  };
}
