import type { ActOutcome } from '../driver.ts';

/** What became of a command, in words with the next step. */
type Failed = Exclude<ActOutcome, { state: 'sent' }>;

export const sent: ActOutcome = { state: 'sent' };

export const outcomes = {
  expired: {
    state: 'expired',
    code: 'expired',
    zh: '命令在有效期内没有送出，未执行。设备可能不在线，请检查后重发。',
    en: 'The command was not sent within its time and was not carried out. The device may be away; check it and send again.',
  },
  notAsked: {
    state: 'expired',
    code: 'not-asked-for',
    zh: '设备在有效期内没有来取命令，未执行。请检查设备是否在线、轮询是否开启。',
    en: 'The device did not ask for commands in time; nothing was carried out. Check that it is online and polls.',
  },
  tooMany: {
    state: 'refused',
    code: 'too-many',
    zh: '等待该设备取走的命令太多，未执行。请检查设备是否在线。',
    en: 'Too many commands wait for this device; this one was not carried out. Check that it is online.',
  },
  unfit: {
    state: 'refused',
    code: 'unfit-argument',
    zh: '参数里有设备协议不能表示的字符，未执行。请改正参数。',
    en: 'An argument holds characters that the device’s protocol cannot carry; nothing was carried out. Correct it.',
  },
  noHost: {
    state: 'refused',
    code: 'no-host',
    zh: '现场文件没有写这台设备的地址（address.host），命令没有送出。请补上。',
    en: 'The site file does not say where this device is (address.host); the command was not sent. Add it.',
  },
  cutOff: {
    state: 'unknown',
    code: 'cut-off',
    zh: '应答没有送完连接就断了，不知道设备是否执行。请到现场确认。',
    en: 'The connection broke before the reply was out; the device may or may not have carried it out. Check on site.',
  },
  noResult: {
    state: 'unknown',
    code: 'no-result',
    zh: '设备取走了命令，但没有回报结果。请到现场确认。',
    en: 'The device took the command and did not tell how it ended. Check on site.',
  },
  stopped: {
    state: 'expired',
    code: 'stopped',
    zh: '网关正在停止，命令没有送出。请在它恢复后重发。',
    en: 'The gateway is stopping and the command was not sent. Send it again when it is back.',
  },
} as const satisfies Record<string, Failed>;

/** The device said that it did not do it. */
export function refusedByDevice(code: string): Failed {
  return {
    state: 'refused',
    code: `device-${code}`.slice(0, 64),
    zh: `设备拒绝执行（${code}）。请检查设备状态和权限。`,
    en: `The device refused (${code}). Check its state and our rights on it.`,
  };
}
