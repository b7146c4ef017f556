import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import {
  Basis,
  IdKind,
  Need,
  OccupancyRole,
  PersonDetail,
  RevealField,
  RevealReason,
  Sex,
  Source,
  Tag,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { z } from 'zod';
import { AnyId, Key, safeText } from './safe-text.ts';

/** What people type of a person. The registry itself says what is wrong with a number; here only its size is held. */
const time = z.number().int().nonnegative();

export const Provenance = z.strictObject({ source: Source, basis: Basis });

const fields = {
  name: safeText(40),
  idKind: IdKind.nullable(),
  idNumber: safeText(24).nullable(),
  phone: safeText(24).nullable(),
  sex: Sex.nullable(),
  birth: safeText(10).nullable(),
  contact: z.strictObject({ name: safeText(40), phone: safeText(24), relation: safeText(20) }).nullable(),
  needs: z.array(Need).max(12),
};
const Tags = z.array(Tag).max(12);

const Home = z.strictObject({
  area: AreaPath,
  role: OccupancyRole,
  organisation: AnyId.nullable().default(null),
  fromAt: time.nullable().default(null),
});

export const NewPerson = z.strictObject({
  name: fields.name,
  idKind: fields.idKind.default('resident'),
  idNumber: fields.idNumber.default(null),
  phone: fields.phone.default(null),
  sex: fields.sex.default(null),
  birth: fields.birth.default(null),
  contact: fields.contact.default(null),
  needs: fields.needs.default([]),
  tags: Tags.default([]),
  home: Home,
  provenance: Provenance,
  key: Key,
});

export const PersonPatch = z.strictObject({
  version: z.number().int().positive(),
  change: z.strictObject(fields).partial(),
  tags: Tags.optional(),
  provenance: Provenance,
  /** Of a phone that sends again what was not answered. */
  key: Key.optional(),
});

export const MoveIn = z.strictObject({ home: Home, provenance: Provenance, key: Key });
export const MoveOut = z.strictObject({ untilAt: time.optional(), provenance: Provenance, key: Key });

export const RevealBody = z.strictObject({
  fields: z.array(RevealField).min(1).max(5),
  why: RevealReason,
  note: safeText(300).nullable().default(null),
  incident: AnyId.nullable().default(null),
});

export const PersonConflict = Problem.extend({ current: PersonDetail.optional() }).meta({ id: 'PersonConflict' });
