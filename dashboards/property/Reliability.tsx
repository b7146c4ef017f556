import { useState } from 'react';
import type { FalseAlarms } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Overview } from '@yihu/device-profiles/vocabulary/view.ts';
import { cloudNow } from '../client/clock.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Segments } from '../parts/Segments.tsx';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { useReading } from './reading.ts';
import { saveTable } from './save-table.ts';

const day = 86_400_000;
const spans = [7, 30, 90];
const most = 200;

/** 误报: which devices cry wolf, worst first, so that they are mended before people stop listening. */
export function ReliabilityScreen() {
  const { t, text } = useWords();
  const [days, setDays] = useState(30);
  const [to] = useState(() => Math.ceil(cloudNow() / 60_000) * 60_000);
  const reading = useReading<FalseAlarms[]>(`/api/false-alarms?from=${to - days * day}&to=${to}&limit=${most}`);
  const { value } = reading;
  const save = () => {
    const columns = ['device', 'area', 'alarms', 'real', 'false', 'setAside', 'unjudged', 'rate'] as const;
    const rows = (value ?? []).map((row) => [
      text(row.deviceName),
      row.area,
      row.alarms,
      row.real,
      row.false,
      row.setAside,
      row.unjudged,
      row.rate === null ? '' : row.rate.toFixed(3),
    ]);
    saveTable(`${t('wolf.file')}-${new Date(to).toISOString().slice(0, 10)}.csv`, [
      columns.map((name) => t(`wolf.${name}`)),
      ...rows,
    ]);
  };
  return (
    <div className="windows">
      <div className="windows-head">
        <h1>{t('wolf.title')}</h1>
        <p className="quiet">{t('wolf.lead')}</p>
        <button type="button" className="button" onClick={save} disabled={(value ?? []).length === 0}>
          {t('wolf.save')}
        </button>
      </div>
      <Segments
        label={t('wolf.span')}
        name="wolf-span"
        options={spans.map((count) => ({ value: count, label: t('wolf.days', { count }) }))}
        value={days}
        onChange={setDays}
      />
      <Listed reading={reading} allowed>
        {(rows) => (
          <>
            <Table rows={rows} />
            {rows.length < most ? null : <p className="quiet">{t('state.cut', { count: most })}</p>}
          </>
        )}
      </Listed>
    </div>
  );
}

function Table({ rows }: { rows: readonly FalseAlarms[] }) {
  const { t, text } = useWords();
  const areas = useEstate((estate) => estate.overview?.areas);
  if (rows.length === 0) return <PanelState mark="good" title={t('wolf.empty')} />;
  return (
    <div className="table wolf" tabIndex={0} role="region" aria-label={t('wolf.title')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('wolf.device')}</th>
            <th scope="col">{t('wolf.area')}</th>
            {(['alarms', 'real', 'false', 'setAside', 'unjudged', 'rate'] as const).map((name) => (
              <th key={name} scope="col" className="number">
                {t(`wolf.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.gateway}/${row.device}`}>
              <th scope="row">
                <Link to={{ screen: 'device', gateway: row.gateway, device: row.device }}>{text(row.deviceName)}</Link>
              </th>
              <td>{areaName(areas ?? [], row.area)}</td>
              <td className="number" data-name={t('wolf.alarms')}>
                {row.alarms}
              </td>
              <td className="number" data-name={t('wolf.real')}>
                {row.real}
              </td>
              <td className="number" data-name={t('wolf.false')}>
                {row.false}
              </td>
              <td className="number" data-name={t('wolf.setAside')}>
                {row.setAside}
              </td>
              <td className="number" data-name={t('wolf.unjudged')}>
                {row.unjudged}
              </td>
              <td className="number" data-name={t('wolf.rate')}>
                {row.rate === null ? (
                  <span className="quiet">{t('wolf.noRate')}</span>
                ) : (
                  <strong>{Math.round(row.rate * 100)} %</strong>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const shown: readonly string[] = ['community', 'building', 'unit'];

/** 幸福里 3栋 2单元 502: by its names as far as the overview goes, then by its codes. */
function areaName(areas: Overview['areas'], path: string): string {
  const above = areas.filter((area) => path === area.path || path.startsWith(`${area.path}/`));
  const [nearest] = above.toSorted((a, b) => b.path.length - a.path.length);
  if (nearest === undefined) return path;
  const names = above.filter((area) => area === nearest || shown.includes(area.kind));
  const codes = path
    .slice(nearest.path.length + 1)
    .split('/')
    .filter((code) => code !== '');
  return [...names.toSorted((a, b) => a.path.length - b.path.length).map(({ name }) => name), ...codes].join(' ');
}
