import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { keyAndValue } from './segment.ts';

/** What stands behind the `-` of a factor's key, and our word for it. */
const kinds: Readonly<Record<string, string>> = {
  Rtd: 'rtd',
  Avg: 'avg',
  Min: 'min',
  Max: 'max',
  Cou: 'cou',
  ZsRtd: 'zsRtd',
  ZsAvg: 'zsAvg',
  ZsMin: 'zsMin',
  ZsMax: 'zsMax',
  Flag: 'flag',
  EFlag: 'eFlag',
  SampleTime: 'sampleTime',
};
const numeric = new Set(['rtd', 'avg', 'min', 'max', 'cou', 'zsRtd', 'zsAvg', 'zsMin', 'zsMax']);

/** 因子 (pollutants and quantities) a packet may have. */
const maxFactors = 256;

export interface Parameters {
  readonly dataTime: string | undefined;
  /** By factor code (`a34004`, `LA`). Values whose flag is not N are null: the station itself says they are none. */
  readonly factors: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** Everything else by its key, as it stands there: a misspelt key too. */
  readonly other: Readonly<Record<string, string>>;
}

/** Reads CP: records between `;`, pairs between `,`. Total: whatever is not understood is in `other`. */
export function readParameters(text: string): Parameters {
  const factors = new Map<string, Map<string, string>>();
  const other = new Map<string, string>();
  let dataTime: string | undefined;
  for (const pair of text.split(/[;,]/)) {
    const [key, value] = keyAndValue(pair);
    if (key === '') continue;
    const factor = /^([A-Za-z0-9_]{1,20})-([A-Za-z]{1,12})$/.exec(key);
    const kind = factor && Object.hasOwn(kinds, factor[2] as string) ? kinds[factor[2] as string] : undefined;
    if (key === 'DataTime') dataTime ??= value;
    else if (factor && kind !== undefined) put(factors, factor[1] as string, kind, value);
    else if (other.size < maxFactors) other.set(key.slice(0, 64), value.slice(0, 300));
  }
  return {
    dataTime,
    factors: Object.fromEntries([...factors].map(([code, said]) => [code, judged(said)])),
    other: Object.fromEntries(other),
  };
}

function put(factors: Map<string, Map<string, string>>, code: string, kind: string, value: string): void {
  const said = factors.get(code) ?? new Map<string, string>();
  if (!factors.has(code) && factors.size >= maxFactors) return;
  factors.set(code, said.set(kind, value));
}

/**
 * 数据标记: N is a good value; F (stopped), M (maintenance), S (set by hand), D (fault), C (calibration), T (over range),
 * B (no communication) and what a later edition may add are none.
 */
function judged(said: ReadonlyMap<string, string>): Record<string, Json> {
  const flag = said.get('flag');
  const isGood = flag === undefined || flag === 'N';
  const entries = [...said].map(([kind, text]): [string, Json] => {
    if (!numeric.has(kind)) return [kind, text.slice(0, 64)];
    return [kind, isGood ? numberOf(text) : null];
  });
  const raw = isGood
    ? []
    : [...said].filter(([kind]) => numeric.has(kind)).map(([kind, text]): [string, Json] => [`${kind}Raw`, text.slice(0, 64)]);
  return Object.fromEntries([...entries, ...raw]);
}

/** Text that is no number stays text: a point that wants a number says so. */
function numberOf(text: string): number | string {
  return /^[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?$/.test(text) ? Number(text) : text.slice(0, 64);
}

export const flagNames: Readonly<Record<string, { zh: string; en: string }>> = {
  N: { zh: '正常', en: 'good' },
  F: { zh: '停运', en: 'stopped' },
  M: { zh: '维护', en: 'maintenance' },
  S: { zh: '手工输入', en: 'set by hand' },
  D: { zh: '故障', en: 'fault' },
  C: { zh: '校准', en: 'calibration' },
  T: { zh: '超过测量上限', en: 'over range' },
  B: { zh: '通讯异常', en: 'no communication' },
};
