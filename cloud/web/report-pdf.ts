import type { IncidentClocks, IncidentReport } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { pdfOf, type PdfLine, row, section } from './pdf.ts';

const roman = ['', 'I', 'II', 'III', 'IV'] as const;
const stepStates: Readonly<Record<string, string>> = {
  pending: '未做',
  'in-progress': '进行中',
  done: '完成',
  skipped: '跳过',
  blocked: '受阻',
};
const clockNames: Readonly<Record<keyof IncidentClocks, string>> = {
  toAck: '应答',
  toDispatch: '派出',
  toScene: '到场',
  toControl: '控制',
  toEnd: '结束',
};

/** 事后报告 as a document to print and to sign; its last line is the hash that proves the timeline above it. */
export function reportPdf(report: IncidentReport, timeZone = 'Asia/Shanghai'): Buffer {
  const format = new Intl.DateTimeFormat('zh-CN', { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });
  const when = (at: number) => format.format(at);
  const lines: PdfLine[] = [
    { text: `突发事件处置报告　${report.number}`, size: 18 },
    row(report.title.zh, 6),
    row(`级别：${roman[levelOf(report.severity)]} 级　地点：${report.place}　区域：${report.areaName}`),
    row(`开始：${when(report.openedAt)}　现场指挥：${report.commander ?? '（无）'}　告警 ${report.alarmCount} 条`),
    row(clocksLine(report.clocks)),
    ...section(
      '处置人员',
      report.legs.map((leg) => `${leg.personName}　${leg.state}　${when(leg.at)}`),
    ),
    ...section(
      '预案步骤',
      report.steps.map(
        (step) =>
          `[${stepStates[step.state] ?? step.state}] ${step.text.zh}${step.by ? `　${step.by}` : ''}${step.reason ? `（${step.reason}）` : ''}`,
      ),
    ),
    ...section('上报', report.onward ? [`${when(report.onward.at)}　${report.onward.receiver}：${report.onward.text}`] : []),
    ...chain('时间线', report, when),
    ...report.merged.flatMap((one) => chain(`并入的事件 ${one.number}`, one, when)),
    row(`生成：${when(report.madeAt)}`, 12),
    row('核对：导出 JSON 后运行 yihu-cloud verify，末行哈希应与上面相同。'),
    row('现场指挥签字：＿＿＿＿＿＿＿＿　　值班负责人签字：＿＿＿＿＿＿＿＿', 18),
  ];
  return pdfOf(lines, `${report.number} ${report.title.zh}`);
}

function chain(name: string, { timeline }: Pick<IncidentDetail, 'timeline'>, when: (at: number) => string): PdfLine[] {
  const rows = timeline.map(
    ({ seq, at, text, actorName }) => `${seq}. ${when(at)}　${text.zh}${actorName ? `（${actorName}）` : ''}`,
  );
  return [...section(name, rows), row(`末行哈希 ${timeline.at(-1)?.hash ?? '（无）'}`)];
}

function clocksLine(clocks: IncidentClocks): string {
  const names = Object.keys(clockNames) as (keyof IncidentClocks)[];
  return names
    .map((name) => `${clockNames[name]} ${clocks[name] === null ? '—' : `${Math.round(clocks[name] / 1000)} 秒`}`)
    .join('　');
}
