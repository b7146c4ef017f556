import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { IncidentClocks } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { Leg, PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Language } from '@yihu/device-profiles/vocabulary/text.ts';

type MeterKind = AreaReport['consumption'][number]['kind'];
/** What has a name for each of its values. */
interface Named {
  readonly level: Readonly<Record<Severity, string>>;
  readonly hazard: Readonly<Record<Hazard, string>>;
  readonly meter: Readonly<Record<MeterKind, string>>;
  readonly step: Readonly<Record<PlanStep['state'], string>>;
  readonly leg: Readonly<Record<Leg['state'], string>>;
  readonly clock: Readonly<Record<keyof IncidentClocks, string>>;
}

/** 报告的文字: what documents to print say, the Chinese first. */
const zh = {
  level: { critical: 'I 级', major: 'II 级', minor: 'III 级', warning: 'IV 级' },
  hazard: {
    fire: '火灾',
    gas: '燃气',
    water: '水情',
    person: '人身求助',
    security: '安防',
    equipment: '设备',
    environment: '环境',
    communication: '通信',
  },
  meter: { electricity: '电', water: '水', gas: '燃气', heat: '热' },
  step: { pending: '未做', 'in-progress': '进行中', done: '完成', skipped: '跳过', blocked: '受阻' },
  leg: {
    offered: '待应答',
    accepted: '已接',
    'en-route': '前往',
    'on-scene': '到场',
    done: '完成',
    declined: '拒绝',
    expired: '未应答',
    cancelled: '取消',
  },
  clock: { toAck: '应答', toDispatch: '派出', toScene: '到场', toControl: '控制', toEnd: '结束' },
  none: '（无）',
  never: '—',
  area: '区域',
  period: '期间',
  madeAt: '制表时间',
  made: '制表',
  until: ' 至 ',
  areaTitle: '运行报告',
  windows: '维护窗口',
  times: ' 次',
  devices: '设备（制表时）',
  online: '在线',
  late: '迟到',
  offline: '离线',
  unknown: '未知',
  all: '合计',
  incidents: '事件',
  severity: '级别',
  open: '未结',
  false: '误报',
  quickness: '处置时间',
  stage: '环节',
  median: '中位数',
  ninth: '九成以内',
  count: '起数',
  alarms: '告警',
  real: '属实',
  setAside: '测试和演练',
  unjudged: '未认定',
  hazards: '类别',
  consumption: '水电气热用量',
  kind: '种类',
  used: '用量',
  unit: '单位',
  meters: '表数',
  unread: '没有读数',
  falseAlarms: '误报多的设备',
  device: '设备',
  rate: '误报率',
  incidentTitle: '突发事件处置报告',
  number: '编号',
  place: '地点',
  openedAt: '开始',
  commander: '现场指挥',
  alarmCount: '告警条数',
  reached: '用时（自开始）',
  people: '处置人员',
  person: '姓名',
  state: '状态',
  time: '时间',
  steps: '预案步骤',
  content: '内容',
  by: '谁',
  reason: '原因',
  onward: '上报',
  receiver: '接报单位',
  timeline: '时间线',
  merged: '并入的事件 ',
  lastHash: '末行哈希 ',
  verify: '核对：导出 JSON 后运行 yihu-cloud verify，末行哈希应与上面相同。',
  signCommander: '现场指挥签字：',
  signDuty: '值班负责人签字：',
  hour: ' 小时',
  minute: ' 分',
  second: ' 秒',
};

export type ReportWords = Readonly<Record<Exclude<keyof typeof zh, keyof Named>, string>> & Named;

const en: ReportWords = {
  level: { critical: 'Level I', major: 'Level II', minor: 'Level III', warning: 'Level IV' },
  hazard: {
    fire: 'Fire',
    gas: 'Gas',
    water: 'Water',
    person: 'Person in need',
    security: 'Security',
    equipment: 'Equipment',
    environment: 'Environment',
    communication: 'Communication',
  },
  meter: { electricity: 'Electricity', water: 'Water', gas: 'Gas', heat: 'Heat' },
  step: { pending: 'not done', 'in-progress': 'under way', done: 'done', skipped: 'skipped', blocked: 'blocked' },
  leg: {
    offered: 'asked',
    accepted: 'accepted',
    'en-route': 'on the way',
    'on-scene': 'on scene',
    done: 'done',
    declined: 'declined',
    expired: 'no answer',
    cancelled: 'called off',
  },
  clock: {
    toAck: 'Acknowledged',
    toDispatch: 'Sent',
    toScene: 'On scene',
    toControl: 'Under control',
    toEnd: 'Ended',
  },
  none: 'None',
  never: '—',
  area: 'Area',
  period: 'Period',
  madeAt: 'Made at',
  made: 'Made',
  until: ' to ',
  areaTitle: 'Operations report',
  windows: 'Maintenance',
  times: ' windows',
  devices: 'Devices (when this was made)',
  online: 'Online',
  late: 'Late',
  offline: 'Offline',
  unknown: 'Unknown',
  all: 'In all',
  incidents: 'Incidents',
  severity: 'Level',
  open: 'Open',
  false: 'False',
  quickness: 'Response times',
  stage: 'Until',
  median: 'Median',
  ninth: 'Nine in ten within',
  count: 'Incidents',
  alarms: 'Alarms',
  real: 'Real',
  setAside: 'Tests and drills',
  unjudged: 'Not judged',
  hazards: 'Kinds',
  consumption: 'Water, electricity, gas and heat',
  kind: 'Kind',
  used: 'Used',
  unit: 'Unit',
  meters: 'Meters',
  unread: 'Not read',
  falseAlarms: 'Devices with false alarms',
  device: 'Device',
  rate: 'False rate',
  incidentTitle: 'After-action report',
  number: 'Number',
  place: 'Place',
  openedAt: 'Opened',
  commander: 'Commander',
  alarmCount: 'Alarms',
  reached: 'Times (since the opening)',
  people: 'People sent',
  person: 'Name',
  state: 'State',
  time: 'Time',
  steps: 'Steps of the plan',
  content: 'What',
  by: 'Who',
  reason: 'Reason',
  onward: 'Reported onward',
  receiver: 'Receiver',
  timeline: 'Timeline',
  merged: 'Merged incident ',
  lastHash: 'Hash of the last line ',
  verify: 'To check: export as JSON and run yihu-cloud verify; the hash of the last line must be the one above.',
  signCommander: 'Commander: ',
  signDuty: 'Head of the shift: ',
  hour: ' h',
  minute: ' min',
  second: ' s',
};

export const reportWords: Readonly<Record<Language, ReportWords>> = { zh, en };

/** A length of time in the two largest units that are not nothing. */
export function spanText(ms: number | null, words: ReportWords): string {
  if (ms === null) return words.never;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours}${words.hour} ${minutes}${words.minute}`;
  return minutes > 0 ? `${minutes}${words.minute} ${seconds % 60}${words.second}` : `${seconds}${words.second}`;
}

/** Moments as documents write them in either language: `2026-11-29 08:03:05`, and the day alone. */
export function momentsOf(timeZone: string): { day: (at: number) => string; when: (at: number) => string } {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const when = (at: number) => format.format(at);
  return { when, day: (at) => when(at).slice(0, 10) };
}
