import { needs, type PersonDetail, type PersonField, tags } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { AskedTwice, Form, PrefilledForm } from '@yihu/device-profiles/vocabulary/registry-share.ts';
import type { Quality } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import { v7 as uuidv7 } from 'uuid';
import { createPeople, type PersonEdit } from './people.ts';
import type { Reader } from './reader.ts';
import { invalid, no, said, type Said } from './said.ts';
import type { ShareDesk } from './sharing.ts';

/** 采集一次，多方共享: forms that come filled in, and an eye on what is asked though it is known. */
export interface Forms {
  list(reader: Reader): Promise<readonly Form[]>;
  add(reader: Reader, wanted: Omit<Form, 'id' | 'retiredAt'>, key: string): Promise<Said<Form>>;
  prefill(reader: Reader, form: string, person: string): Promise<Said<PrefilledForm>>;
  /** Writes what was answered; what was known and came again the same is noted as asked twice. */
  answer(reader: Reader, form: string, person: string, edit: Omit<PersonEdit, 'form'>): Promise<Said<PersonDetail>>;
  askedTwice(reader: Reader, since: number): Promise<readonly AskedTwice[]>;
  quality(reader: Reader, area: string): Promise<readonly Quality[]>;
}

const yearMs = 365 * 24 * 3_600_000;

export function createForms(desk: ShareDesk): Forms {
  const { shares, clock } = desk;
  const people = createPeople(desk);
  const openForm = async (reader: Reader, id: string): Promise<Form | null> => {
    const form = await shares.form(reader.scope, id);
    return form === null || form.retiredAt !== null ? null : form;
  };
  return {
    list: (reader) => shares.forms(reader.scope),
    async add(reader, wanted, key) {
      const made = await shares.addForm(reader.scope, reader, { id: `form-${uuidv7()}`, ...wanted }, key, clock.now());
      return typeof made === 'string' ? no(made) : said(made.value, made.repeated);
    },
    async prefill(reader, id, person) {
      const form = await openForm(reader, id);
      const detail = form === null ? null : await people.detail(reader, person);
      if (form === null || detail === null) return no('not-found');
      return said(prefilled(form, detail));
    },
    async answer(reader, id, person, edit) {
      const form = await openForm(reader, id);
      if (form === null) return no('not-found');
      const given = [...Object.keys(edit.change), ...(edit.tags === undefined ? [] : ['tags'])];
      const strangers = given.filter((field) => field !== 'idKind' && !form.fields.includes(field as PersonField));
      if (strangers.length > 0) {
        const message = { zh: '这张表不问这一项。', en: 'This form does not ask for it.' };
        return invalid(strangers.map((field) => ({ path: `change/${field}`, message })));
      }
      return people.change(reader, person, { ...edit, form: id });
    },
    askedTwice: (reader, since) => shares.askedTwice(reader.scope, since),
    quality: (reader, area) => shares.quality(reader.scope, area, clock.now() - yearMs),
  };
}

function prefilled(form: Form, detail: PersonDetail): PrefilledForm {
  const known = form.fields.flatMap((field) => {
    const shown = shownOf(detail, field);
    if (shown === null) return [];
    return [{ field, shown, origin: detail.origins.find((origin) => origin.field === field) ?? null }];
  });
  const fields = new Set(known.map(({ field }) => field));
  return { form, person: detail.id, version: detail.version, known, ask: form.fields.filter((field) => !fields.has(field)) };
}

/** What stands in the form, as this reader may see it; null where nothing is known, or not to this reader. */
function shownOf(detail: PersonDetail, field: PersonField): string | null {
  const list = (words: readonly string[]) => (words.length === 0 ? null : words.join('、'));
  const values: { readonly [K in PersonField]: () => string | null } = {
    name: () => detail.name,
    idNumber: () => detail.idNumber,
    phone: () => detail.phone,
    sex: () => (detail.sex === null ? null : detail.sex === 'm' ? '男' : '女'),
    birth: () => (detail.age === null ? null : `${detail.age} 岁`),
    contact: () => (detail.contact === null ? null : `${detail.contact.name} ${detail.contact.phone}`),
    needs: () => list((detail.needs ?? []).map((need) => needs[need].zh)),
    tags: () => list(detail.tags.map((tag) => tags[tag].zh)),
    occupancy: () => list(detail.places.filter(({ current }) => current).map(({ label }) => label)),
  };
  return values[field]();
}
