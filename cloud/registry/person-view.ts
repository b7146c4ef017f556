import type {
  Contact,
  Origin,
  PersonDetail,
  PersonField,
  PersonSummary,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { maskIdNumber, maskName, maskPhone } from './masking.ts';
import type { FoundPerson, PersonHistory } from './people-records.ts';
import { openContact, openName, openNeeds, openText } from './person-sealing.ts';
import { type Reader, seesNames, seesNeeds } from './reader.ts';
import type { Sealer } from './sealing.ts';

/** A person as this reader may see them in a list; `year` is this year, for the age. */
export function summaryOf(sealer: Sealer, reader: Reader, person: FoundPerson, year: number): PersonSummary {
  const { id, sex, birthYear, version } = person;
  const name = openName(sealer, person);
  const phone = openText(sealer, person, 'phone');
  const idNumber = openText(sealer, person, 'idNumber');
  return {
    id,
    name: seesNames(reader, areasOf(person)) ? name : maskName(name),
    sex,
    age: birthYear === null ? null : Math.max(0, year - birthYear),
    phone: phone === null ? null : maskPhone(phone),
    idNumber: idNumber === null ? null : maskIdNumber(idNumber),
    places: [...person.places],
    tags: [...person.tags],
    version,
  };
}

export function detailOf(
  sealer: Sealer,
  reader: Reader,
  person: FoundPerson,
  history: PersonHistory,
  year: number,
): PersonDetail {
  const summary = summaryOf(sealer, reader, person, year);
  const contact = openContact(sealer, person);
  // That somebody has needs at all is as much a secret as what they are.
  const knows = seesNeeds(reader, areasOf(person));
  const known = (fields: readonly string[]) => fields.filter((field) => knows || field !== 'needs');
  return {
    ...summary,
    idKind: person.idKind,
    contact: contact === null ? null : maskContact(contact),
    needs: knows ? openNeeds(sealer, person) : null,
    occupancies: history.occupancies.map(({ id, area, label, role, organisation, organisationName, fromAt, untilAt }) => {
      return { id, area, label, role, organisation, organisationName, fromAt, untilAt };
    }),
    origins: originsOf(history).filter(({ field }) => known([field]).length > 0),
    changes: history.changes.map(({ id, kind, fields, cause, by, at }) => ({ id, kind, fields: known(fields), cause, by, at })),
    reveals: history.reveals,
  };
}

export function areasOf(person: Pick<FoundPerson, 'places'>): string[] {
  return person.places.map(({ area }) => area);
}

function maskContact({ name, phone, relation }: Contact): Contact {
  return { name: maskName(name), phone: maskPhone(phone), relation };
}

/** Per field the newest act of collecting that held it; `collected` comes newest first. */
function originsOf({ collected }: PersonHistory): Origin[] {
  const found = new Map<PersonField, Origin>();
  for (const { fields, source, basis, form, import: from, by, at } of collected) {
    for (const field of fields) if (!found.has(field)) found.set(field, { field, source, basis, form, import: from, by, at });
  }
  return [...found.values()];
}
