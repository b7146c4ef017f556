import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** One field that is not as it should be, with a sentence for the person who typed it. */
export interface Issue {
  readonly path: string;
  readonly message: Text;
}

export type RefusalCode = 'not-found' | 'version' | 'key-reused' | 'invalid' | 'not-yours' | 'wrong-state' | 'too-many';

export interface Refused<T> {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly issues?: readonly Issue[];
  readonly sentence?: Text;
  /** The object as it is now, where somebody else was first. */
  readonly current?: T;
}

/** What the registry answers: the value, or why not. Operating errors are values; only the database throws. */
export type Said<T> = { readonly ok: true; readonly value: T; readonly repeated: boolean } | Refused<T>;

export function said<T>(value: T, repeated = false): Said<T> {
  return { ok: true, value, repeated };
}

export function no<T>(code: RefusalCode, sentence?: Text): Refused<T> {
  return sentence === undefined ? { ok: false, code } : { ok: false, code, sentence };
}

export function invalid<T>(issues: readonly Issue[]): Refused<T> {
  return { ok: false, code: 'invalid', issues };
}
