import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type Language, type Text, textIn } from '@yihu/device-profiles/vocabulary/text.ts';

export type ShownValue = { value: Value; valueName: Text | null; symbol: string };

/** What stands where there is no value; never 0, never a blank that looks like a good one. */
export const noValue = '—';

/** A state the profile has no words for. */
const yes: Text = { zh: '是', en: 'Yes' };
const no: Text = { zh: '否', en: 'No' };

/** The two states of a yes-or-no point, lower first. */
export function stateNames(language: Language): readonly [string, string] {
  return [textIn(no, language), textIn(yes, language)];
}

function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const places = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return String(Number(value.toFixed(places)));
}

/** A value without its unit, as people read it. */
export function valueText(shown: Pick<ShownValue, 'value' | 'valueName'>, text: (text: Text) => string): string {
  if (shown.valueName !== null) return text(shown.valueName);
  if (shown.value === null) return noValue;
  if (typeof shown.value === 'number') return numberText(shown.value);
  if (typeof shown.value === 'boolean') return text(shown.value ? yes : no);
  return shown.value;
}

/** With its unit: `0.21 dB/m`. */
export function valueWithUnit(shown: ShownValue, text: (text: Text) => string): string {
  const value = valueText(shown, text);
  return value === noValue || shown.valueName !== null || shown.symbol === '' ? value : `${value} ${shown.symbol}`;
}
