import { useState } from 'react';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { useTimersNow } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { dayText, elapsedText, spanText, whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { WindowDialog } from './WindowDialog.tsx';

interface Page {
  items: MaintenanceWindow[];
}

/** Somebody else may announce one, and nothing on the stream says so. */
const lookEveryMs = 15_000;
const most = 100;

/** 维护窗口: work that was announced, so that its alarms wake nobody; what is running and planned, and what was. */
export function WindowsScreen() {
  const { t } = useWords();
  const heard = useEstate((estate) => estate.alarmsHeard);
  const reading = usePolled<Page>(`/api/maintenance-windows?limit=${most}`, lookEveryMs, heard);
  const [planning, setPlanning] = useState(false);
  return (
    <div className="windows">
      <div className="windows-head">
        <h1>{t('windows.title')}</h1>
        <p className="quiet">{t('windows.lead')}</p>
        <button type="button" className="button strong" onClick={() => setPlanning(true)}>
          {t('windows.plan')}
        </button>
      </div>
      <Listed reading={reading} allowed>
        {({ items }) => (
          <>
            <Lists windows={items} isWhole={items.length < most} onChanged={reading.again} />
            {items.length < most ? null : <p className="quiet">{t('state.cut', { count: most })}</p>}
          </>
        )}
      </Listed>
      {planning ? <WindowDialog onClose={() => setPlanning(false)} onPlanned={reading.again} /> : null}
    </div>
  );
}

const isOpen = ({ state }: MaintenanceWindow) => state === 'running' || state === 'planned';

interface ListsProps {
  windows: readonly MaintenanceWindow[];
  /** None is left out. */
  isWhole: boolean;
  onChanged: () => void;
}

function Lists({ windows, isWhole, onChanged }: ListsProps) {
  const { t } = useWords();
  const open = windows.filter(isOpen).sort((a, b) => a.startsAt - b.startsAt);
  const past = windows.filter((window) => !isOpen(window));
  return (
    <>
      <section className="sheet" aria-labelledby="windows-open">
        <h2 id="windows-open">
          {t('windows.open')} <span className="count">{open.length}</span>
        </h2>
        {open.length === 0 && isWhole ? (
          <PanelState mark="good" title={t('windows.empty')}>
            <p>{t('windows.emptyNext')}</p>
          </PanelState>
        ) : null}
        <ul className="window-list">
          {open.map((window) => (
            <OpenWindow key={window.id} window={window} onChanged={onChanged} />
          ))}
        </ul>
      </section>
      {past.length === 0 ? null : (
        <section className="sheet" aria-labelledby="windows-past">
          <h2 id="windows-past">
            {t('windows.past')} <span className="count">{past.length}</span>
          </h2>
          <ul className="window-list">
            {past.map((window) => (
              <li key={window.id}>
                <Told window={window} />
                <span className="when quiet">
                  {window.endedBy === null
                    ? t('windows.over', { at: dayText(window.endedAt ?? window.endsAt) })
                    : t('windows.endedBy', { at: dayText(window.endedAt ?? window.endsAt), by: window.endedBy })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function OpenWindow({ window, onChanged }: { window: MaintenanceWindow; onChanged: () => void }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const [key] = useState(newKey);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = window.state === 'running';
  const end = () =>
    void call('POST', `/api/maintenance-windows/${encodeURIComponent(window.id)}/end`, { key }).then(
      onChanged,
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  return (
    <li className={running ? 'running' : ''}>
      <Told window={window} />
      <span className="when">
        <strong>
          {running
            ? t('windows.left', { time: elapsedText(window.endsAt - now) })
            : t('windows.startsAt', { at: whenText(window.startsAt, cloudNow()) })}
        </strong>
        {window.alarmCount > 0 ? <span>{t('windows.held', { count: window.alarmCount })}</span> : null}
      </span>
      <button type="button" className="button small" onClick={end}>
        {t(running ? 'windows.endNow' : 'windows.callOff')}
      </button>
      {problem === null ? null : (
        <p className="wrong" role="alert">
          {text(problem.message)}
        </p>
      )}
    </li>
  );
}

/** What, where, when, by whom: one window in words. */
function Told({ window }: { window: MaintenanceWindow }) {
  const { t } = useWords();
  const areas = useEstate((estate) => estate.overview?.areas);
  const places = window.areas.map((path) => areas?.find((area) => area.path === path)?.name ?? path);
  const kinds =
    window.hazards.length === 0
      ? t('windows.everyKind')
      : window.hazards.map((kind) => t(`hazard.${kind}`)).join(t('windows.comma'));
  return (
    <span className="what">
      <strong>{window.name}</strong>
      <span>
        {places.join(t('windows.comma'))} · {kinds}
        {window.devices.length > 0 ? ` · ${t('windows.devices', { count: window.devices.length })}` : ''}
      </span>
      <span className="quiet">
        {t('windows.told', {
          from: dayText(window.startsAt),
          to: spanText(window.endsAt, window.startsAt),
          by: window.plannedBy,
          reason: window.reason,
        })}
      </span>
    </span>
  );
}
