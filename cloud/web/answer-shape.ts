import { serializerCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';

/**
 * The shape of an answer: its fields, their kinds and the closed lists of words, without lengths, ranges and patterns. Those are
 * rules of what is taken in, and words of both sides share them; what is kept may have come by another way or before a rule, and
 * whoever asks for it gets it and no error of ours.
 */
export function shapeOf(schema: z.core.$ZodType): z.core.$ZodType {
  const known = shapes.get(schema);
  if (known) return known;
  const shape = withoutBounds(schema as z.core.$ZodTypes);
  shapes.set(schema, shape);
  return shape;
}

/** The words of the vocabulary are shared by many routes: each is taken apart once. */
const shapes = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

function withoutBounds(schema: z.core.$ZodTypes): z.core.$ZodType {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
      return z.string();
    case 'number':
      return z.number();
    case 'object':
      return new z.ZodObject({ ...def, shape: mapped(def.shape), checks: [] });
    case 'array':
      return z.array(shapeOf(def.element));
    case 'tuple':
      return new z.ZodTuple({ ...def, items: def.items.map(shapeOf), rest: def.rest && shapeOf(def.rest), checks: [] });
    case 'record':
      return new z.ZodRecord({
        ...def,
        keyType: shapeOf(def.keyType) as z.core.$ZodRecordKey,
        valueType: shapeOf(def.valueType),
        checks: [],
      });
    case 'union':
      return z.union(def.options.map(shapeOf));
    case 'nullable':
      return z.nullable(shapeOf(def.innerType));
    case 'optional':
      return z.optional(shapeOf(def.innerType));
    case 'default':
      return z._default(shapeOf(def.innerType) as z.ZodType, def.defaultValue);
    case 'prefault':
      return z.prefault(shapeOf(def.innerType) as z.ZodType, def.defaultValue);
    case 'enum':
    case 'literal':
    case 'boolean':
    case 'null':
    case 'any':
    case 'custom':
    case 'unknown':
    case 'never':
      return schema;
    case 'bigint':
    case 'catch':
    case 'date':
    case 'file':
    case 'function':
    case 'intersection':
    case 'lazy':
    case 'map':
    case 'nan':
    case 'nonoptional':
    case 'pipe':
    case 'promise':
    case 'readonly':
    case 'set':
    case 'success':
    case 'symbol':
    case 'template_literal':
    case 'transform':
    case 'undefined':
    case 'void':
      throw new Error(`an answer is made of ${def.type}, and how to take its bounds off is not known`);
  }
}

function mapped(shape: z.core.$ZodShape): Record<string, z.core.$ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, shapeOf(field)]));
}

/** Holds answers to their shape, so that nothing leaves that no schema names; @throws where one does. */
export const answerCompiler: typeof serializerCompiler = ({ schema, ...route }) =>
  serializerCompiler({ ...route, schema: schema instanceof z.core.$ZodType ? shapeOf(schema) : schema });

const bounds = ['minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'minimum', 'maximum', 'exclusiveMinimum'];

/** The same of the description: a client that holds an answer against it must not refuse what we rightly send. */
export function describeAnswers(document: object): void {
  const { paths = {}, components } = document as Described;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) dropBounds(operation.responses);
  // The words of requests stand there under names of their own, which end so.
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) if (!name.endsWith('Input')) dropBounds(schema);
}

interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly responses?: unknown }>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

function dropBounds(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Record<string, unknown>;
  if (isType(schema['type'])) for (const bound of bounds) delete schema[bound];
  for (const below of Object.values(schema)) dropBounds(below);
}

/** A word or a list of words; a property that is called `type` is a schema. */
function isType(type: unknown): boolean {
  return typeof type === 'string' || Array.isArray(type);
}
