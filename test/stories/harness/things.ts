import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Latch } from '@yihu/device-profiles/vocabulary/transition.ts';

/** What a kind of device says when something is wrong. */
export interface Kind {
  readonly hazard: Hazard;
  readonly severity: Severity;
  readonly latch: Latch;
  readonly name: string;
  readonly device: string;
}

/** 设备种类 of the stories. */
export const kinds: Readonly<Record<string, Kind>> = {
  smoke: { hazard: 'fire', severity: 'critical', latch: 'none', name: '烟雾报警', device: '烟感' },
  button: { hazard: 'fire', severity: 'critical', latch: 'until-reset', name: '手动报警', device: '手动火灾报警按钮' },
  gas: { hazard: 'gas', severity: 'critical', latch: 'none', name: '燃气泄漏', device: '燃气探测器' },
  sos: { hazard: 'person', severity: 'critical', latch: 'none', name: '紧急求助', device: '紧急按钮' },
  leak: { hazard: 'water', severity: 'major', latch: 'none', name: '漏水', device: '水浸传感器' },
  door: { hazard: 'security', severity: 'minor', latch: 'none', name: '门未关', device: '门磁' },
  pump: { hazard: 'equipment', severity: 'major', latch: 'none', name: '水泵故障', device: '水泵控制柜' },
  power_cut: { hazard: 'equipment', severity: 'major', latch: 'none', name: '断电', device: '楼栋总电源' },
  offline: { hazard: 'communication', severity: 'minor', latch: 'none', name: '设备失联', device: '设备' },
};

export function kindOf(word: string): Kind {
  const kind = kinds[word];
  if (!kind) throw new Error(`no kind of device is called ${word}; there is ${Object.keys(kinds).join(', ')}`);
  return kind;
}

/** `3-2-502` is a household, `3-2` a stairwell, `3` a building, `yard` the open. */
export function deviceAt(word: string, place: string): SiteDevice {
  const [building, unit, room] = place === 'yard' ? [] : place.split('-');
  return {
    id: `${word}-${place}`,
    profile: `story.${word}`,
    name: { zh: kindOf(word).device },
    place: { ...(building && { building }), ...(unit && { unit }), ...(room && { room }) },
  };
}
