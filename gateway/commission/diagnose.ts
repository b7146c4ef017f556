import type { Exchange, PortState } from '../collect/driver.ts';
import { codecs } from '../codecs.ts';
import { readWire } from './read-wire.ts';

/** What is known about a device that should speak. */
export interface Evidence {
  readonly device: string;
  readonly driver: string;
  /** Whether it is asked; otherwise it speaks by itself. */
  readonly isPolled: boolean;
  readonly port: Pick<PortState, 'wire' | 'reason' | 'refused'>;
  readonly heardAt: number | null;
  readonly failures: number;
  readonly fault?: string | undefined;
  readonly breaker?: 'closed' | 'open' | 'probing' | undefined;
  readonly availability: 'online' | 'late' | 'offline' | 'unknown';
  /** Oldest first. */
  readonly exchanges: readonly Exchange[];
  /** Words of its address by which a listening port would name it: an identity, a serial number. */
  readonly names: readonly string[];
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

export const causes = [
  'speaks',
  'port-down',
  'port-opening',
  'not-let-in',
  'never-heard',
  'fell-silent',
  'no-answer',
  'echo',
  'other-device',
  'garbled',
  'refuses',
  'refuses-part',
  'late',
  'line-lost',
  'not-yet-asked',
] as const;
export type Cause = (typeof causes)[number];

/** One plain cause, and what to try next. */
export interface Diagnosis {
  readonly cause: Cause;
  readonly zh: string;
  readonly en: string;
  readonly next: { readonly zh: string; readonly en: string };
}

/** 为什么不说话: the one cause that the evidence speaks for, the nearest to the gateway first. Pure. */
export function diagnose(evidence: Evidence): Diagnosis {
  const { port, availability, failures } = evidence;
  if (port.wire === 'down') return portDown(evidence);
  if (failures === 0 && (availability === 'online' || (evidence.heardAt !== null && evidence.isPolled))) {
    const refusal = standingRefusal(evidence);
    return refusal === undefined ? speaks : refusesPart(refusal);
  }
  if (port.wire === 'connecting') return opening;
  return evidence.isPolled ? whyUnanswered(evidence) : whyUnheard(evidence);
}

/**
 * A Modbus read that was refused and whose first register never came since. Where a merged read was only taken apart, what
 * follows begins at the same register and is answered.
 */
function standingRefusal({ driver, exchanges }: Evidence): Exchange | undefined {
  return exchanges.findLast(({ ending, sent }, index) => {
    const asked = ending === 'refused' ? readStart(driver, sent) : undefined;
    const since = exchanges.slice(index + 1);
    return asked !== undefined && !since.some((later) => later.ending === 'answered' && readStart(driver, later.sent) === asked);
  });
}

/** Unit, function and first register of a Modbus read, in hex; undefined for anything else. */
function readStart(driver: string, sent = ''): string | undefined {
  const bytes = sent.split(' ');
  const read = driver === 'modbus' ? bytes.slice(6) : bytes.slice(0, -2);
  return read.length === 6 && /^0[1-4]$/.test(read[1] ?? '') ? read.slice(0, 4).join(' ') : undefined;
}

function whyUnheard(evidence: Evidence): Diagnosis {
  const { port, names, heardAt, now } = evidence;
  const refusal = port.refused?.findLast(({ what }) => names.some((name) => what.includes(name)));
  if (refusal)
    return {
      cause: 'not-let-in',
      zh: `设备来过，但被拒绝：${refusal.what}（${refusal.why}）。`,
      en: `The device came and was turned away: ${refusal.what} (${refusal.why}).`,
      next: {
        zh: '核对设备上的登录名、密钥和主题，与现场文件里的 address 一致；新密钥：yihu-gateway secret。',
        en: 'Make login, secret and topic in the device fit its address in the site file; a new secret: yihu-gateway secret.',
      },
    };
  if (heardAt === null) return neverHeard(evidence);
  const minutes = Math.max(1, Math.round((now - heardAt) / 60_000));
  return {
    cause: 'fell-silent',
    zh: `设备说过话，${minutes} 分钟前停了。`,
    en: `The device used to speak and stopped ${minutes} min ago.`,
    next: {
      zh: '查电池或供电、信号；网桥（zigbee2mqtt、ChirpStack）后面的设备，先看网桥里它还在不在。',
      en: 'Check battery or power, and its radio; behind a bridge (zigbee2mqtt, ChirpStack), see whether the bridge still has it.',
    },
  };
}

function neverHeard({ names, port }: Evidence): Diagnosis {
  const others = port.refused?.length ?? 0;
  const name = names.join('、');
  return {
    cause: 'never-heard',
    zh: `从没收到过它（${name}）的消息${others > 0 ? `；这个端口拒收过别的 ${others} 条` : ''}。`,
    en: `Nothing was ever heard of it (${names.join(', ')})${others > 0 ? `; the port turned ${others} other things away` : ''}.`,
    next: {
      zh: '看它有没有发：yihu-gateway scan mqtt <地址>；身份要一字不差，包括大小写；设备里填的网关地址和端口对吗？',
      en: 'See whether it sends: yihu-gateway scan mqtt <url>; its identity must fit to the letter; does the device have the gateway’s address and port?',
    },
  };
}

function whyUnanswered(evidence: Evidence): Diagnosis {
  const last = evidence.exchanges.findLast(({ ending }) => ending !== undefined && ending !== 'broadcast');
  switch (last?.ending) {
    case 'refused':
      return refuses(last);
    case 'late':
      return late;
    case 'closed':
      return lineLost;
    case 'nonsense':
      return whatCame(last);
    case 'timeout':
      return noAnswer(evidence);
    case 'answered':
      return speaks;
    case 'broadcast':
    case undefined:
      return evidence.failures > 0 ? noAnswer(evidence) : notYetAsked;
  }
}

/** Bytes that were no answer: our own, somebody else's, or none that anybody can read. */
function whatCame({ sent = '', heard = '' }: Exchange): Diagnosis {
  if (sent !== '' && heard.startsWith(sent)) return echo;
  const frames = [...codecs.values()]
    .filter(({ isText }) => isText !== true)
    .map((codec) => readWire(codec, { text: heard, as: 'hex' }));
  const best = frames.filter(({ frames: found }) => found.length > 0).sort((a, b) => b.covered - a.covered)[0];
  if (best !== undefined && best.covered > 0.6) return otherDevice(best.wire);
  return garbled;
}

const speaks: Diagnosis = {
  cause: 'speaks',
  zh: '设备在说话，没有问题。',
  en: 'The device speaks; nothing is wrong.',
  next: {
    zh: '看数值：网关本地页面，或 yihu-gateway status。',
    en: 'See its values on the gateway’s own page, or yihu-gateway status.',
  },
};

const opening: Diagnosis = {
  cause: 'port-opening',
  zh: '端口正在连接。',
  en: 'The port is being opened.',
  next: { zh: '等几秒再问一次。', en: 'Ask again in some seconds.' },
};

const notYetAsked: Diagnosis = {
  cause: 'not-yet-asked',
  zh: '还没有问过它。',
  en: 'It has not been asked yet.',
  next: { zh: '等它的轮询周期过去，再问一次。', en: 'Wait for its polling period and ask again.' },
};

function portDown({ port }: Evidence): Diagnosis {
  return {
    cause: 'port-down',
    zh: `端口断开：${port.reason?.zh ?? '原因不明。'}`,
    en: `Its port is down: ${port.reason?.en ?? 'nobody knows why.'}`,
    next: {
      zh: '先修好端口；它上面的设备都在等。',
      en: 'Mend the port first; every device on it waits.',
    },
  };
}

/** One that has answered before has the right parameters. */
function noAnswer({ heardAt }: Evidence): Diagnosis {
  const hasSpoken = heardAt !== null;
  return {
    cause: 'no-answer',
    zh: hasSpoken ? '以前应答过，现在一个字节也不回。' : '问了，一个字节也没有回。',
    en: hasSpoken ? 'It used to answer; now not one byte comes back.' : 'It was asked, and not one byte came back.',
    next: hasSpoken
      ? {
          zh: '参数是对的；查供电、接线和终端，同一条线上的其他设备还应答吗？',
          en: 'Its parameters are right; check power, wiring and terminals. Do the others on this line still answer?',
        }
      : {
          zh: '依次查：供电、A/B 是否接反、地址、波特率和校验位。不知道参数时先停网关，再：yihu-gateway scan serial <串口>。',
          en: 'Check in this order: power, A and B swapped, address, baud rate and parity. Where they are not known, stop the gateway and: yihu-gateway scan serial <port>.',
        },
  };
}

const echo: Diagnosis = {
  cause: 'echo',
  zh: '只听到自己发的（回声），设备没有应答。',
  en: 'Only our own bytes came back (an echo); the device did not answer.',
  next: {
    zh: '转换器会回声，这本身无碍；按没有应答来查：供电、A/B、地址、波特率。若 A、B 短接也会这样。',
    en: 'The adapter echoes, which is harmless; look for no answer: power, A and B, address, baud rate. A and B shorted look the same.',
  },
};

function otherDevice(wire: string): Diagnosis {
  return {
    cause: 'other-device',
    zh: `有完整的 ${wire} 报文，但不是它的应答：地址或问的内容对不上。`,
    en: `Whole ${wire} frames came, but no answer of this device: address or subject do not fit.`,
    next: {
      zh: '核对地址；两台设备是否用了同一地址？线上另有主站在问？看清每个字段：yihu-gateway decode --hex "…"。',
      en: 'Check the address; do two devices have the same one? Does another master ask on this line? See each field: yihu-gateway decode --hex "…".',
    },
  };
}

const garbled: Diagnosis = {
  cause: 'garbled',
  zh: '有回音，但校验不对：多半是波特率或校验位不对，或线路有干扰。',
  en: 'Something came whose checksum is wrong: most likely baud rate or parity, or a disturbed line.',
  next: {
    zh: '核对波特率、校验位、停止位；两端各一个 120 Ω 终端电阻；屏蔽层单端接地；两台设备同地址也会这样。',
    en: 'Check baud rate, parity, stop bits; one 120 Ω termination at each end; the shield earthed at one end. Two devices with one address look the same.',
  },
};

function refuses({ note }: Exchange): Diagnosis {
  return {
    cause: 'refuses',
    zh: `设备应答了，但拒绝：${note?.zh ?? ''}`,
    en: `The device answers and refuses: ${note?.en ?? ''}`,
    next: {
      zh: '线路是好的。档案与型号不符：yihu-gateway probe … --profile <档案> 看哪个变体合适。',
      en: 'The line is fine. Profile and model do not fit: yihu-gateway probe … --profile <profile> shows which variant does.',
    },
  };
}

/** It is there, and some of its values may not be: not what one means by "nothing is wrong". */
function refusesPart({ note }: Exchange): Diagnosis {
  return {
    cause: 'refuses-part',
    zh: `设备在说话，但拒绝了一部分：${note?.zh ?? ''}`,
    en: `The device speaks and refused a part of what it was asked: ${note?.en ?? ''}`,
    next: {
      zh: '线路是好的，其余数值照读。某个数值一直缺：档案与型号不符，用 yihu-gateway probe … --profile <档案> 看哪个变体合适。',
      en: 'The line is fine and its other values are read. Where one stays missing, profile and model do not fit: yihu-gateway probe … --profile <profile> shows which variant does.',
    },
  };
}

const late: Diagnosis = {
  cause: 'late',
  zh: '应答了，但太晚，被丢弃。',
  en: 'It answers too late, and the answer was dropped.',
  next: {
    zh: '在现场文件的端口里加大 timeoutMs；串口服务器或 4G 链路慢时常见。',
    en: 'Give the port a longer timeoutMs in the site file; usual behind serial servers and 4G.',
  },
};

const lineLost: Diagnosis = {
  cause: 'line-lost',
  zh: '等应答时线路断了。',
  en: 'The line was lost while its answer was waited for.',
  next: {
    zh: '查转换器的插头、串口服务器的网线和它的连接数上限。',
    en: 'Check the plug of the adapter, the cable of the serial server and how many connections it allows.',
  },
};
