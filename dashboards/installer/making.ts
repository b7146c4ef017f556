import type { LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { LocalNewValue, LocalProfileWords } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { create } from 'zustand';

/** The profile that is being made: of one device, kept while its registers are read again or another screen is looked at. */
interface Making {
  /** `/dev/ttyUSB0 12`: another device begins anew. */
  readonly device: string;
  readonly values: readonly LocalNewValue[];
}

/** A phone forgets a page that is not looked at; what was found beside the device stays with its tab. */
const keptAs = 'yihu.making.1';

export const useMaking = create<Making>(kept);

const set = useMaking.setState;

useMaking.subscribe((making) => sessionStorage.setItem(keptAs, JSON.stringify(making)));

function kept(): Making {
  const nothing = { device: '', values: [] };
  const text = sessionStorage.getItem(keptAs);
  return text === null ? nothing : { ...nothing, ...(JSON.parse(text) as Partial<Making>) };
}

export function beginMaking({ place, unit }: Pick<LocalProbeRequest, 'place' | 'unit'>): void {
  const device = `${place} ${unit}`;
  set((before) => (before.device === device ? before : { device, values: [] }));
}

export function takeValue(value: LocalNewValue): void {
  set(({ values }) => ({ values: [...values, value] }));
}

export function dropValue(index: number): void {
  set(({ values }) => ({ values: values.filter((_, i) => i !== index) }));
}

export function forgetMaking(): void {
  set({ device: '', values: [] });
}

/** As it is called on the screen. */
export function nameOf({ name }: LocalNewValue, words: LocalProfileWords): Text {
  if ('zh' in name) return { zh: name.zh, ...(name.en ? { en: name.en } : {}) };
  return words.quantities.find(({ id }) => id === name.quantity)?.name ?? { zh: name.quantity };
}

export function symbolOf(unit: string, words: LocalProfileWords): string {
  return words.units.find(({ id }) => id === unit)?.symbol ?? '';
}

/** `0x2000 · f32 CDAB`: where a value stands and how it is read. */
export function readWords({ at, type, order, scale, words }: LocalNewValue['match']): string {
  const how = words.length > 1 || order !== 'ABCD' ? `${type} ${order}` : type;
  return [`0x${at.toString(16).toUpperCase().padStart(4, '0')}`, how, scale === 1 ? '' : `×${scale}`].filter(Boolean).join(' · ');
}

export function hexWords(words: readonly number[]): string {
  return words.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join(' ');
}
