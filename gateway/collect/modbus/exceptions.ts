interface Sentence {
  readonly zh: string;
  readonly en: string;
}

/** Modbus Application Protocol 1.1b3, §7: what the slave's refusal means and what to do next. */
const known: Record<number, Sentence & { readonly name: string }> = {
  1: {
    name: 'illegal function',
    zh: '设备不支持该功能码。请核对设备档案中的寄存器区（线圈、离散输入、输入、保持）。',
    en: 'The device does not know this function. Check the table (coil, discrete, input, holding) in the profile.',
  },
  2: {
    name: 'illegal data address',
    zh: '设备没有该寄存器地址。请核对地址是从 0 还是从 1 起算，以及型号是否一致。',
    en: 'The device has no such register. Check whether addresses count from 0 or 1, and that the model is right.',
  },
  3: {
    name: 'illegal data value',
    zh: '设备不接受请求的数量或数值。请减少一次读取的寄存器数。',
    en: 'The device refuses the count or the value. Read fewer registers at once.',
  },
  4: {
    name: 'server device failure',
    zh: '设备内部故障。请查看设备指示灯，必要时断电重启。',
    en: 'The device reports an internal failure. Look at its lamps; power it off and on if needed.',
  },
  5: {
    name: 'acknowledge',
    zh: '设备已接受请求，处理需要时间，稍后再读。',
    en: 'The device accepted the request and needs time. Read again later.',
  },
  6: {
    name: 'server device busy',
    zh: '设备正忙，稍后再读；若一直如此，请放慢轮询。',
    en: 'The device is busy. Read again later; poll more slowly if it stays so.',
  },
  8: {
    name: 'memory parity error',
    zh: '设备存储校验出错，可能需要检修。',
    en: 'The device found a parity error in its memory. It may need service.',
  },
  10: {
    name: 'gateway path unavailable',
    zh: '网关没有到该从站的通道。请核对网关的串口配置和从站地址。',
    en: 'The gateway has no path to this unit. Check its serial settings and the unit id.',
  },
  11: {
    name: 'gateway target device failed to respond',
    zh: '网关后面的从站没有应答。请检查从站供电、接线和地址。',
    en: 'The unit behind the gateway did not answer. Check its power, wiring and unit id.',
  },
};

/** The standard's name of an exception code, for logs and details. */
export function exceptionName(code: number): string {
  return known[code]?.name ?? 'unknown exception';
}

/** What exception `code` means and what to do next. */
export function exceptionText(code: number): Sentence {
  const found = known[code];
  if (found) return { zh: `异常码 ${code}：${found.zh}`, en: `Exception ${code} (${found.name}): ${found.en}` };
  return {
    zh: `异常码 ${code}：标准中没有此码，请查设备手册。`,
    en: `Exception ${code}: not in the standard; see the device's manual.`,
  };
}
