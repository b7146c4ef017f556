import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 联锁条件: what must not be while something is done: a point that has a value, or an alarm that is active. */
export type Condition = {
  readonly device: string;
  readonly name: Text;
  /** What counts where nobody can tell. */ readonly unknown: 'block' | 'act';
} & (
  | { readonly point: string; readonly is: string | number | boolean }
  | { readonly point: string; readonly above: number }
  | { readonly point: string; readonly below: number }
  | { readonly alarm: string }
);

/** What the gateway knows of its devices at this moment. */
export interface Sight {
  /** The last good value of a point; undefined where there is none, or the device is away. */
  value(device: string, point: string): Value | undefined;
  /** Undefined where the device is away, so that nobody can tell. */
  isActive(device: string, alarm: string): boolean | undefined;
}

export type Holding = 'holds' | 'fails' | 'unknown';

/** Unknown must not look normal: a value that is not there is neither above nor below anything. */
function judgeCondition(condition: Condition, sight: Sight): Holding {
  if ('alarm' in condition) {
    const active = sight.isActive(condition.device, condition.alarm);
    return active === undefined ? 'unknown' : answer(active);
  }
  const value = sight.value(condition.device, condition.point);
  if (value === undefined || value === null) return 'unknown';
  if ('is' in condition) return answer(value === condition.is);
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number') return 'unknown';
  return answer('above' in condition ? number > condition.above : number < condition.below);
}

function answer(holds: boolean): Holding {
  return holds ? 'holds' : 'fails';
}

/** The first condition that stands in the way, and whether that is known or only feared. */
export function obstacle(
  conditions: readonly Condition[],
  sight: Sight,
): { readonly condition: Condition; readonly isKnown: boolean } | undefined {
  for (const condition of conditions) {
    const holding = judgeCondition(condition, sight);
    if (holding === 'holds') return { condition, isKnown: true };
    if (holding === 'unknown' && condition.unknown === 'block') return { condition, isKnown: false };
  }
  return undefined;
}
