import { pinyin } from 'pinyin-pro';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';

const suffixes = { building: /(号楼|栋|幢|座|楼)$/, unit: /单元$/, room: /(室|户|号)$/ } as const;
const names = { building: '栋', unit: '单元', room: '' } as const;
const levels = ['building', 'unit', 'room'] as const;

/** One step of an area path: `3栋` and `3` are the same building; what is not a code is spelled in pinyin,
 * and what cannot be spelled is written as its bytes, so that no two buildings become one. */
export function areaCode(text: string, level: keyof typeof suffixes): string {
  const bare = text.trim().replace(suffixes[level], '') || text.trim();
  if (/^[A-Za-z0-9_-]{1,32}$/.test(bare)) return bare;
  const spelled = pinyin(bare, { toneType: 'none', type: 'array', nonZh: 'consecutive' }).join('');
  return (
    spelled
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 32) || `u-${Buffer.from(bare).toString('hex')}`.slice(0, 32)
  );
}

/** The name on the door: a bare number gets its word (3 → 3栋), a name stays. */
export function areaName(text: string, level: keyof typeof suffixes): string {
  const trimmed = text.trim();
  return /^[A-Za-z]?\d+$/.test(trimmed) ? `${trimmed}${names[level]}` : trimmed;
}

/** The areas a place lies in below its gateway's area, from the building down; empty where the place names none. */
export function areasOfPlace(gatewayArea: string, place: Place): Area[] {
  const areas: Area[] = [];
  let parent = gatewayArea;
  for (const level of levels) {
    const text = place[level];
    if (!text?.trim() || parent.split('/').length >= 8) continue;
    const path = `${parent}/${areaCode(text, level)}`;
    areas.push({ path, parent, kind: level, name: areaName(text, level) });
    parent = path;
  }
  return areas;
}

/** One line for people: "幸福里 3栋2单元502 厨房". */
export function placeText(communityName: string, place: Place): string {
  const parts = levels.map((level) => (place[level]?.trim() ? areaName(place[level], level) : ''));
  const floor = place.floor?.trim() && !place.room?.trim() ? `${place.floor.trim().replace(/[层楼F]$/i, '')}层` : '';
  const [building, unit, room] = parts;
  return [communityName, `${building}${unit}${floor}${room}`, place.note?.trim() ?? ''].filter(Boolean).join(' ');
}
