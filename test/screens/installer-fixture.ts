import { diagnose } from '../../gateway/commission/diagnose.ts';
import { guessesAt } from '../../gateway/commission/guess.ts';
import { marksText } from '../../gateway/commission/plausible.ts';
import type { LocalDesk } from '../../gateway/web/needs.ts';
import type {
  LocalAlarmTest,
  LocalDevice,
  LocalDeviceRow,
  LocalLine,
  LocalOverview,
  LocalPoint,
  LocalPort,
  LocalProbe,
  LocalProfile,
  LocalScan,
  LocalValue,
} from '@yihu/device-profiles/vocabulary/local.ts';
import type { ActState } from '@yihu/device-profiles/vocabulary/act.ts';
import type { LocalCommand, LocalOrder } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { LocalClaim } from '@yihu/device-profiles/vocabulary/local-claim.ts';
import type { LocalSurvey } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type { LocalChange, LocalPaired, LocalPlanned, LocalSettings } from '@yihu/device-profiles/vocabulary/local-edit.ts';

/** The desk of changes: a plan of two lines, or what is wrong with it, and a change in one of its states. */
export function fixtureChange(
  state: LocalChange['state'],
  problems: LocalPlanned['problems'] = [],
  paired: LocalPaired | null = null,
): LocalDesk['change'] {
  const isOver = state === 'kept' || state === 'rolled-back';
  const silent = text('设备 meter-13 没有应答 (timeout)。', 'Device meter-13 does not answer (timeout).');
  const reason =
    state === 'rolled-back' ? text(`120 秒内没有验证通过：${silent.zh}`, `Not verified within 120 s: ${silent.en}`) : null;
  const change = { id: 'c1', state, at: 0, missing: isOver ? [] : [silent], leftMs: isOver ? 0 : 87_000, reason };
  const none = { added: [], removed: [], changed: [] };
  const share = (percent: number) => ({ percent, likelyPercent: percent });
  const ports = [
    {
      id: 'meters',
      change: 'changed',
      devices: { ...none, changed: ['meter-13'] },
      budget: { before: share(31), after: share(42) },
    },
    { id: 'doors', change: 'untouched', devices: none, budget: { before: null, after: null } },
  ] as const;
  const lines = [
    { sign: '-', text: '    address: { unit: 12 }' },
    { sign: '+', text: '    address: { unit: 13 }' },
  ] as const;
  return {
    plan: () =>
      Promise.resolve({
        plan: problems.length === 0 ? { isEmpty: false, ports, lines } : null,
        login: paired?.login ?? null,
        problems,
      }),
    submit: () => Promise.resolve({ change: { ...change, paired } }),
    state: () => change,
    undo: () => undefined,
  };
}

/** A test alarm that went all the way, or that found no cloud. */
export function fixtureAlarmTest(device: string, now: number, hasCloud: boolean): LocalAlarmTest {
  const kept = { step: 'kept', ms: 4, text: null, by: null } as const;
  const person = '王芳';
  const away = text(
    '没有连上云端：cloud.example 连不上（ETIMEDOUT）。告警在本机存着，连上就送。',
    'The cloud is not connected: cloud.example cannot be reached (ETIMEDOUT). The alarm is kept here and sent when it is.',
  );
  const end = hasCloud
    ? [
        { step: 'acknowledged', ms: 212, text: null, by: null } as const,
        { step: 'shown', ms: 301, text: null, by: person } as const,
        { step: 'answered', ms: 4_310, text: null, by: person } as const,
        { step: 'cleared', ms: 4_317, text: null, by: null } as const,
      ]
    : [
        { step: 'failed', ms: 30_010, text: away, by: null } as const,
        { step: 'cleared', ms: 30_016, text: null, by: null } as const,
      ];
  return { device, at: now, isOver: true, steps: [kept, { step: 'uplink', ms: 5, text: null, by: null }, ...end] };
}

/** A gateway in a basement as its page shows it: one line well, one with a silent meter, one broker. */

const text = (zh: string, en: string) => ({ zh, en });

