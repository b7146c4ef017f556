import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { type Language, textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Block } from './paper/layout.ts';
import { documentOf } from './paper/pdf.ts';
import { momentsOf, type ReportWords, reportWords, spanText } from './report-words.ts';

/** 月报 as a document to print and to hand on. */
export function areaReportPdf(report: AreaReport, language: Language = 'zh', timeZone = 'Asia/Shanghai'): Buffer {
  const words = reportWords[language];
  const { day, when } = momentsOf(timeZone);
  const period = `${day(report.from)}${words.until}${day(report.to - 1)}`;
  const blocks: Block[] = [
    { kind: 'title', text: words.areaTitle },
    { kind: 'lead', text: report.areaName },
    {
      kind: 'facts',
      facts: [
        [words.period, period],
        [words.madeAt, when(report.madeAt)],
        [words.windows, `${report.windows}${words.times}`],
      ],
    },
    { kind: 'rule' },
    ...devices(report, words),
    ...happenings(report, words),
    ...consumption(report, words),
    ...falseAlarms(report, words, language),
  ];
  return documentOf(blocks, {
    title: `${report.areaName} ${words.areaTitle} ${period}`,
    running: `${words.areaTitle}　${period}　${report.areaName}`,
    made: `${words.made} ${when(report.madeAt)}`,
    language,
  });
}

/** A heading, and below it a table: the first column is names, the others numbers unless `left` has them. */
function section(
  words: ReportWords,
  name: string,
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  left: readonly string[] = [],
): Block[] {
  return [
    { kind: 'heading', text: name },
    {
      kind: 'table',
      columns: heads.map((head, nth) => ({ head, end: nth === 0 || left.includes(head) ? 'left' : 'right' })),
      rows: rows.map((cells) => cells.map((cell) => (typeof cell === 'string' ? cell : cell.toLocaleString('en')))),
      none: words.none,
    },
  ];
}

function devices({ devices: { total, online, late, offline, unknown } }: AreaReport, words: ReportWords): Block[] {
  const heads = [words.all, words.online, words.late, words.offline, words.unknown];
  return section(words, words.devices, heads, [[total, online, late, offline, unknown]]);
}

function happenings(report: AreaReport, words: ReportWords): Block[] {
  const quick = (name: string, { count, median, ninth }: AreaReport['toAck']) => [
    name,
    spanText(median, words),
    spanText(ninth, words),
    count,
  ];
  return [
    ...section(
      words,
      words.incidents,
      [words.severity, words.all, words.open, words.false],
      report.incidents.map((one) => [words.level[one.severity], one.total, one.open, one.false]),
    ),
    ...section(
      words,
      words.quickness,
      [words.stage, words.median, words.ninth, words.count],
      [
        quick(words.clock.toAck, report.toAck),
        quick(words.clock.toDispatch, report.toDispatch),
        quick(words.clock.toEnd, report.toEnd),
      ],
    ),
    ...section(
      words,
      words.alarms,
      [words.severity, words.all, words.real, words.false, words.setAside, words.unjudged],
      report.alarms.map((one) => [words.level[one.severity], one.total, one.real, one.false, one.setAside, one.unjudged]),
    ),
    ...section(
      words,
      words.hazards,
      [words.kind, words.alarms, words.incidents],
      report.byHazard.map((one) => [words.hazard[one.hazard], one.alarms, one.incidents]),
    ),
  ];
}

function consumption(report: AreaReport, words: ReportWords): Block[] {
  return section(
    words,
    words.consumption,
    [words.kind, words.used, words.unit, words.meters, words.unread],
    report.consumption.map((one) => [words.meter[one.kind], one.used, one.symbol, one.meters, one.unread]),
    [words.unit],
  );
}

function falseAlarms(report: AreaReport, words: ReportWords, language: Language): Block[] {
  return section(
    words,
    words.falseAlarms,
    [words.device, words.false, words.all, words.rate],
    report.falseAlarms.map((one) => [
      textIn(one.deviceName, language),
      one.false,
      one.alarms,
      one.rate === null ? words.never : `${Math.round(one.rate * 100)}%`,
    ]),
  );
}
