import type { IdentifyRequest } from './pdu.ts';

/** 设备标识 (Modbus Application Protocol 1.1b3, §6.21): function 43, MEI type 14. */
export interface Identification {
  readonly conformity: number;
  /** The object to go on with, where there is more. */
  readonly next: number | undefined;
  readonly objects: readonly IdentifiedObject[];
}

export interface IdentifiedObject {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** Function, MEI type, code, conformity, more, next object, number of objects. */
const headLength = 7;
const mei = 14;

/** Names of the objects that the standard gives one (§6.21, table of objects). */
export const objectNames: Readonly<Record<number, { readonly key: string; readonly zh: string; readonly en: string }>> = {
  0: { key: 'vendor', zh: '厂商', en: 'vendor name' },
  1: { key: 'product', zh: '产品代码', en: 'product code' },
  2: { key: 'revision', zh: '版本', en: 'revision' },
  3: { key: 'url', zh: '厂商网址', en: 'vendor URL' },
  4: { key: 'name', zh: '产品名称', en: 'product name' },
  5: { key: 'model', zh: '型号', en: 'model name' },
  6: { key: 'application', zh: '应用名称', en: 'user application name' },
};

/** The length an identification at `at` has by its own account; undefined where it is none, or not all of it is there. */
export function identificationLength(buffer: Buffer, at: number, end: number): number | undefined {
  if (end - at < headLength || buffer[at + 1] !== mei) return undefined;
  let next = at + headLength;
  for (let left = buffer[at + 6] ?? 0; left > 0; left -= 1) {
    if (next + 2 > end) return undefined;
    next += 2 + (buffer[next + 1] ?? 0);
    if (next > end) return undefined;
  }
  return next - at;
}

/** The identification in `length` bytes, if it fits the request: the same code, and objects that rise from the one asked for. */
export function takeIdentification(
  { code, object }: IdentifyRequest,
  buffer: Buffer,
  at: number,
  length: number,
): Identification | undefined {
  if (identificationLength(buffer, at, at + length) !== length || buffer[at + 2] !== code) return undefined;
  const objects = objectsOf(buffer, at);
  const isFollowing = objects.every(({ id }, i) => id >= object && (i === 0 || id > (objects[i - 1]?.id ?? 255)));
  if (!isFollowing || (code === 4 && (objects.length !== 1 || objects[0]?.id !== object))) return undefined;
  const more = buffer[at + 4];
  const next = buffer[at + 5] ?? 0;
  if (more !== 0 && more !== 0xff) return undefined;
  // A slave that says there is more and goes back would be followed for ever.
  if (more === 0xff && next <= (objects.at(-1)?.id ?? object)) return undefined;
  return { conformity: buffer[at + 3] ?? 0, next: more === 0xff ? next : undefined, objects };
}

export function objectsOf(buffer: Buffer, at: number): IdentifiedObject[] {
  const objects: IdentifiedObject[] = [];
  let next = at + headLength;
  for (let left = buffer[at + 6] ?? 0; left > 0; left -= 1) {
    const length = buffer[next + 1] ?? 0;
    objects.push({ id: buffer[next] ?? 0, bytes: Uint8Array.from(buffer.subarray(next + 2, next + 2 + length)) });
    next += 2 + length;
  }
  return objects;
}
