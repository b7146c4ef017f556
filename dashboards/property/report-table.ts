import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { Words } from '../words/language.ts';
import type { Cell } from '@yihu/device-profiles/vocabulary/table.ts';

const seconds = (ms: number | null): Cell => (ms === null ? '' : Math.round(ms / 1000));

/** The report as one table: what is counted, of what, and how many. */
export function reportTable(report: AreaReport, { t, text }: Pick<Words, 't' | 'text'>): Cell[][] {
  const times = (['toAck', 'toDispatch', 'toEnd'] as const).map((name): Cell[] => [
    t(`report.${name}`),
    t('report.seconds'),
    seconds(report[name].median),
    seconds(report[name].ninth),
    report[name].count,
  ]);
  return [
    [t('report.what'), t('report.of'), t('report.total'), t('report.second'), t('report.third')],
    ...times,
    ...report.incidents.map((one): Cell[] => [t('report.incidents'), t(`level.${one.severity}`), one.total, one.open, one.false]),
    ...report.alarms.map((one): Cell[] => [t('report.alarms'), t(`level.${one.severity}`), one.total, one.real, one.false]),
    ...report.consumption.map((one): Cell[] => [
      t('report.consumption'),
      `${t(`report.meter.${one.kind}`)} ${one.symbol}`,
      one.used,
      one.meters,
      one.unread,
    ]),
    ...report.byHazard.map((one): Cell[] => [t('report.kinds'), t(`hazard.${one.hazard}`), one.alarms, one.incidents, '']),
    ...report.meters.map((one): Cell[] => [
      t('report.meters'),
      `${one.place} ${text(one.name)} ${one.symbol}`,
      one.used ?? '',
      one.first ?? '',
      one.last ?? '',
    ]),
  ];
}
