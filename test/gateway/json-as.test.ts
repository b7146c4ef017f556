import { expect, test } from 'vitest';
import { z } from 'zod';
import { jsonAs } from '../../gateway/json-as.ts';

const Shape = z.strictObject({ at: z.number() });

test('what is of the shape comes back', () => {
  expect(jsonAs(Shape, '{"at":1}')).toEqual({ at: 1 });
});

test.each(['', '{"at":1', '{"at":"1"}', '{"at":1,"more":2}', 'null'])(
  '%j is null: cut off, of another shape, or nothing',
  (text) => {
    expect(jsonAs(Shape, text)).toBeNull();
  },
);

test('a shape that throws by a mistake of ours is not taken for a text that cannot be read', () => {
  const broken = z.unknown().transform(() => {
    throw new TypeError('a mistake of ours');
  });
  expect(() => jsonAs(broken, '1')).toThrow('a mistake of ours');
});
