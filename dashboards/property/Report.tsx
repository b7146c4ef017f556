import { useMemo, useState } from 'react';
import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { cloudNow } from '../client/clock.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { namedAreas } from './area-names.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { monthsBefore, spanOf } from './months.ts';
import { useReading } from './reading.ts';
import { reportTable } from './report-table.ts';
import { saveTable } from './save-table.ts';

/** 月报: what happened in a month, how quickly people were there; to read, to print, to save. */
export function ReportScreen() {
  const { t, text, language } = useWords();
  const known = useEstate((estate) => estate.overview?.areas);
  const areas = useMemo(() => namedAreas(known ?? []), [known]);
  const [months] = useState(() => monthsBefore(cloudNow(), 12));
  const [month, setMonth] = useState(months[0] ?? '');
  const [chosen, setArea] = useState<string | null>(null);
  const area = chosen ?? areas[0]?.path ?? '';
  const { from, to } = spanOf(month);
  const query = `area=${encodeURIComponent(area)}&from=${from}&to=${to}`;
  const reading = useReading<AreaReport>(`/api/area-report?${query}`);
  const { value } = reading;
  return (
    <div className="windows">
      <div className="windows-head">
        <h1>{t('report.title')}</h1>
        <p className="quiet">{t('report.lead')}</p>
        <span className="report-ways">
          <a className="button" href={`/api/area-report.pdf?${query}&lang=${language}`} download={`${month}.pdf`}>
            {t('report.print')}
          </a>
          <button
            type="button"
            className="button"
            disabled={value === null}
            onClick={() => value !== null && saveTable(`${month}.csv`, reportTable(value, { t, text }))}
          >
            {t('report.save')}
          </button>
        </span>
      </div>
      <div className="filters">
        <span className="select">
          <select aria-label={t('report.month')} value={month} onChange={(event) => setMonth(event.target.value)}>
            {months.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </span>
        <span className="select">
          <select aria-label={t('windows.area')} value={area} onChange={(event) => setArea(event.target.value)}>
            {areas.map(({ path, name }) => (
              <option key={path} value={path}>
                {name}
              </option>
            ))}
          </select>
        </span>
      </div>
      <Listed reading={reading} allowed>
        {(report) => <Told report={report} />}
      </Listed>
    </div>
  );
}

function Told({ report }: { report: AreaReport }) {
  const { t } = useWords();
  const none = report.alarms.length === 0 && report.incidents.length === 0;
  return (
    <div className="report">
      <section className="sheet" aria-labelledby="report-times">
        <h2 id="report-times">{t('report.times')}</h2>
        <dl className="report-times">
          <Quickness name={t('report.toAck')} of={report.toAck} />
          <Quickness name={t('report.toDispatch')} of={report.toDispatch} />
          <Quickness name={t('report.toEnd')} of={report.toEnd} />
        </dl>
      </section>
      {none ? <PanelState mark="good" title={t('report.empty')} /> : null}
      {report.incidents.length === 0 ? null : (
        <section className="sheet" aria-labelledby="report-incidents">
          <h2 id="report-incidents">{t('report.incidents')}</h2>
          <ul className="report-rows">
            {report.incidents.map((one) => (
              <li key={one.severity}>
                <LevelChip severity={one.severity} label={t(`level.${one.severity}`)} />
                <strong>{one.total}</strong>
                <span className="quiet">{t('report.incidentParts', { open: one.open, wrong: one.false })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {report.alarms.length === 0 ? null : (
        <section className="sheet" aria-labelledby="report-alarms">
          <h2 id="report-alarms">{t('report.alarms')}</h2>
          <ul className="report-rows">
            {report.alarms.map((one) => (
              <li key={one.severity}>
                <LevelChip severity={one.severity} label={t(`level.${one.severity}`)} />
                <strong>{one.total}</strong>
                <span className="quiet">
                  {t('report.alarmParts', { real: one.real, wrong: one.false, unjudged: one.unjudged })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Meters report={report} />
      {report.byHazard.length === 0 ? null : (
        <section className="sheet" aria-labelledby="report-kinds">
          <h2 id="report-kinds">{t('report.kinds')}</h2>
          <ul className="report-rows">
            {report.byHazard.map((one) => (
              <li key={one.hazard}>
                <span>{t(`hazard.${one.hazard}`)}</span>
                <strong>{one.alarms}</strong>
                <span className="quiet">{t('report.kindParts', { count: one.incidents })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** 水电气热: what was used, by kind; and every meter with what it showed, to be opened. */
function Meters({ report }: { report: AreaReport }) {
  const { t, text } = useWords();
  const { consumption, meters } = report;
  if (consumption.length === 0) return null;
  const nameOf = (one: (typeof meters)[number]) => [one.place, text(one.name)].filter((word) => word !== '').join(' ');
  return (
    <section className="sheet consumption" aria-labelledby="report-consumption">
      <h2 id="report-consumption">{t('report.consumption')}</h2>
      <ul className="report-rows">
        {consumption.map((one) => (
          <li key={`${one.kind} ${one.symbol}`}>
            <span>{t(`report.meter.${one.kind}`)}</span>
            <strong>
              {one.used.toLocaleString('en')} <span className="unit-name">{one.symbol}</span>
            </strong>
            <span className={one.unread > 0 ? '' : 'quiet'}>
              {t('report.meterParts', { count: one.meters })}
              {one.unread > 0 ? ` · ${t('report.unread', { count: one.unread })}` : ''}
            </span>
          </li>
        ))}
      </ul>
      <details className="report-meters">
        <summary className="turn">{t('report.everyMeter', { count: meters.length })}</summary>
        <ul className="report-rows">
          {meters.map((one) => (
            <li key={`${one.gateway} ${one.device}`} className={one.used === null ? 'hatched' : ''}>
              <Link to={{ screen: 'device', gateway: one.gateway, device: one.device }}>{nameOf(one)}</Link>
              <strong>
                {one.used === null ? '—' : one.used.toLocaleString('en')} <span className="unit-name">{one.symbol}</span>
              </strong>
              <span className="quiet">
                {one.used === null ? t('report.notRead') : t('report.fromTo', { first: one.first ?? 0, last: one.last ?? 0 })}
                {one.restarts > 0 ? ` · ${t('report.restarts', { count: one.restarts })}` : ''}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function Quickness({ name, of: { count, median, ninth } }: { name: string; of: AreaReport['toAck'] }) {
  const { t } = useWords();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{median === null ? '—' : elapsedText(median)}</strong>
        <span className="quiet">
          {ninth === null ? t('report.never') : t('report.ninth', { time: elapsedText(ninth), count })}
        </span>
      </dd>
    </div>
  );
}