function value(point: string, zh: string, en: string, number: number, symbol: string): LocalValue {
  return { point, name: text(zh, en), value: number, valueName: null, symbol, quality: 'good' };
}

export function fixtureDevices(now: number): LocalDeviceRow[] {
  const meter = { port: 'meters', profile: 'chint.ddsu666', category: 'meter.electricity', alarms: [] } as const;
  return [
    {
      ...meter,
      id: 'meter-1',
      name: text('1栋公共用电', 'Building 1 common power'),
      place: text('1栋 地下室配电间', 'building 1, switch room'),
      availability: 'online',
      heardAt: now - 3_000,
      failures: 0,
      headline: [value('energy', '正向有功电能', 'Energy', 18_342.6, 'kWh'), value('power', '有功功率', 'Power', 1.84, 'kW')],
    },
    {
      ...meter,
      id: 'meter-2',
      name: text('2栋公共用电', 'Building 2 common power'),
      place: text('2栋 地下室配电间', 'building 2, switch room'),
      availability: 'offline',
      heardAt: now - 41 * 60_000,
      failures: 27,
      headline: [value('energy', '正向有功电能', 'Energy', 9_207.1, 'kWh'), value('power', '有功功率', 'Power', 0, 'kW')],
    },
    {
      id: 'climate-1',
      port: 'meters',
      profile: 'generic.rs-ws',
      category: 'sensor.temperature-humidity',
      name: text('1栋配电间温湿度', 'Building 1 switch room climate'),
      place: text('1栋 地下室配电间', 'building 1, switch room'),
      availability: 'online',
      heardAt: now - 6_000,
      failures: 0,
      headline: [value('temperature', '温度', 'Temperature', 41.3, '℃'), value('humidity', '湿度', 'Humidity', 38.2, '%RH')],
      alarms: [{ alarm: 'hot', name: text('温度过高', 'Too hot'), severity: 'minor' }],
    },
    {
      id: 'smoke-3-2-502',
      port: 'wireless',
      profile: 'heiman.hs1sa-e',
      category: 'fire.smoke',
      name: text('烟感 3-2-502', 'Smoke detector 3-2-502'),
      place: text('3栋 2单元 502', 'building 3, unit 2, 502'),
      availability: 'unknown',
      heardAt: null,
      failures: 0,
      headline: [],
      alarms: [],
    },
  ];
}

const port = (over: Partial<LocalPort> & Pick<LocalPort, 'id' | 'driver'>): LocalPort => ({
  wire: 'up',
  reason: null,
  notes: [],
  devices: 3,
  heard: 3,
  busyMs: null,
  refused: [],
  ...over,
});

export function fixtureOverview(now: number): LocalOverview {
  return {
    at: now,
    startedAt: now - 3 * 86_400_000,
    gateway: { id: 'gw-xfl-1', name: text('幸福里网关', 'Xingfuli gateway') },
    version: '0.1.0',
    health: 'degraded',
    problems: [
      text(
        '端口 doors（modbus）断开：连不上 192.168.8.20:502（EHOSTUNREACH）。请检查网线和设备电源。',
        'Port doors (modbus) is down: 192.168.8.20:502 cannot be reached (EHOSTUNREACH). Check the cable and its power.',
      ),
    ],
    clock: 'system',
    ports: [
      port({ id: 'meters', driver: 'line', heard: 2, busyMs: 312 }),
      port({
        id: 'doors',
        driver: 'modbus',
        wire: 'down',
        heard: 0,
        devices: 1,
        reason: text('连不上 192.168.8.20:502（EHOSTUNREACH）。', '192.168.8.20:502 cannot be reached (EHOSTUNREACH).'),
      }),
      port({
        id: 'wireless',
        driver: 'mqtt',
        devices: 1,
        heard: 0,
        refused: [{ at: now - 60_000, what: 'smoke-9/up', why: 'unknown device' }],
      }),
    ],
    devices: { online: 2, late: 0, offline: 1, unknown: 1 },
    waiting: [],
    uplink: { wire: 'connected', reason: null, buffered: { alarm: 0, telemetry: 12 } },
    log: { bytes: 48_200_000, full: false },
    history: { kind: 'embedded', state: 'up', buffered: 0 },
  };
}

