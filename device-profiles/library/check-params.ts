import type { Profile } from '../vocabulary/profile.ts';
import type { Finding } from './source.ts';

/** Installer parameters have a range, and a default in it. */
export function checkParamRules({ params, points }: Profile): Finding[] {
  return Object.entries(params).flatMap(([id, { min, max, default: usual }]) => {
    const findings: Finding[] = [];
    const say = (key: string, zh: string, en: string): void => void findings.push({ path: ['params', id, key], zh, en });
    if (min >= max) say('min', 'min 必须小于 max。', 'min must be below max.');
    else if (usual < min || usual > max)
      say('default', '默认值不在 min 与 max 之间。', 'The default is not between min and max.');
    if (!/^[a-z_][a-z0-9_]*$/.test(id))
      say('name', '参数名只能用小写字母、数字和 _。', 'The id takes small letters, digits and _ only.');
    if (Object.hasOwn(points, id)) say('name', '有同名的点位。', 'A point has this id.');
    return findings;
  });
}
