import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import { readPhone } from './person-check.ts';
import { tokenOf } from './names.ts';

/** The end of a house's path, from the innermost: ["502"], ["3","502"], ["3","2","502"]. */
export type RoomTail = readonly string[];

/** What somebody typed, as everything it could mean. Each part is looked for by itself. */
export interface SearchPlan {
  /** Communities named by one of the words; empty where none was. */
  readonly below: readonly string[];
  readonly idNumber: string | null;
  readonly phone: string | null;
  readonly nameToken: string | null;
  readonly room: RoomTail | null;
  readonly organisation: string | null;
}

const mostWords = 6;

/**
 * `xfl 3-2-502`, `幸福里3栋2单元502`, `wjg`, `13812345678`, an identity number, a shop's name. Communities are matched by
 * name, pinyin and initials, also glued to what follows.
 */
export function planSearch(typed: string, communities: readonly Pick<Area, 'path' | 'name'>[]): SearchPlan {
  const words = typed.normalize('NFKC').trim().split(/\s+/).filter(Boolean).slice(0, mostWords);
  const glued = words.flatMap((word) => unglue(word, communities));
  const [first = '', ...others] = glued;
  const named =
    glued.length > 1
      ? communities.filter((one) =>
          searchText([one.name])
            .split('\n')
            .some((text) => text.includes(first.toLowerCase())),
        )
      : [];
  const rest = named.length > 0 ? others.join(' ') : glued.join(' ');
  const idNumber = rest.replace(/[\s-]/g, '').toUpperCase();
  return {
    below: named.map(({ path }) => path),
    idNumber: /^(\d{15}|\d{17}[\dX]|[A-Z]{1,3}\d{6,17})$/.test(idNumber) ? idNumber : null,
    phone: readPhone(rest),
    nameToken: tokenOf(rest),
    room: roomTail(rest),
    organisation: rest.length >= 2 ? rest.toLowerCase().replace(/\s+/g, '') : null,
  };
}

/** 幸福里3栋2单元502 → 幸福里, 3栋2单元502 */
function unglue(word: string, communities: readonly Pick<Area, 'name'>[]): string[] {
  const name = communities.map((one) => one.name).find((one) => word.length > one.length && word.startsWith(one));
  return name === undefined ? [word] : [name, word.slice(name.length)];
}

/** `3-2-502`, `3栋2单元502室`, `3#502`, `502`; null where it names no house. */
export function roomTail(text: string): RoomTail | null {
  const codes = text
    .replace(/(号楼|栋|幢|座|楼|单元|门|#)/g, '-')
    .replace(/[室户号]$/, '')
    .split(/[-/,.\s]+/)
    .filter(Boolean);
  const plain = codes.length >= 1 && codes.length <= 3 && codes.every((code) => /^[A-Za-z0-9]{1,8}$/.test(code));
  return plain && /\d/.test(codes.at(-1) ?? '') ? codes : null;
}
