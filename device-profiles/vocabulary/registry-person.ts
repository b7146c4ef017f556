import { z } from 'zod';
import { Post } from './registry-area.ts';
import type { Text } from './text.ts';

const time = z.number().int();
type Names<K extends string> = Readonly<Record<K, Text>>;

function namesOf<const K extends string>(table: Names<K>): [K, ...K[]] {
  return Object.keys(table) as [K, ...K[]];
}

/** 需要: what makes somebody need help first. Sensitive: seen by the grid's own workers, and for an open incident. */
export const needs = {
  alone: { zh: '独居', en: 'lives alone' },
  oxygen: { zh: '吸氧', en: 'on oxygen' },
  wheelchair: { zh: '轮椅', en: 'uses a wheelchair' },
  bedridden: { zh: '失能', en: 'bedridden' },
  dementia: { zh: '认知障碍', en: 'dementia' },
  deaf: { zh: '听障', en: 'deaf' },
  blind: { zh: '视障', en: 'blind' },
  dialysis: { zh: '透析', en: 'on dialysis' },
  frail: { zh: '高龄体弱', en: 'old and frail' },
  pregnant: { zh: '孕', en: 'pregnant' },
  infant: { zh: '幼儿', en: 'small child' },
} as const satisfies Record<string, Text>;
export const Need = z.enum(namesOf(needs));
export type Need = z.infer<typeof Need>;

/** 标签: what somebody offers or is known for; plain, and no reason to need help. */
export const tags = {
  volunteer: { zh: '志愿者', en: 'volunteer' },
  'first-aid': { zh: '急救', en: 'first aid' },
  medical: { zh: '医护', en: 'doctor or nurse' },
  electrician: { zh: '水电', en: 'electrician or plumber' },
  locksmith: { zh: '开锁', en: 'locksmith' },
  driver: { zh: '驾驶', en: 'driver with a car' },
  firefighter: { zh: '消防', en: 'fire fighting' },
  lifting: { zh: '搬抬', en: 'lifting and carrying' },
  counsellor: { zh: '心理疏导', en: 'counselling' },
  'sign-language': { zh: '手语', en: 'sign language' },
  interpreter: { zh: '外语', en: 'foreign languages' },
} as const satisfies Record<string, Text>;
export const Tag = z.enum(namesOf(tags));
export type Tag = z.infer<typeof Tag>;

/** 人与房的关系 */
export const occupancyRoles = {
  owner: { zh: '业主', en: 'owner' },
  tenant: { zh: '租户', en: 'tenant' },
  family: { zh: '家属', en: 'family' },
  staff: { zh: '从业人员', en: 'staff' },
} as const satisfies Record<string, Text>;
export const OccupancyRole = z.enum(namesOf(occupancyRoles));
export type OccupancyRole = z.infer<typeof OccupancyRole>;

/** 采集来源 */
export const sources = {
  self: { zh: '本人申报', en: 'the person themselves' },
  family: { zh: '家属代报', en: 'a member of the family' },
  door: { zh: '入户走访', en: 'a visit at the door' },
  property: { zh: '物业登记', en: 'the property manager’s books' },
  police: { zh: '公安共享', en: 'shared by the police' },
  department: { zh: '部门共享', en: 'shared by another department' },
  import: { zh: '表格导入', en: 'an imported table' },
} as const satisfies Record<string, Text>;
export const Source = z.enum(namesOf(sources));
export type Source = z.infer<typeof Source>;

/** 处理依据: the grounds of article 13 of the Personal Information Protection Law (个人信息保护法), in its order. */
export const bases = {
  consent: { zh: '本人同意', en: 'consent' },
  contract: { zh: '履行合同', en: 'a contract' },
  duty: { zh: '法定职责', en: 'a statutory duty' },
  emergency: { zh: '突发事件应对', en: 'an emergency' },
  'public-interest': { zh: '舆论监督等公共利益', en: 'reporting in the public interest' },
  published: { zh: '本人已公开', en: 'made public by the person' },
  'other-law': { zh: '其他法律规定', en: 'another law' },
} as const satisfies Record<string, Text>;
export const Basis = z.enum(namesOf(bases));
export type Basis = z.infer<typeof Basis>;

/** What is kept of a person, field by field; each has a source of its own. */
export const personFields = {
  name: { zh: '姓名', en: 'name' },
  idNumber: { zh: '证件号码', en: 'identity number' },
  phone: { zh: '电话', en: 'telephone' },
  sex: { zh: '性别', en: 'sex' },
  birth: { zh: '出生日期', en: 'birthday' },
  contact: { zh: '紧急联系人', en: 'whom to call' },
  needs: { zh: '特殊需要', en: 'needs' },
  tags: { zh: '标签', en: 'tags' },
  occupancy: { zh: '人房关系', en: 'where they live' },
} as const satisfies Record<string, Text>;
export const PersonField = z.enum(namesOf(personFields));
export type PersonField = z.infer<typeof PersonField>;

/** Fields that are masked until somebody says why they are needed. */
export const RevealField = z.enum(['name', 'idNumber', 'phone', 'birth', 'contact']);
export type RevealField = z.infer<typeof RevealField>;

