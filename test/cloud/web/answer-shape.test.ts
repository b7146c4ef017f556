import { readFileSync } from 'node:fs';
import { AlarmMove } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerCompiler, shapeOf } from '../../../cloud/web/answer-shape.ts';

const written = (schema: z.ZodType, value: unknown) =>
  answerCompiler({ schema, method: 'GET', url: '/x', httpStatus: '200' })(value);

const Answer = z.strictObject({
  reason: Text.nullable(),
  moves: z.array(AlarmMove).max(2),
  counts: z.record(z.string().max(3), z.number().int().min(0).max(9)),
  at: z.tuple([z.number().min(-180), z.number()]).optional(),
  phone: z
    .string()
    .regex(/^\+\d+$/)
    .optional(),
  who: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('user'), name: z.string().min(1).max(4) }),
    z.strictObject({ kind: z.literal('post'), name: z.string() }),
  ]),
});
const long = '很长的原因'.repeat(1_000);
const kept = {
  reason: { zh: long, en: '' },
  moves: ['ack', 'ack', 'ack'],
  counts: { 'a long name': 12.5 },
  at: [-200, 0],
  phone: 'none',
  who: { kind: 'user', name: long },
};

describe('an answer', () => {
  it('is never refused for a length, a range or a pattern of what is kept', () => {
    expect(Answer.safeParse(kept).success).toBe(false);
    expect(JSON.parse(written(Answer, kept))).toEqual(kept);
  });

  it.each([
    ['a field that no schema names', { ...kept, secret: 'x' }],
    ['one below', { ...kept, who: { kind: 'post', name: '', phone: '138' } }],
    ['a word that is not of the list', { ...kept, moves: ['explode'] }],
    ['another kind', { ...kept, reason: 'text' }],
    ['a number that is none', { ...kept, counts: { a: Number.NaN } }],
    ['a field that is missing', { ...kept, moves: undefined }],
  ])('is refused for %s', (_what, value) => expect(() => written(Answer, value)).toThrow(/./));

  it('keeps which names of a record may be missing', () => {
    const some = z.strictObject({ of: z.partialRecord(z.enum(['name', 'house']), z.number().max(1)) });
    expect(written(some, { of: { name: 9 } })).toBe('{"of":{"name":9}}');
    expect(() => written(some, { of: { colour: 1 } })).toThrow(/./);
    expect(() => written(z.record(z.enum(['a', 'b']), z.number()), { a: 1 })).toThrow(/./);
  });

  it('has the shape of a shared word made once', () => expect(shapeOf(Text)).toBe(shapeOf(Text)));
});

it('the description promises no bound of any answer, and keeps those of what is taken in', () => {
  const document = JSON.parse(readFileSync(new URL('./openapi.golden.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, { requestBody?: unknown; responses: unknown }>>;
    components: { schemas: Record<string, unknown> };
  };
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const given = Object.entries(document.components.schemas).filter(([name]) => !name.endsWith('Input'));
  const bound = /"(?:minLength|maxLength|pattern|m(?:in|ax)Items|minimum|maximum)":[\d"-]/;
  expect(bound.exec(JSON.stringify([operations.map(({ responses }) => responses), given]))?.[0]).toBeUndefined();
  expect(bound.test(JSON.stringify(operations.map(({ requestBody }) => requestBody)))).toBe(true);
});
