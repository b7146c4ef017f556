/** 错误信息字 ERR, bit by bit (DL/T 645-2007; 1997 uses the lower ones alike). */
const meanings: readonly { readonly zh: string; readonly en: string }[] = [
  { zh: '其他错误', en: 'other error' },
  { zh: '无请求数据', en: 'no such data' },
  { zh: '密码错或未授权', en: 'wrong password or not authorised' },
  { zh: '通信速率不能更改', en: 'the baud rate cannot be changed' },
  { zh: '年时区数超', en: 'too many yearly time zones' },
  { zh: '日时段数超', en: 'too many daily periods' },
  { zh: '费率数超', en: 'too many tariffs' },
  { zh: '保留位', en: 'reserved' },
];

const noSuchData = 0x02;

export interface MeterError {
  readonly zh: string;
  readonly en: string;
  /** Asking again brings the same. */
  readonly isLasting: boolean;
}

/** What the meter says is wrong. An empty word is a refusal without a reason. */
export function errorOf(word: number): MeterError {
  const set = meanings.filter((_, bit) => (word & (1 << bit)) !== 0);
  if (set.length === 0) return { zh: '电表拒绝，未说明原因', en: 'refused without a reason', isLasting: false };
  return {
    zh: set.map(({ zh }) => zh).join('、'),
    en: set.map(({ en }) => en).join(', '),
    isLasting: (word & noSuchData) !== 0,
  };
}
