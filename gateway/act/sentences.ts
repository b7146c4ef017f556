import type { ActReason } from '@yihu/device-profiles/vocabulary/act.ts';

/** Why an order came no further, with what to do next. */
export const reasons = {
  malformed: (detail: string): ActReason => ({
    code: 'malformed',
    zh: `命令的格式不对：${detail.slice(0, 200)}。请改正后重新下达。`,
    en: `The order is not written as it should be: ${detail.slice(0, 200)}. Correct it and give it again.`,
  }),
  unknownDevice: (device: string): ActReason => ({
    code: 'unknown-device',
    zh: `没有设备 ${device}。请核对设备编号。`,
    en: `There is no device ${device}. Check its id.`,
  }),
  unknownCommand: (command: string, known: readonly string[]): ActReason => ({
    code: 'unknown-command',
    zh: `这台设备没有命令 ${command}${known.length > 0 ? `，有：${known.join('、')}` : '，它不能远程控制'}。`,
    en: `This device has no command ${command}; ${known.length > 0 ? `it has: ${known.join(', ')}` : 'it cannot be controlled from here'}.`,
  }),
  argument: (name: string, zh: string, en: string): ActReason => ({
    code: 'argument',
    zh: `参数 ${name} ${zh}。`,
    en: `Argument ${name} ${en}.`,
  }),
  otherOrder: {
    code: 'other-order',
    zh: '这个编号已经用于另一条命令。请换一个新编号。',
    en: 'This id names another order already. Use a new one.',
  },
  busy: {
    code: 'busy',
    zh: '等待执行的命令太多。请稍后再试。',
    en: 'Too many orders are waiting. Try again in a moment.',
  },
  tooOld: {
    code: 'too-old',
    zh: '命令已超过有效时间，没有下发。仍然需要的话请重新下达。',
    en: 'The order was too old and was not sent. Give it again if it is still needed.',
  },
  alone: {
    code: 'no-second-person',
    zh: '规定时间内没有第二人确认，没有下发。请约好第二人后重新下达。',
    en: 'Nobody else agreed in time, and it was not sent. Give it again with a second person at hand.',
  },
  samePerson: {
    code: 'same-person',
    zh: '需要另一个人确认，不能由同一人确认两次。',
    en: 'Another person has to agree; one person does not count twice.',
  },
  notAwaiting: {
    code: 'not-awaiting',
    zh: '这条命令不在等待确认。请刷新后查看它的状态。',
    en: 'This order does not wait for anybody. Look at its state.',
  },
  declined: (by: string): ActReason => ({
    code: 'declined',
    zh: `${by} 没有同意，没有下发。`,
    en: `${by} did not agree, and it was not sent.`,
  }),
  interlock: (name: { zh: string; en?: string | undefined }): ActReason => ({
    code: 'interlock',
    zh: `联锁条件成立（${name.zh}），没有下发。请先解除该条件。`,
    en: `An interlock forbids it (${name.en ?? name.zh}), and it was not sent. Lift that condition first.`,
  }),
  interlockUnknown: (name: { zh: string; en?: string | undefined }): ActReason => ({
    code: 'interlock-unknown',
    zh: `联锁条件（${name.zh}）现在无法判断，没有下发。请检查它所看的设备是否在线。`,
    en: `Whether an interlock forbids it (${name.en ?? name.zh}) cannot be told now, and it was not sent. Check that the device it watches is online.`,
  }),
  maintenance: {
    code: 'maintenance',
    zh: '设备正在检修，联动没有动作。',
    en: 'The device is under maintenance; linkage left it alone.',
  },
  conditionGone: {
    code: 'condition-gone',
    zh: '延时期间告警已经恢复，没有下发。',
    en: 'The alarm was over before the delay had passed, and nothing was sent.',
  },
  notKept: {
    code: 'not-kept',
    zh: '磁盘不可写，命令没有先记录，所以没有下发。请检查磁盘。',
    en: 'The disk took no record of the order, so it was not sent. Check the disk.',
  },
  restartedBefore: {
    code: 'restarted',
    zh: '网关在下发之前重新启动，没有下发。仍然需要的话请重新下达。',
    en: 'The gateway was started again before it was sent, so it was not. Give it again if it is still needed.',
  },
  restartedAfter: {
    code: 'restarted',
    zh: '网关在下发过程中重新启动，不知道设备是否已执行，也不会再发。请到现场或看回读值确认。',
    en: 'The gateway was started again while it was being sent: the device may have carried it out or not, and it is not sent again. Look at the device.',
  },
  stopping: {
    code: 'stopping',
    zh: '网关正在停止，来不及回读结果。请到现场或看回读值确认。',
    en: 'The gateway is stopping and did not wait for the device to show it. Look at the device.',
  },
  notShown: {
    code: 'not-shown',
    zh: '设备收下了命令，但规定时间内没有显示执行结果。请到现场确认。',
    en: 'The device took the order but did not show in time that it was carried out. Look at the device.',
  },
  noAnswer: {
    code: 'no-outcome',
    zh: '端口没有说明结果，可能已执行。请到现场或看回读值确认。',
    en: 'The port did not say what became of it; it may have been carried out. Look at the device.',
  },
} as const;