/** 查看原因 */
export const reasons = {
  emergency: { zh: '处置事件', en: 'an incident' },
  visit: { zh: '入户走访', en: 'a visit' },
  correction: { zh: '核对更正', en: 'checking or correcting' },
  'own-request': { zh: '本人要求', en: 'asked for by the person' },
  authority: { zh: '依法协查', en: 'a lawful request of an authority' },
} as const satisfies Record<string, Text>;
export const RevealReason = z.enum(namesOf(reasons));
export type RevealReason = z.infer<typeof RevealReason>;

export const Sex = z.enum(['m', 'f']);
export type Sex = z.infer<typeof Sex>;

export const IdKind = z.enum(['resident', 'other']);
export type IdKind = z.infer<typeof IdKind>;

export const Contact = z.strictObject({
  name: z.string().min(1).max(40),
  phone: z.string().min(3).max(20),
  relation: z.string().max(20),
});
export type Contact = z.infer<typeof Contact>;

const Place = z.strictObject({
  area: z.string(),
  /** "幸福里 3-2-502" */
  label: z.string(),
  role: OccupancyRole,
  current: z.boolean(),
});

/** A person in a list. Masked on the server: what the reader may not see is not in it. */
export const PersonSummary = z
  .strictObject({
    id: z.string(),
    /** Whole for those who work with this person, 王* for everybody else. */
    name: z.string(),
    sex: Sex.nullable(),
    age: z.number().int().nullable(),
    phone: z.string().nullable(),
    idNumber: z.string().nullable(),
    places: z.array(Place),
    tags: z.array(Tag),
    version: z.number().int(),
  })
  .meta({ id: 'PersonSummary' });
export type PersonSummary = z.infer<typeof PersonSummary>;

export const Occupancy = z.strictObject({
  id: z.string(),
  area: z.string(),
  label: z.string(),
  role: OccupancyRole,
  organisation: z.string().nullable(),
  organisationName: z.string().nullable(),
  fromAt: time.nullable(),
  untilAt: time.nullable(),
});
export type Occupancy = z.infer<typeof Occupancy>;

/** Where the value of a field came from. */
export const Origin = z.strictObject({
  field: PersonField,
  source: Source,
  basis: Basis,
  form: z.string().nullable(),
  import: z.string().nullable(),
  by: z.string(),
  at: time,
});
export type Origin = z.infer<typeof Origin>;

export const PersonDetail = PersonSummary.extend({
  idKind: IdKind.nullable(),
  /** Masked like everything that names or reaches somebody. */
  contact: Contact.nullable(),
  /** Null where this reader may not know; an empty list where there are none. */
  needs: z.array(Need).nullable(),
  occupancies: z.array(Occupancy),
  origins: z.array(Origin),
  changes: z.array(
    z.strictObject({
      id: z.number().int(),
      kind: z.enum(['made', 'edit', 'form', 'import', 'merge', 'unmerge', 'undo', 'move']),
      fields: z.array(z.string()),
      cause: z.string().nullable(),
      by: z.string(),
      at: time,
    }),
  ),
  /** How often anybody looked behind the masks. */
  reveals: z.number().int(),
}).meta({ id: 'PersonDetail' });
export type PersonDetail = z.infer<typeof PersonDetail>;

/** What was behind the masks: the asked fields and nothing else. */
export const Revealed = z
  .strictObject({
    /** The record of this look. */
    reveal: z.string(),
    name: z.string().optional(),
    idNumber: z.string().nullable().optional(),
    phone: z.string().nullable().optional(),
    birth: z.string().nullable().optional(),
    contact: Contact.nullable().optional(),
    /** How many more this reader may look at within the hour. */
    left: z.number().int(),
  })
  .meta({ id: 'Revealed' });
export type Revealed = z.infer<typeof Revealed>;

/** 重点人员 as those see them who must help: whole names and numbers, the needs in front. */
export const PersonAtRisk = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    age: z.number().int().nullable(),
    phone: z.string().nullable(),
    contact: Contact.nullable(),
    needs: z.array(Need),
    area: z.string(),
    label: z.string(),
  })
  .meta({ id: 'PersonAtRisk' });
export type PersonAtRisk = z.infer<typeof PersonAtRisk>;

/** Who answers for the place of an incident. `person`: the same person, where it is one of those who live there. */
export const PostThere = z
  .strictObject({
    id: z.string(),
    post: Post,
    name: z.string(),
    phone: z.string().nullable(),
    areaName: z.string(),
    person: z.string().nullable(),
  })
  .meta({ id: 'PostThere' });
export type PostThere = z.infer<typeof PostThere>;

/**
 * People an open incident may concern: the household first, then the vulnerable of its building; and who answers for the
 * place, the closest first.
 */
export const IncidentPeople = z
  .strictObject({
    incident: z.string(),
    reach: z.string(),
    household: z.array(PersonAtRisk),
    atRisk: z.array(PersonAtRisk),
    posts: z.array(PostThere),
  })
  .meta({ id: 'IncidentPeople' });
export type IncidentPeople = z.infer<typeof IncidentPeople>;
