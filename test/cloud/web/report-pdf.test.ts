import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { IncidentReport } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import { describe, expect, it } from 'vitest';
import { areaReportPdf } from '../../../cloud/web/area-report-pdf.ts';
import { reportPdf } from '../../../cloud/web/report-pdf.ts';
import { read } from './paper-reader.ts';

const [at, day] = [Date.UTC(2026, 9, 31, 16), 86_400_000];
const quick = { count: 20, median: 95_000, ninth: 3_700_000 };

function area(more: Partial<AreaReport> = {}): AreaReport {
  return {
    area: 'xingfu/xfl',
    areaName: 'Xingfuli',
    from: at,
    to: at + 30 * day,
    madeAt: at + 30 * day + 1000,
    alarms: [{ severity: 'major', total: 1204, real: 1, false: 1200, setAside: 2, unjudged: 1 }],
    byHazard: [{ hazard: 'fire', alarms: 3, incidents: 1 }],
    incidents: [{ severity: 'critical', total: 1, open: 0, false: 1 }],
    toAck: quick,
    toDispatch: quick,
    toEnd: { count: 0, median: null, ninth: null },
    windows: 2,
    devices: { total: 3000, online: 2999, late: 0, offline: 1, unknown: 0 },
    falseAlarms: [
      {
        gateway: 'gw',
        device: 'smoke',
        deviceName: { zh: '烟感', en: 'Smoke detector' },
        area: 'xingfu/xfl',
        alarms: 9,
        real: 0,
        false: 9,
        setAside: 0,
        unjudged: 0,
        rate: 1,
      },
    ],
    consumption: [{ kind: 'electricity', symbol: 'kWh', used: 1686.4, meters: 12, unread: 1 }],
    meters: [],
    ...more,
  };
}

function incident(more: Partial<IncidentReport> = {}): IncidentReport {
  const line = { edgeAt: null, kind: 'note', actor: null, actorName: null, data: {} } as const;
  return {
    schema: 'yihu-report/1',
    id: 'i1',
    number: '20261101-07',
    title: { zh: '火警', en: 'Fire' },
    hazard: 'fire',
    severity: 'critical',
    state: 'closed',
    area: 'xingfu/xfl',
    areaName: 'Xingfuli',
    place: '3-2-1201',
    openedAt: at,
    edgeAt: at,
    updatedAt: at,
    ackedAt: at,
    dispatchedAt: null,
    alarmCount: 1,
    activeCount: 0,
    unackedCount: 0,
    childCount: 0,
    commander: 'Li',
    legs: [{ id: 'l', person: 'p', personName: 'Wang', state: 'en-route', at }],
    disposition: 'real',
    version: 1,
    alarms: [],
    steps: [
      {
        id: 's',
        text: { zh: '打电话', en: 'Call' },
        role: 'grid',
        state: 'skipped',
        dueAt: null,
        doneAt: at,
        by: 'Wang',
        reason: 'seen',
      },
    ],
    timeline: [
      { ...line, seq: 1, at, text: { zh: '报警', en: 'Alarm' }, hash: 'a1' },
      { ...line, seq: 2, at: at + 1000, text: { zh: '确认', en: 'Confirmed' }, hash: 'b2' },
    ],
    moves: [],
    madeAt: at + day,
    clocks: { toAck: 12_000, toDispatch: null, toScene: null, toControl: null, toEnd: 3_900_000 },
    tasks: [],
    onward: null,
    rollCalls: [],
    merged: [],
    calls: [],
    ...more,
  };
}

const han = /\p{Script=Han}/u;

describe('月报 on paper', () => {
  it('begins with what it is, of which area and period, and when it was made', () => {
    const { texts } = read(areaReportPdf(area()));
    expect(texts.slice(0, 8).join('|')).toBe(
      '运行报告|Xingfuli|期间|2026-11-01 至 2026-11-30|制表时间|2026-12-01 00:00:01|维护窗口|2 次',
    );
  });

  it('reads as tables, row by row', () => {
    const text = read(areaReportPdf(area())).texts.join('|');
    expect(text).toContain('水电气热用量|种类|用量|单位|表数|没有读数|电|1,686.4|kWh|12|1|');
    expect(text).toContain('应答|1 分 35 秒|1 小时 1 分|20|');
    expect(text).toContain('结束|—|—|0|'.replaceAll('—', '\u0097'));
    expect(text).toContain('烟感|9|9|100%|');
  });

  it('says of every part that there was nothing', () => {
    const { texts } = read(areaReportPdf(area({ alarms: [], byHazard: [], incidents: [], consumption: [], falseAlarms: [] })));
    expect(texts.filter((text) => text === '（无）')).toHaveLength(5);
  });

  it('is English to the last word for who reads English', () => {
    const { objects, texts } = read(areaReportPdf(area(), 'en'));
    expect(texts.filter((text) => han.test(text))).toEqual([]);
    expect(objects[0]).toContain('/Lang (en)');
    expect(texts.join('|')).toContain('Smoke detector|9|9|100%|');
  });
});

describe('事后报告 on paper', () => {
  it('says who was sent in words, and below each timeline its last hash', () => {
    const merged = [{ ...incident(), number: '20261101-08' }];
    const text = read(reportPdf(incident({ merged }))).texts.join('|');
    expect(text).toContain('处置人员|姓名|状态|时间|Wang|前往|2026-11-01 00:00:00|');
    expect(text).toContain('预案步骤|内容|状态|谁|原因|打电话|跳过|Wang|seen|');
    expect(text).toContain('|2|2026-11-01 00:00:01|确认|末行哈希 b2|并入的事件 20261101-08|');
    expect(text).toContain('12 秒|');
    expect(text).toContain('现场指挥签字：|值班负责人签字：|');
  });

  it('is English to the last word for who reads English', () => {
    const onward = { incident: 'i1', receiver: '119', how: 'phone', text: 'Smoke', byName: 'Li', at } as const;
    const { texts } = read(reportPdf(incident({ onward }), 'en'));
    expect(texts.filter((text) => han.test(text))).toEqual([]);
    expect(texts.join('|')).toContain('Alarm|2|2026-11-01 00:00:01|Confirmed|Hash of the last line b2|');
  });
});