const point = (shown: LocalValue, source: string, at: number): LocalPoint => ({ ...shown, reason: null, at, source });

export function fixtureDevice(id: string, now: number): LocalDevice | null {
  const row = fixtureDevices(now).find((device) => device.id === id);
  if (!row) return null;
  const isSilent = row.failures > 0;
  const at = row.heardAt ?? now;
  return {
    ...row,
    at: now,
    profileName: text('单相电能表', 'Single-phase meter'),
    maker: text('正泰', 'Chint'),
    model: 'DDSU666',
    driver: row.port === 'wireless' ? 'mqtt' : 'line',
    address: row.port === 'wireless' ? 'identity smoke-3-2-502' : 'unit 12',
    fault: isSilent ? 'timeout' : null,
    breaker: isSilent ? 'open' : 'closed',
    wire: 'up',
    wireReason: null,
    diagnosis: diagnosisOf(row, now),
    alarmTest: null,
    commands: id.startsWith('climate') ? fixtureCommands : [],
    orders: [],
    points: [
      point(value('voltage', '电压', 'Voltage', 229.4, 'V'), 'holding 0x2000 · f32 ABCD', at),
      point(value('current', '电流', 'Current', 8.02, 'A'), 'holding 0x2002 · f32 ABCD', at),
      point(value('power', '有功功率', 'Power', 1.84, 'kW'), 'holding 0x2004 · f32 ABCD', at),
      point(value('energy', '正向有功电能', 'Energy', 18_342.6, 'kWh'), 'holding 0x4000 · f32 ABCD', at),
      {
        ...point(value('factor', '功率因数', 'Power factor', 1.4, ''), 'holding 0x200A · f32 ABCD', at),
        quality: 'bad',
        reason: 'out-of-range',
      },
    ],
    exchanges: isSilent ? silentExchanges(now) : wellExchanges(now),
  };
}

function diagnosisOf({ id, port: own, heardAt, failures, availability }: LocalDeviceRow, now: number) {
  const isPolled = own !== 'wireless';
  const exchanges = failures > 0 ? [{ at: now, sent: '0c 03 20 00 00 0c 4e d2', ending: 'timeout' as const }] : [];
  const names = isPolled ? [] : [id];
  const port = { wire: 'up' as const };
  const evidence = { device: id, driver: 'line', isPolled, port, heardAt, failures, availability, exchanges, names, now };
  const { cause, zh, en, next } = diagnose(evidence);
  return { cause, text: { zh, en }, next };
}

function silentExchanges(now: number): LocalDevice['exchanges'] {
  const note = text(
    '没有任何应答（300 ms）。检查供电、接线（A/B 是否接反）、地址和串口参数。',
    'Not one byte came back (300 ms). Check power, wiring (A and B may be swapped), address and serial settings.',
  );
  return [0, 1, 2].map((i) => ({ at: now - i * 60_000, sent: '0c 03 20 00 00 0c 4e d2', tookMs: 300, note }));
}

function wellExchanges(now: number): LocalDevice['exchanges'] {
  return [0, 1].map((i) => ({
    at: now - i * 5_000,
    sent: '0b 03 20 00 00 04 4f 63',
    heard: '0b 03 08 43 65 66 66 41 00 51 ec 7d 1a',
    tookMs: 41.2,
    note: text('正常应答。', 'Answered.'),
  }));
}

export function fixtureProfiles(): LocalProfile[] {
  const of = (id: string, zh: string, en: string, tier: LocalProfile['tier']): LocalProfile => ({
    id,
    name: text(zh, en),
    maker: text('正泰', 'Chint'),
    model: id.split('.')[1]?.toUpperCase() ?? '',
    category: 'meter.electricity',
    protocol: 'modbus',
    tier,
    points: 12,
    alarms: 3,
    params: [],
    variants: [],
  });
  return [
    of('chint.ddsu666', '单相电能表', 'Single-phase meter', 'silver'),
    of('chint.dtsu666', '三相电能表', 'Three-phase meter', 'gold'),
    of('generic.rs-ws', '温湿度变送器', 'Climate transmitter', 'bronze'),
  ];
}

