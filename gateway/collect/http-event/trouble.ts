/** Why we could not ask a device, or got no good answer. */
export interface Trouble {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** The request had left when it happened: nobody knows what the device made of it. */
  readonly wasSent: boolean;
}

const trouble = (code: string, zh: string, en: string, wasSent = false): Trouble => ({ code, zh, en, wasSent });

export const troubles = {
  egress: (zh: string, en: string) => trouble('not-allowed', zh, en),
  noEgress: () =>
    trouble(
      'not-allowed',
      '现场文件没有声明可以连接的网段（network.subnets），不予连接。',
      'The site file declares no subnets that may be contacted (network.subnets); the device is not contacted.',
    ),
  secret: (zh: string, en: string) => trouble('no-password', zh, en),
  unreachable: (detail: string) =>
    trouble(
      'unreachable',
      `连不上设备（${detail}）。请检查电源、网线和地址。`,
      `The device cannot be reached (${detail}). Check its power, cable and address.`,
    ),
  fingerprint: () =>
    trouble(
      'wrong-certificate',
      '设备出示的证书与现场文件里的指纹（fingerprint）不符，没有登录。若设备换过证书，请核对后更新。',
      'The device’s certificate does not fit the fingerprint in the site file, and we did not log in. If it was renewed, check and update it.',
    ),
  silent: (wasSent: boolean) =>
    trouble(
      'no-answer',
      '设备没有按时应答。请检查设备和网络。',
      'The device did not answer in time. Check it and the network.',
      wasSent,
    ),
  broken: (detail: string, wasSent: boolean) =>
    trouble('broken-off', `连接中断（${detail}）。`, `The connection broke off (${detail}).`, wasSent),
  redirect: () =>
    trouble(
      'redirect',
      '设备要把请求转到别处，不予理会。请检查地址、端口和是否要用 HTTPS（fingerprint）。',
      'The device wants to send us elsewhere, and we do not go. Check address, port, and whether it wants HTTPS (fingerprint).',
    ),
  wrongLogin: () =>
    trouble(
      'wrong-login',
      '设备不接受用户名或密码。为免账号被锁，15 分钟内或密码文件改动前不再尝试。',
      'The device does not accept the user name or password. So that the account is not locked, it is tried again in 15 minutes or when the password file changes.',
    ),
  noLogin: () =>
    trouble(
      'no-login',
      '设备要求登录。请在现场文件里写 username 和 passwordFile。',
      'The device asks for a login. Write username and passwordFile into the site file.',
    ),
  unknownLogin: () =>
    trouble(
      'unknown-login',
      '设备要求的登录方式不支持。若设备只会 Basic，请写 auth: basic（密码将明文传输）。',
      'The device asks for a login of a kind we do not speak. If it only knows Basic, write auth: basic (the password is then sent in clear).',
    ),
  status: (status: number, wasSent: boolean) =>
    trouble(`http-${status}`, `设备返回 HTTP ${status}。`, `The device answered HTTP ${status}.`, wasSent),
  tooLarge: () => trouble('too-large', '设备的应答过大，已放弃。', 'The answer of the device was too large and given up.', true),
  notAStream: (type: string) =>
    trouble(
      'no-stream',
      `设备没有给出事件流（${type}）。请检查型号与档案是否一致。`,
      `The device gave no event stream (${type}). Check that device and profile are the same model.`,
    ),
  quiet: () =>
    trouble('quiet', '事件流长时间没有任何内容，正在重连。', 'The event stream was silent for too long and is opened again.'),
  ended: () => trouble('ended', '设备结束了事件流，正在重连。', 'The device ended the event stream; it is opened again.'),
  garbled: (detail: string) =>
    trouble(
      'garbled',
      `事件流内容无法识别（${detail}），正在重连。`,
      `The event stream is not understood (${detail}); it is opened again.`,
    ),
  unfitAnswer: () =>
    trouble('unfit-answer', '设备的应答与档案不符。', 'The answer of the device does not fit its profile.', true),
};
