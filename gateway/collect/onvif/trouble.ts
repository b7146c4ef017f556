import type { MissingReason } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Trouble } from '../http-event/trouble.ts';
import type { Fault } from './envelope.ts';

export type { Trouble };

const trouble = (code: string, zh: string, en: string, wasSent = true): Trouble => ({ code, zh, en, wasSent });

/** What goes wrong with a camera beyond what goes wrong with any HTTP device. */
export const troubles = {
  fault: ({ code, reason }: Fault) =>
    trouble(
      `fault-${code}`,
      `摄像机报错 ${code}${reason === '' ? '' : `（${reason}）`}。`,
      `The camera answered with the fault ${code}${reason === '' ? '' : ` (${reason})`}.`,
    ),
  unread: (what: string) =>
    trouble(
      'no-onvif',
      `摄像机的应答不是 ONVIF（${what}）。请检查地址、端口和路径，并在摄像机里启用 ONVIF。`,
      `What the camera answered is no ONVIF (${what}). Check address, port and path, and switch ONVIF on in the camera.`,
    ),
  leaseOver: () =>
    trouble(
      'lease-over',
      '摄像机的订阅到期且不能续订，正在重新订阅。',
      'The subscription at the camera is over and cannot be renewed; another is made.',
    ),
  wrongLogin: () =>
    trouble(
      'wrong-login',
      '摄像机不接受用户名或密码。请核对 ONVIF 用户（有的机型与网页用户分开）。为免锁定，15 分钟内或密码文件改动前不再尝试。',
      'The camera does not accept the user name or password. Check its ONVIF user, which some keep apart from that of the web page. So that it is not locked, it is tried again in 15 minutes or when the password file changes.',
      false,
    ),
  noService: (name: string) => trouble('no-service', `摄像机不提供 ${name} 服务。`, `The camera has no ${name} service.`, false),
  noSnapshot: () => trouble('no-snapshot', '摄像机不提供快照地址。', 'The camera offers no address for still pictures.', false),
  otherScheme: () =>
    trouble(
      'wrong-scheme',
      '摄像机给的快照地址不是 HTTP，或需要 HTTPS 而现场文件没有写证书指纹（fingerprint）。',
      'The picture’s address is not HTTP, or wants HTTPS and the site file names no certificate (fingerprint).',
      false,
    ),
  tooLarge: (bytes: number) =>
    trouble(
      'too-large',
      `快照超过 ${Math.round(bytes / 1024)} KB，没有取。请在摄像机里调低快照分辨率或画质。`,
      `The picture is longer than ${Math.round(bytes / 1024)} KB and was not taken. Lower the resolution or quality of snapshots in the camera.`,
    ),
  noRelay: (nth: number) => trouble('no-relay', `摄像机没有第 ${nth} 路输出。`, `The camera has no output ${nth}.`, false),
  stopped: () => trouble('stopped', '端口已停止。', 'The port was stopped.', false),
  noFfmpeg: () =>
    trouble(
      'no-ffmpeg',
      '本机没有 ffmpeg，不能从视频流取图。请安装（apt-get install ffmpeg），或在摄像机里启用快照。',
      'There is no ffmpeg on this machine to take a picture out of the video. Install it (apt-get install ffmpeg), or switch snapshots on in the camera.',
      false,
    ),
  ffmpeg: (detail: string) =>
    trouble('no-frame', `视频流里没有取到画面（${detail}）。`, `No picture came out of the video (${detail}).`),
  busyFfmpeg: () =>
    trouble(
      'busy',
      '同时取图的视频流太多，这一张放弃。',
      'Too many pictures are being taken out of videos; this one is given up.',
      false,
    ),
} as const;

/** Whether the camera has no room for one more subscription: it then needs time, and pressing it does not help. */
export function isCrowded({ code, reason }: Fault): boolean {
  return /max|many|limit|resource|number of subscriptions/i.test(`${code} ${reason}`);
}

/** Why there is no picture, in the words all sides share. */
export function missingOf({ code }: Trouble): MissingReason {
  if (code === 'no-answer' || code === 'broken-off' || code === 'busy' || code === 'stopped') return 'no-answer';
  if (code === 'unreachable') return 'unreachable';
  if (code === 'not-allowed' || code === 'redirect' || code === 'wrong-scheme' || code === 'wrong-certificate')
    return 'not-allowed';
  if (code.endsWith('-login') || code === 'no-password' || code === 'http-401' || code === 'http-403') return 'wrong-login';
  if (code === 'no-snapshot' || code === 'no-service' || code === 'no-ffmpeg') return 'no-source';
  return code === 'too-large' ? 'too-large' : 'refused';
}
