import { z } from 'zod';
import { Basis, OccupancyRole, Source } from './registry-person.ts';
import { Text } from './text.ts';

const time = z.number().int();

/** What a column of a table of people can be, and the words it is known by in the tables people have. */
export const importFields = {
  name: { name: { zh: '姓名', en: 'name' }, words: ['姓名', '名字', '居民姓名', '住户姓名', 'name'] },
  idNumber: {
    name: { zh: '证件号码', en: 'identity number' },
    words: ['身份证号', '身份证', '身份证号码', '证件号码', '公民身份号码', '证件号', 'id'],
  },
  phone: {
    name: { zh: '电话', en: 'telephone' },
    words: ['电话', '手机', '手机号', '手机号码', '联系电话', '联系方式', 'phone'],
  },
  sex: { name: { zh: '性别', en: 'sex' }, words: ['性别', 'sex'] },
  birth: { name: { zh: '出生日期', en: 'birthday' }, words: ['出生日期', '出生年月', '出生', '生日', 'birth'] },
  house: {
    name: { zh: '房屋', en: 'house' },
    words: ['房屋', '地址', '住址', '房屋地址', '门牌', '门牌号', '房屋编号', 'address'],
  },
  building: { name: { zh: '楼栋', en: 'building' }, words: ['楼栋', '楼号', '栋', '幢', '楼栋号', '栋号', 'building'] },
  unit: { name: { zh: '单元', en: 'stairwell' }, words: ['单元', '单元号', 'unit'] },
  room: { name: { zh: '房号', en: 'flat' }, words: ['房号', '室', '室号', '房间', '房间号', '户号', 'room'] },
  role: {
    name: { zh: '与房屋关系', en: 'owner, tenant or family' },
    words: ['与房屋关系', '人房关系', '居住性质', '住户类型', '身份', '关系', 'role'],
  },
  needs: { name: { zh: '特殊需要', en: 'needs' }, words: ['特殊需要', '重点人员', '特殊人群', '关爱类型', '人群类型', 'needs'] },
  tags: { name: { zh: '标签', en: 'tags' }, words: ['标签', '志愿服务', '技能', '特长', 'tags'] },
  contactName: { name: { zh: '紧急联系人', en: 'whom to call' }, words: ['紧急联系人', '联系人', '紧急联系人姓名', 'contact'] },
  contactPhone: {
    name: { zh: '紧急联系人电话', en: 'their telephone' },
    words: ['紧急联系人电话', '联系人电话', '紧急联系电话'],
  },
  contactRelation: {
    name: { zh: '与联系人关系', en: 'their relation' },
    words: ['与联系人关系', '联系人关系', '紧急联系人关系'],
  },
} as const satisfies Record<string, { name: Text; words: readonly string[] }>;

export const ImportField = z.enum(Object.keys(importFields) as [keyof typeof importFields, ...(keyof typeof importFields)[]]);
export type ImportField = z.infer<typeof ImportField>;

/** Which column (from 0) holds which field, and what holds for every row. */
export const ImportPlan = z.strictObject({
  mapping: z.partialRecord(ImportField, z.number().int().min(0).max(99)),
  source: Source,
  basis: Basis,
  /** Where the table does not say it. */
  role: OccupancyRole,
  /** Houses the tree does not have yet are made, in buildings it has. */
  makeHouses: z.boolean(),
});
export type ImportPlan = z.infer<typeof ImportPlan>;

export const ImportCounts = z.strictObject({
  create: z.number().int(),
  update: z.number().int(),
  same: z.number().int(),
  error: z.number().int(),
  houses: z.number().int(),
});
export type ImportCounts = z.infer<typeof ImportCounts>;

export const ImportView = z
  .strictObject({
    id: z.string(),
    area: z.string(),
    areaName: z.string(),
    /** staged → checked (a trial run, taken back) → done → undone. */
    state: z.enum(['reading', 'staged', 'checked', 'done', 'undone']),
    columns: z.array(z.strictObject({ index: z.number().int(), title: z.string(), guess: ImportField.nullable() })),
    plan: ImportPlan.nullable(),
    rows: z.number().int(),
    counts: ImportCounts.nullable(),
    /** The same file was taken in before, by this import. */
    sameAs: z.string().nullable(),
    /** What an undo took back, and what it left because somebody has worked on it since. */
    undone: z.strictObject({ people: z.number().int(), kept: z.number().int(), houses: z.number().int() }).nullable(),
    by: z.string(),
    at: time,
    doneAt: time.nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'ImportView' });
export type ImportView = z.infer<typeof ImportView>;

/** What became of a row. `number` is the one the spreadsheet shows; an issue never repeats what stands in the cell. */
export const ImportRow = z
  .strictObject({
    number: z.number().int(),
    outcome: z.enum(['create', 'update', 'same', 'error']).nullable(),
    person: z.string().nullable(),
    issues: z.array(z.strictObject({ column: z.string().nullable(), field: ImportField.nullable(), message: Text })),
  })
  .meta({ id: 'ImportRow' });
export type ImportRow = z.infer<typeof ImportRow>;
