import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** What the installer is told when a claim fails, and what to do next. */
export const claimSentences = {
  address: {
    zh: '平台地址写错了。请按浏览器里的写法填写，例如 https://yihu.example.cn。',
    en: 'That is not an address. Write it as in a browser, for example https://yihu.example.cn.',
  },
  unreachable: {
    zh: '连不上平台。请检查网关的网络和平台地址，再试一次。',
    en: 'The cloud does not answer. Check the network and the address, then try again.',
  },
  refused: {
    zh: '认领码不对、已用过或已过期（15 分钟）。请在平台上重新生成一个。',
    en: 'The claim code is wrong, used or older than 15 minutes. Make a new one in the cloud.',
  },
  'too-many': { zh: '尝试次数太多。请等一分钟再试。', en: 'Too many tries. Wait a minute and try again.' },
  answer: {
    zh: '对方的回答不像一呼平台。请核对地址，确认没有被代理改写。',
    en: 'What answered is not a Yihu cloud. Check the address and any proxy in between.',
  },
  clock: {
    zh: '网关的时间不对，证书无法使用。请先校准时间，再重新认领。',
    en: 'The clock of this gateway is wrong, so its certificate cannot be used. Set the time and claim again.',
  },
  folder: {
    zh: '身份文件写不进磁盘。请检查目录权限和剩余空间。',
    en: 'The identity cannot be written. Check the folder’s permissions and the free space.',
  },
} as const satisfies Record<string, Text>;
