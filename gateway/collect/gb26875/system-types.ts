import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 建筑消防设施系统类型 (GB/T 26875.3-2011); 2–9 and 25–127 are reserved, 128–255 the user's own. */
export const systemTypes: Readonly<Record<number, Text>> = {
  0: { zh: '通用', en: 'General' },
  1: { zh: '火灾报警系统', en: 'Fire alarm system' },
  10: { zh: '消防联动控制器', en: 'Fire linkage controller' },
  11: { zh: '消火栓系统', en: 'Hydrant system' },
  12: { zh: '自动喷水灭火系统', en: 'Sprinkler system' },
  13: { zh: '气体灭火系统', en: 'Gas extinguishing system' },
  14: { zh: '水喷雾灭火系统（泵启动）', en: 'Water spray system (pump)' },
  15: { zh: '水喷雾灭火系统（压力容器启动）', en: 'Water spray system (pressure vessel)' },
  16: { zh: '泡沫灭火系统', en: 'Foam extinguishing system' },
  17: { zh: '干粉灭火系统', en: 'Dry powder extinguishing system' },
  18: { zh: '防烟排烟系统', en: 'Smoke control and exhaust' },
  19: { zh: '防火门及卷帘系统', en: 'Fire doors and shutters' },
  20: { zh: '消防电梯', en: 'Fire lift' },
  21: { zh: '消防应急广播', en: 'Emergency broadcast' },
  22: { zh: '消防应急照明和疏散指示系统', en: 'Emergency lighting and exit signs' },
  23: { zh: '消防电源', en: 'Fire power supply' },
  24: { zh: '消防电话', en: 'Fire telephone' },
};
