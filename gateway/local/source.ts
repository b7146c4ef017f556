import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/** Where a point's value comes from, as its maker's manual has it: `holding 0x2006 · f32 CDAB · ×0.1`. */
export function sourceText(profile: Profile, id: string): string {
  const point = profile.points[id];
  if (!point) return '';
  if (point.compute !== undefined) return `= ${point.compute}`;
  if (point.at === undefined) return '';
  const table = point.table ?? profile.defaults.table;
  const where =
    typeof point.at === 'number' ? `${table ?? ''} 0x${point.at.toString(16).toUpperCase().padStart(4, '0')}` : point.at;
  const order = point.order ?? profile.defaults.order;
  const isWide = /32|48|64|24/.test(point.type ?? '');
  const kind = [point.type, isWide ? order : undefined].filter(Boolean).join(' ');
  const scale = point.scale === undefined || point.scale === 1 ? '' : `×${point.scale}`;
  return [where.trim(), kind, scale].filter((part) => part !== '').join(' · ');
}

const secret = /secret|key|password|login|username|token|pin/i;

/** A device's place on its wire: the plain words of its address, and nothing that opens anything. */
export function addressWords(address: unknown): [string, string | number][] {
  if (typeof address !== 'object' || address === null) return [];
  return Object.entries(address).flatMap(([name, value]: [string, unknown]) =>
    !secret.test(name) && (typeof value === 'string' || typeof value === 'number') ? [[name, value]] : [],
  );
}

export function addressText(address: unknown): string {
  return addressWords(address)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');
}
