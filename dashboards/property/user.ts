import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';

export interface Grant {
  area: string;
  areaName: string;
  role: Role;
}

/** An account as the cloud shows it. */
export interface UserView {
  id: string;
  account: string;
  name: string;
  phone: string | null;
  onDuty: boolean;
  disabledAt: number | null;
  createdAt: number;
  version: number;
  grants: Grant[];
}

/** Without letters and digits that are mistaken for each other when read aloud or written down. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const perGroup = 4;

/** Sixteen letters in four groups, about 79 bits: to be told in person and typed once. */
export function madePassword(): string {
  const most = Math.floor(256 / letters.length) * letters.length;
  const chosen: string[] = [];
  while (chosen.length < groups * perGroup) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    const letter = letters[byte % letters.length];
    if (byte < most && letter !== undefined) chosen.push(letter);
  }
  return Array.from({ length: groups }, (_, nth) => chosen.slice(nth * perGroup, (nth + 1) * perGroup).join('')).join('-');
}
