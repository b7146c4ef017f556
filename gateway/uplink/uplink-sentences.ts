import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** Where the uplink stands, for the installer and the manager, with the next thing to do. */
export const uplinkSentences = {
  connecting: { zh: '正在连接平台。', en: 'Connecting to the cloud.' },
  connected: { zh: '已连接平台，数据在上传。', en: 'Connected; data is on its way to the cloud.' },
  unreachable: {
    zh: '连不上平台，数据先存在网关里，恢复后自动补传。请检查网络和平台地址。',
    en: 'The cloud cannot be reached. Data is kept here and sent later. Check the network and the address.',
  },
  deaf: {
    zh: '平台没有回应，正在重连；数据没有丢。若持续出现，请检查网络质量。',
    en: 'The cloud stopped answering; reconnecting, nothing is lost. If it goes on, check the line.',
  },
  closed: {
    zh: '连接被断开，正在重连；数据没有丢。',
    en: 'The connection was closed; reconnecting, nothing is lost.',
  },
  'not-trusted': {
    zh: '对方出示的证书不是本平台签发的，已拒绝连接。请核对平台地址，或重新认领网关。',
    en: 'The other end is not our cloud: its certificate has another authority. Check the address or claim again.',
  },
  'not-accepted': {
    zh: '平台不接受本网关的证书（可能已吊销或过期）。请在平台上查看网关状态，必要时重新认领。',
    en: 'The cloud does not accept this gateway’s certificate (revoked or expired). Look it up in the cloud; claim again if needed.',
  },
  clock: {
    zh: '证书此刻无效：证书过期，或网关时间不对。请先检查网关时间。',
    en: 'A certificate is not valid now: it has expired, or this clock is wrong. Check the gateway’s time first.',
  },
  identity: {
    zh: '读不到网关身份。请重新认领网关。',
    en: 'The gateway’s identity cannot be read. Claim the gateway again.',
  },
  forked: {
    zh: '平台上的数据比本机日志还新：硬盘可能恢复过旧镜像，或有两台网关用同一身份。网关会自动换用新的日志；若再次出现，请停掉多余的那台。',
    en: 'The cloud has newer data than this log: an old disk image, or two gateways with one identity. The log begins anew by itself; if this comes again, stop the other gateway.',
  },
  stopped: { zh: '上传已停止。', en: 'The uplink is stopped.' },
} as const satisfies Record<string, Text>;

export type UplinkCode = keyof typeof uplinkSentences;

/** TLS alerts of the other end about our certificate (RFC 8446 §6.2), as OpenSSL spells them. */
const refusedByThem = /alert (certificate|bad certificate|unknown ca|unsupported|access denied|handshake)/i;
const notTrusted = /^(SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|ERR_TLS_CERT_ALTNAME|CERT_SIGNATURE|INVALID_CA|INVALID_PURPOSE)/;

/** What an error of the connection means to people. */
export function codeOfError(error: Error | undefined): UplinkCode {
  if (error === undefined) return 'closed';
  const code = 'code' in error ? String(error.code) : '';
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/.test(code)) return 'clock';
  if (notTrusted.test(code)) return 'not-trusted';
  if (refusedByThem.test(error.message) || code === '5') return 'not-accepted';
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/.test(code)) return 'unreachable';
  return error.message.includes('connack timeout') ? 'unreachable' : 'closed';
}