export const fixtureLines: LocalLine[] = [
  { place: '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0', port: 'meters', devices: 3 },
  { place: '/dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0', port: null, devices: 0 },
];

export function fixtureScan(now: number): LocalScan {
  const found = { wire: 'modbus', kind: 'Modbus', profiles: [], shape: '9600 8N1' };
  return {
    place: fixtureLines[0]?.place ?? '',
    state: 'asking',
    at: now - 4_000,
    atMostMs: 82_000,
    asking: 'modbus 13 · 9600 8N1',
    done: 12,
    of: 324,
    found: [
      { ...found, address: { unit: 11 }, tookMs: 41, known: 'meter-1' },
      { ...found, address: { unit: 12 }, tookMs: 38, known: null },
    ],
    noise: 1,
    reason: null,
  };
}

export function fixtureProbe(): LocalProbe {
  const block = { start: 0x2000, words: [0x4365, 0x6666, 0x4100, 0x51ec, 0x08f6, 0x0000, 0xffff, 0x00fa] };
  const registers = block.words.map((word, i) => ({
    at: block.start + i,
    hex: word.toString(16).padStart(4, '0').toUpperCase(),
    guesses: guessesAt(block, block.start + i).map(({ type, order, value, score, marks }) => ({
      type,
      order,
      value: value === null ? null : String(value),
      score,
      mark: marks.length === 0 ? null : marksText(marks),
    })),
  }));
  return { registers, refused: [{ at: 0x2008, exception: 2 }] };
}

export function fixtureSettings(id: string): LocalSettings {
  return {
    id,
    name: '1栋公共用电',
    port: 'meters',
    ports: ['meters', 'meters-2'],
    place: { building: '1', note: '地下室配电间' },
    address: { unit: 12 },
    login: id === 'meter-paired' ? 'meter-paired' : null,
    params: [
      {
        id: 'rated',
        name: text('额定电流', 'Rated current'),
        symbol: 'A',
        value: 60,
        default: 40,
        min: 1,
        max: 100,
        ask: true,
        ref: 'DDSU666 使用说明书 第 3 页',
      },
    ],
    alarms: [
      {
        id: 'over-voltage',
        name: text('电压过高', 'Over-voltage'),
        ref: 'GB/T 12325-2008 第 4.3 条：220 V 单相供电电压偏差 +7 %、-10 %',
        compares: 'above',
        symbol: 'V',
        usual: { limit: 235.4, clear: 233, forS: 60, severity: 'minor' },
        own: { limit: null, clear: null, forS: null, severity: null, off: false },
      },
      {
        id: 'reversed',
        name: text('接线反了', 'Wired the wrong way round'),
        ref: null,
        compares: null,
        symbol: '',
        usual: { limit: null, clear: null, forS: 0, severity: 'warning' },
        own: { limit: null, clear: null, forS: null, severity: null, off: true },
      },
    ],
    parts: [
      {
        id: 'gb26875.gas',
        name: text('可燃气体探测器', 'Combustible gas detector behind a panel'),
        params: [
          {
            id: 'gas_low',
            name: text('泄漏预警限值', 'Early warning limit'),
            symbol: '%LEL',
            value: 4,
            default: 8,
            min: 3,
            max: 50,
            ask: false,
            ref: 'GB 15322',
          },
        ],
        alarms: [],
      },
    ],
  };
}

const fixtureCommands: readonly LocalCommand[] = [
  {
    id: 'fan',
    name: text('风机', 'Fan'),
    args: [
      {
        id: 'level',
        name: text('档位', 'Level'),
        symbol: '',
        type: 'number',
        min: 0,
        max: 3,
        choices: [
          { value: '0', name: text('停', 'Off') },
          { value: '3', name: text('高速', 'High') },
        ],
      },
    ],
    needsTwo: false,
    isReadBack: true,
  },
  { id: 'release', name: text('释放灭火剂', 'Release'), args: [], needsTwo: true, isReadBack: false },
];

