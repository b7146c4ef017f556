import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { pdfOf, type PdfLine, row, section } from './pdf.ts';

const levels = { critical: 'I 级', major: 'II 级', minor: 'III 级', warning: 'IV 级' } as const;
const meterKinds = { electricity: '电', water: '水', gas: '燃气', heat: '热' } as const;
const kinds = {
  fire: '火灾',
  gas: '燃气',
  water: '水情',
  person: '人身求助',
  security: '安防',
  equipment: '设备',
  environment: '环境',
  communication: '通信',
} as const;

/** 月报 as a document to print. */
export function areaReportPdf(report: AreaReport, timeZone = 'Asia/Shanghai'): Buffer {
  const day = (at: number) => new Intl.DateTimeFormat('zh-CN', { timeZone, dateStyle: 'short' }).format(at);
  const span = `${day(report.from)} 至 ${day(report.to - 1)}`;
  const { devices } = report;
  const lines: PdfLine[] = [
    { text: `${report.areaName}　运行报告`, size: 18 },
    row(span, 6),
    row(
      `设备 ${devices.total} 台：在线 ${devices.online}　迟到 ${devices.late}　离线 ${devices.offline}　未知 ${devices.unknown}（制表时）`,
    ),
    row(`维护窗口 ${report.windows} 次`),
    ...section(
      '事件',
      report.incidents.map((one) => `${levels[one.severity]}　${one.total} 起　未结 ${one.open}　误报 ${one.false}`),
    ),
    ...section('处置时间（中位数　九成以内）', [
      `应答　${quickText(report.toAck)}`,
      `派出　${quickText(report.toDispatch)}`,
      `结束　${quickText(report.toEnd)}`,
    ]),
    ...section(
      '告警',
      report.alarms.map(
        (one) =>
          `${levels[one.severity]}　${one.total} 条　属实 ${one.real}　误报 ${one.false}　测试和演练 ${one.setAside}　未认定 ${one.unjudged}`,
      ),
    ),
    ...section(
      '类别',
      report.byHazard.map((one) => `${kinds[one.hazard]}　告警 ${one.alarms} 条　事件 ${one.incidents} 起`),
    ),
    ...section(
      '水电气热用量',
      report.consumption.map(
        (one) =>
          `${meterKinds[one.kind]}　${one.used} ${one.symbol}　${one.meters} 块表${one.unread > 0 ? `，其中 ${one.unread} 块没有读数` : ''}`,
      ),
    ),
    ...section(
      '误报多的设备',
      report.falseAlarms.map(
        (one) => `${one.deviceName.zh}　误报 ${one.false} 次，共 ${one.alarms} 次　误报率 ${Math.round((one.rate ?? 0) * 100)}%`,
      ),
    ),
    row(`制表：${day(report.madeAt)}`, 12),
  ];
  return pdfOf(lines, `${report.areaName} ${span}`);
}

function quickText({ count, median, ninth }: AreaReport['toAck']): string {
  if (median === null || ninth === null) return '—';
  return `${spanText(median)}　${spanText(ninth)}　（${count} 起）`;
}

function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} 秒`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;
  return `${Math.floor(seconds / 3600)} 小时 ${Math.floor((seconds % 3600) / 60)} 分`;
}
