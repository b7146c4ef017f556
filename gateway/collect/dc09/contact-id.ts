import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** `EEEE gg zzz`: what a Contact ID event says (SIA DC-05; in DC-09 the qualifier and the code stand together). */
export interface ContactId {
  /** 1: new event or opening; 3: restore or closing; 6: still so (status report). */
  readonly qualifier: '1' | '3' | '6';
  readonly code: string;
  readonly group: string;
  /** 防区号 or user number; 0: the host itself. */
  readonly number: number;
  /** The account in the data, where there is one. */
  readonly account: string;
}

/** Of `#acct|1130 00 012` and of `|E130 00 012`, as some hosts write qualifiers; null: it is none. */
export function contactId(data: string): ContactId | null {
  const parts = /^(?:#([0-9A-Za-z]{1,16}))?\|?([136ERP])([0-9A-Fa-f]{3}) ([0-9A-Fa-f]{2}) ([0-9A-Fa-f]{3})$/.exec(data);
  if (!parts) return null;
  const [, account = '', letter = '', code = '', group = '', zone = ''] = parts;
  const qualifier = letter === 'E' ? '1' : letter === 'R' ? '3' : letter === 'P' ? '6' : (letter as '1' | '3' | '6');
  // Numbers are decimal; a host that counts on in hex is still told apart.
  const number = /^\d+$/.test(zone) ? Number(zone) : Number.parseInt(zone, 16) + 1_000;
  return { qualifier, code: code.toUpperCase(), group, number, account };
}

/** Codes whose number is a zone (防区). With others it is a user, a module or nothing: they are of the host. */
export function isOfZone(code: string): boolean {
  // 121 (duress), 124 and 125 are raised by a user's code; 30x–36x are troubles of the host and its modules.
  if (code === '121' || code === '124' || code === '125') return false;
  return /^(1|20|21|37|38|39|57)/.test(code);
}

/** Names of the codes that hosts in communities send (SIA DC-05 annex, and the zone troubles of Chinese makers). */
export const codes: Readonly<Record<string, Text>> = {
  '100': { zh: '医疗求助', en: 'Medical' },
  '101': { zh: '个人求助', en: 'Personal emergency' },
  '102': { zh: '未按时报到', en: 'Failed to report in' },
  '110': { zh: '火警', en: 'Fire' },
  '111': { zh: '烟感火警', en: 'Smoke' },
  '112': { zh: '燃烧火警', en: 'Combustion' },
  '113': { zh: '水警（水流）', en: 'Water flow' },
  '114': { zh: '感温火警', en: 'Heat' },
  '115': { zh: '手动火警', en: 'Pull station' },
  '116': { zh: '风道火警', en: 'Duct' },
  '117': { zh: '火焰火警', en: 'Flame' },
  '118': { zh: '火警预报', en: 'Near alarm' },
  '120': { zh: '紧急报警', en: 'Panic' },
  '121': { zh: '胁迫', en: 'Duress' },
  '122': { zh: '静音紧急报警', en: 'Silent panic' },
  '123': { zh: '有声紧急报警', en: 'Audible panic' },
  '130': { zh: '盗警', en: 'Burglary' },
  '131': { zh: '周界盗警', en: 'Perimeter' },
  '132': { zh: '室内盗警', en: 'Interior' },
  '133': { zh: '24 小时盗警', en: '24 hour burglary' },
  '134': { zh: '出入口盗警', en: 'Entry or exit' },
  '136': { zh: '室外盗警', en: 'Outdoor' },
  '137': { zh: '防拆', en: 'Tamper' },
  '140': { zh: '一般报警', en: 'General alarm' },
  '143': { zh: '扩展模块故障', en: 'Expansion module failure' },
  '144': { zh: '探测器防拆', en: 'Sensor tamper' },
  '145': { zh: '模块防拆', en: 'Module tamper' },
  '150': { zh: '24 小时辅助报警', en: '24 hour auxiliary' },
  '151': { zh: '燃气报警', en: 'Gas detected' },
  '152': { zh: '制冷异常', en: 'Refrigeration' },
  '153': { zh: '供暖异常', en: 'Loss of heat' },
  '154': { zh: '漏水', en: 'Water leakage' },
  '158': { zh: '温度过高', en: 'High temperature' },
  '159': { zh: '温度过低', en: 'Low temperature' },
  '161': { zh: '风量不足', en: 'Loss of air flow' },
  '162': { zh: '一氧化碳', en: 'Carbon monoxide' },
  '200': { zh: '消防监管', en: 'Fire supervisory' },
  '201': { zh: '水压过低', en: 'Low water pressure' },
  '203': { zh: '闸阀异常', en: 'Gate valve' },
  '204': { zh: '水位过低', en: 'Low water level' },
  '300': { zh: '系统故障', en: 'System trouble' },
  '301': { zh: '主机交流断电', en: 'AC loss' },
  '302': { zh: '主机电池电量低', en: 'Low system battery' },
  '305': { zh: '主机重启', en: 'System reset' },
  '306': { zh: '主机编程改动', en: 'Programming changed' },
  '309': { zh: '电池测试未通过', en: 'Battery test failure' },
  '311': { zh: '主机电池缺失或损坏', en: 'Battery missing or dead' },
  '321': { zh: '警号故障', en: 'Bell trouble' },
  '333': { zh: '扩展模块故障', en: 'Expansion module trouble' },
  '350': { zh: '通信故障', en: 'Communication trouble' },
  '351': { zh: '电话线 1 故障', en: 'Telephone line 1' },
  '354': { zh: '上报失败', en: 'Failure to communicate' },
  '370': { zh: '防区回路故障', en: 'Protection loop' },
  '371': { zh: '防区回路断路', en: 'Protection loop open' },
  '372': { zh: '防区回路短路', en: 'Protection loop short' },
  '373': { zh: '火警回路故障', en: 'Fire loop trouble' },
  '380': { zh: '探测器故障', en: 'Sensor trouble' },
  '381': { zh: '无线探测器失联', en: 'Loss of supervision, radio' },
  '382': { zh: '有线探测器失联', en: 'Loss of supervision, wired' },
  '383': { zh: '探测器防拆', en: 'Sensor tamper' },
  '384': { zh: '探测器电池电量低', en: 'Sensor battery low' },
  '387': { zh: '探测器受强光干扰', en: 'Detector blinded by light' },
  '393': { zh: '探测器失联', en: 'Detector lost' },
  '400': { zh: '撤防/布防', en: 'Open or close' },
  '401': { zh: '用户撤防/布防', en: 'Open or close by user' },
  '403': { zh: '自动撤防/布防', en: 'Automatic open or close' },
  '406': { zh: '取消报警', en: 'Cancelled' },
  '407': { zh: '远程撤防/布防', en: 'Remote open or close' },
  '408': { zh: '快速布防', en: 'Quick arm' },
  '409': { zh: '钥匙撤防/布防', en: 'Key switch open or close' },
  '441': { zh: '留守布防', en: 'Armed stay' },
  '456': { zh: '部分布防', en: 'Partial arm' },
  '461': { zh: '密码错误', en: 'Wrong code' },
  '570': { zh: '防区旁路', en: 'Zone bypass' },
  '573': { zh: '盗警防区旁路', en: 'Burglary bypass' },
  '601': { zh: '手动测试', en: 'Manual test' },
  '602': { zh: '定期测试', en: 'Periodic test' },
  '607': { zh: '步行测试', en: 'Walk test' },
  '625': { zh: '时间日期已设置', en: 'Time or date set' },
};

/** The class of a code nobody has a name for, by its first digit. */
const classes: Readonly<Record<string, Text>> = {
  '1': { zh: '报警', en: 'Alarm' },
  '2': { zh: '监管', en: 'Supervisory' },
  '3': { zh: '故障', en: 'Trouble' },
  '4': { zh: '撤布防与远程操作', en: 'Open, close, remote access' },
  '5': { zh: '旁路与停用', en: 'Bypass, disable' },
  '6': { zh: '测试与其他', en: 'Test, other' },
};

export function codeName(code: string): Text {
  return codes[code] ?? classes[code[0] ?? ''] ?? { zh: '厂家自定义', en: "Maker's own" };
}
