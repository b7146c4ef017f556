import { z } from 'zod';
import type { Unit } from './units.ts';

interface QuantityFacts {
  readonly zh: string;
  readonly en: string;
  /** What displays show it in, that of the library first. */
  readonly units: readonly [Unit, ...Unit[]];
  /** It only ever grows. */
  readonly counter?: true;
}

/**
 * 常见量: what devices with a display show, under the names that the library's profiles have for them. The key is the point's
 * id. Whoever makes a profile beside the device chooses from these; what is not among them is named in words.
 */
export const quantities = {
  voltage: { zh: '电压', en: 'Voltage', units: ['V', 'mV'] },
  voltage_a: { zh: 'A 相电压', en: 'Voltage A', units: ['V'] },
  voltage_b: { zh: 'B 相电压', en: 'Voltage B', units: ['V'] },
  voltage_c: { zh: 'C 相电压', en: 'Voltage C', units: ['V'] },
  current: { zh: '电流', en: 'Current', units: ['A', 'mA'] },
  current_a: { zh: 'A 相电流', en: 'Current A', units: ['A'] },
  current_b: { zh: 'B 相电流', en: 'Current B', units: ['A'] },
  current_c: { zh: 'C 相电流', en: 'Current C', units: ['A'] },
  power_active: { zh: '有功功率', en: 'Active power', units: ['W', 'kW'] },
  power_a: { zh: 'A 相有功功率', en: 'Power A', units: ['W', 'kW'] },
  power_b: { zh: 'B 相有功功率', en: 'Power B', units: ['W', 'kW'] },
  power_c: { zh: 'C 相有功功率', en: 'Power C', units: ['W', 'kW'] },
  power_reactive: { zh: '无功功率', en: 'Reactive power', units: ['var', 'kvar'] },
  power_apparent: { zh: '视在功率', en: 'Apparent power', units: ['VA', 'kVA'] },
  power_factor: { zh: '功率因数', en: 'Power factor', units: ['1'] },
  frequency: { zh: '频率', en: 'Frequency', units: ['Hz'] },
  energy_import: { zh: '正向有功电能', en: 'Imported energy', units: ['kW.h', 'W.h', 'MW.h'], counter: true },
  energy_export: { zh: '反向有功电能', en: 'Exported energy', units: ['kW.h', 'W.h', 'MW.h'], counter: true },
  energy_total: { zh: '总有功电能', en: 'Total active energy', units: ['kW.h', 'W.h', 'MW.h'], counter: true },
  temperature: { zh: '温度', en: 'Temperature', units: ['Cel', 'degF'] },
  humidity: { zh: '相对湿度', en: 'Relative humidity', units: ['%RH'] },
  co2: { zh: '二氧化碳', en: 'Carbon dioxide', units: ['ppm'] },
  carbon_monoxide: { zh: '一氧化碳', en: 'Carbon monoxide', units: ['ppm'] },
  oxygen: { zh: '氧气', en: 'Oxygen', units: ['%', '%vol'] },
  concentration: { zh: '可燃气体浓度', en: 'Combustible gas', units: ['%LEL', 'ppm', '%vol'] },
  formaldehyde: { zh: '甲醛', en: 'Formaldehyde', units: ['mg/m3'] },
  pm25: { zh: 'PM2.5', en: 'PM2.5', units: ['ug/m3', 'mg/m3'] },
  pm10: { zh: 'PM10', en: 'PM10', units: ['ug/m3', 'mg/m3'] },
  noise: { zh: '噪声', en: 'Noise', units: ['dB{A}'] },
  illuminance: { zh: '照度', en: 'Illuminance', units: ['lx'] },
  wind_speed: { zh: '风速', en: 'Wind speed', units: ['m/s', 'km/h'] },
  air_pressure: { zh: '气压', en: 'Air pressure', units: ['kPa', 'hPa'] },
  pressure: { zh: '水压', en: 'Water pressure', units: ['kPa', 'MPa', 'bar'] },
  level: { zh: '水位', en: 'Water level', units: ['m', 'cm', 'mm'] },
  level_percent: { zh: '液位百分比', en: 'Level in percent', units: ['%'] },
  flow: { zh: '瞬时流量', en: 'Flow', units: ['m3/h', 'L/min', 'L/s', 'L/h'] },
  volume: { zh: '累积流量', en: 'Volume', units: ['m3', 'L'], counter: true },
  heat: { zh: '累计热量', en: 'Heat', units: ['kW.h', 'MJ', 'GJ', 'MW.h'], counter: true },
  temperature_supply: { zh: '供水温度', en: 'Supply temperature', units: ['Cel'] },
  temperature_return: { zh: '回水温度', en: 'Return temperature', units: ['Cel'] },
  battery: { zh: '电量', en: 'Battery charge', units: ['%'] },
  battery_voltage: { zh: '电池电压', en: 'Battery voltage', units: ['V', 'mV'] },
  runtime: { zh: '剩余供电时间', en: 'Time left on battery', units: ['min', 's', 'h'] },
  load: { zh: '负载率', en: 'Load', units: ['%'] },
} as const satisfies Record<string, QuantityFacts>;

export type Quantity = keyof typeof quantities;
export const Quantity = z.enum(Object.keys(quantities) as [Quantity, ...Quantity[]]);

/** With every property that any of them has. */
export function quantityFacts(id: Quantity): QuantityFacts {
  return quantities[id];
}
