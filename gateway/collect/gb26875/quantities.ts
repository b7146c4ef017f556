import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 模拟量类型 (GB/T 26875.3-2011): a signed 16-bit number, low byte first, in steps of `1 / per`. */
export interface Quantity {
  readonly key: string;
  readonly name: Text;
  readonly per: number;
  readonly unit: string;
}

export const quantities: Readonly<Record<number, Quantity>> = {
  1: { key: 'count', name: { zh: '事件计数', en: 'event count' }, per: 1, unit: '' },
  2: { key: 'height', name: { zh: '高度', en: 'height' }, per: 100, unit: 'm' },
  3: { key: 'temperature', name: { zh: '温度', en: 'temperature' }, per: 10, unit: '℃' },
  4: { key: 'pressure-mpa', name: { zh: '压力（MPa）', en: 'pressure in MPa' }, per: 10, unit: 'MPa' },
  5: { key: 'pressure-kpa', name: { zh: '压力（kPa）', en: 'pressure in kPa' }, per: 10, unit: 'kPa' },
  6: { key: 'gas', name: { zh: '气体浓度', en: 'gas concentration' }, per: 10, unit: '%LEL' },
  7: { key: 'time', name: { zh: '时间', en: 'time' }, per: 1, unit: 's' },
  8: { key: 'voltage', name: { zh: '电压', en: 'voltage' }, per: 10, unit: 'V' },
  9: { key: 'current', name: { zh: '电流', en: 'current' }, per: 10, unit: 'A' },
  10: { key: 'flow', name: { zh: '流量', en: 'flow' }, per: 10, unit: 'L/s' },
  11: { key: 'air-flow', name: { zh: '风量', en: 'air flow' }, per: 10, unit: 'm³/min' },
  12: { key: 'air-speed', name: { zh: '风速', en: 'air speed' }, per: 1, unit: 'm/s' },
};