export function fixtureOrder(state: ActState, over: Partial<LocalOrder> = {}): LocalOrder {
  const isOver = !['awaiting', 'accepted', 'sent'].includes(state);
  return {
    id: 'local:o-1',
    device: 'climate-1',
    command: 'fan',
    name: text('风机', 'Fan'),
    args: { level: 3 },
    state,
    at: Date.now() - 2_000,
    by: ['local/王工'],
    reason: null,
    isReadBack: true,
    isOver,
    shown: null,
    ...over,
  };
}

export function fixtureOrders(state: ActState): LocalDesk['orders'] {
  const order = () => Promise.resolve({ order: fixtureOrder(state) });
  return { give: order, answer: order };
}

export function fixtureSurvey(kind: LocalSurvey['kind'], state: LocalSurvey['state']): LocalSurvey {
  const tcp = (host: string, what: LocalSurvey['found'][number]['what'], known: LocalSurvey['found'][number]['known']) => ({
    name: `${host}:502`,
    what,
    profiles: [],
    known,
    add: { port: 'p-1', newPort: { driver: 'modbus', host, port: 502 }, address: { unit: 1 }, profile: '' } as const,
  });
  const found = {
    tcp: [
      tcp('192.168.8.20', text('Modbus TCP · 站号 1 应答', 'Modbus TCP · unit 1 answers'), { port: 'doors' }),
      tcp('192.168.8.41', text('Modbus TCP · 站号 1 2 应答', 'Modbus TCP · unit 1 2 answers'), null),
      { ...tcp('192.168.8.77', text('端口开着，不说 Modbus', 'Open, speaks no Modbus'), null), add: null },
    ],
    mqtt: [
      {
        name: '0x00158d0001a2b3c4',
        what: text('zigbee2mqtt · 厨房烟感 · HS1SA-E', 'zigbee2mqtt · kitchen · HS1SA-E'),
        profiles: ['heiman.hs1sa-e'],
        known: null,
        add: { port: 'wireless', newPort: null, address: { identity: '0x00158d0001a2b3c4' }, profile: 'heiman.hs1sa-e' },
      },
    ],
    cameras: [],
    zigbee: [
      {
        name: '0x00158d0001a2b3c4',
        what: text('正在询问它是什么', 'being asked what it is'),
        profiles: [],
        known: null,
        add: null,
      },
    ],
  }[kind];
  const isOpen = state === 'running';
  return {
    kind,
    state,
    at: Date.now() - 4_000,
    atMostMs: 30_000,
    done: isOpen ? 640 : 1524,
    of: 1524,
    found: state === 'failed' ? [] : found,
    note: null,
    reason:
      state === 'failed'
        ? text('mqtt://192.168.8.5:1883 连不上（ECONNREFUSED）。请核对地址和端口。', 'mqtt://192.168.8.5:1883 cannot be reached.')
        : null,
  };
}

export function fixtureSurveys(survey: LocalSurvey | null): LocalDesk['surveys'] {
  return {
    places: () => ({
      declared: ['192.168.8.0/24'],
      own: ['192.168.8.0/24', '10.0.3.0/24'],
      brokers: ['mqtt://192.168.8.5:1883'],
    }),
    start: ({ kind }) => ({ survey: fixtureSurvey(kind, 'running') }),
    now: () => survey,
    stop: () => undefined,
  };
}

export const fixtureIdentity = {
  gateway: 'gw-xfl-1',
  digits: '482 913',
  cloud: 'yihu.example.cn:8883',
  notAfter: Date.UTC(2027, 1, 3),
};

export function fixtureClaiming(over: Partial<LocalClaim>): LocalDesk['claiming'] {
  const state = { isOff: false, isBusy: false, problem: null, identity: null, wire: null, reason: null, ...over };
  return { state: () => Promise.resolve(state), start: () => null };
}
