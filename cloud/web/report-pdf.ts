import type { IncidentClocks, IncidentReport } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Language, textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Block } from './paper/layout.ts';
import { documentOf } from './paper/pdf.ts';
import { momentsOf, type ReportWords, reportWords, spanText } from './report-words.ts';

interface Telling {
  readonly words: ReportWords;
  readonly language: Language;
  readonly when: (at: number) => string;
}

/** 事后报告 as a document to print and to sign; below each timeline stands the hash that proves it. */
export function reportPdf(report: IncidentReport, language: Language = 'zh', timeZone = 'Asia/Shanghai'): Buffer {
  const telling: Telling = { words: reportWords[language], language, when: momentsOf(timeZone).when };
  const { words, when } = telling;
  const title = textIn(report.title, language);
  const blocks: Block[] = [
    { kind: 'title', text: words.incidentTitle },
    { kind: 'lead', text: title },
    {
      kind: 'facts',
      facts: [
        [words.number, report.number],
        [words.severity, words.level[report.severity]],
        [words.area, report.areaName],
        [words.place, report.place],
        [words.openedAt, when(report.openedAt)],
        [words.commander, report.commander ?? words.none],
        [words.madeAt, when(report.madeAt)],
        [words.alarmCount, String(report.alarmCount)],
      ],
    },
    { kind: 'rule' },
    ...clocks(report.clocks, words),
    ...people(report, telling),
    ...steps(report, telling),
    ...onward(report, telling),
    ...chain(words.timeline, report, telling),
    ...report.merged.flatMap((one) => chain(`${words.merged}${one.number}`, one, telling)),
    { kind: 'note', text: words.verify },
    { kind: 'signatures', names: [words.signCommander, words.signDuty] },
  ];
  return documentOf(blocks, {
    title: `${report.number} ${title}`,
    running: `${words.incidentTitle}　${report.number}　${title}`,
    made: `${words.made} ${when(report.madeAt)}`,
    language,
  });
}

function clocks(told: IncidentClocks, words: ReportWords): Block[] {
  const names = Object.keys(words.clock) as (keyof IncidentClocks)[];
  return [
    { kind: 'heading', text: words.reached },
    {
      kind: 'table',
      columns: names.map((name) => ({ head: words.clock[name], end: 'right' })),
      rows: [names.map((name) => spanText(told[name], words))],
      none: words.none,
    },
  ];
}

function people({ legs }: IncidentReport, { words, when }: Telling): Block[] {
  return [
    { kind: 'heading', text: words.people },
    {
      kind: 'table',
      columns: [{ head: words.person }, { head: words.state }, { head: words.time }],
      rows: legs.map((leg) => [leg.personName, words.leg[leg.state], when(leg.at)]),
      none: words.none,
    },
  ];
}

function steps(report: IncidentReport, { words, language }: Telling): Block[] {
  return [
    { kind: 'heading', text: words.steps },
    {
      kind: 'table',
      columns: [{ head: words.content, fill: true }, { head: words.state }, { head: words.by }, { head: words.reason }],
      rows: report.steps.map((step) => [textIn(step.text, language), words.step[step.state], step.by ?? '', step.reason ?? '']),
      none: words.none,
    },
  ];
}

function onward({ onward: told }: IncidentReport, { words, when }: Telling): Block[] {
  return [
    { kind: 'heading', text: words.onward },
    {
      kind: 'table',
      columns: [{ head: words.time }, { head: words.receiver }, { head: words.content, fill: true }],
      rows: told ? [[when(told.at), told.receiver, told.text]] : [],
      none: words.none,
    },
  ];
}

function chain(name: string, { timeline }: Pick<IncidentDetail, 'timeline'>, { words, language, when }: Telling): Block[] {
  return [
    { kind: 'heading', text: name },
    {
      kind: 'table',
      columns: [{ head: '#', end: 'right' }, { head: words.time }, { head: words.content, fill: true }, { head: words.by }],
      rows: timeline.map((line) => [
        String(line.seq),
        when(line.at),
        language === 'en' ? (line.text.en ?? line.text.zh) : line.text.zh,
        line.actorName ?? '',
      ]),
      none: words.none,
    },
    { kind: 'note', text: `${words.lastHash}${timeline.at(-1)?.hash ?? words.none}` },
  ];
}
