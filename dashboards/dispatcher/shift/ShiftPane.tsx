import { useEffect } from 'react';
import type { DutyGap } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import { cloudNow } from '../../client/clock.ts';
import { Keycap } from '../../parts/Keycap.tsx';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { clockText, spanText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import { unshelve } from '../act.ts';
import { readBeside, show, useDesk } from '../desk.ts';
import { Unread } from '../Unread.tsx';
import { NoticeStrip } from '../NoticeStrip.tsx';
import { HandOverBlock } from './HandOverBlock.tsx';
import { type Present, presentOf } from './present.ts';
import { chooseArea, readShift, useShift, windowsMost } from './read.ts';

/** The shift on one page: what is handed over, and what the next hours bring. */
export function ShiftPane({ stale }: { stale: boolean }) {
  const { t, text } = useWords();
  const problem = useShift((shift) => shift.problem);
  const known = useShift((shift) => shift.known);
  const unread = useShift((shift) => shift.unread);
  const readAt = useShift((shift) => shift.readAt);
  useEffect(() => void readShift(), []);
  return (
    <>
      <header className="pane-title">
        <div className="pane-title-line">
          <h2 id="shift-title" tabIndex={-1}>
            {t('shift.title')}
          </h2>
          <DeskArea />
          <button type="button" className="button small" aria-keyshortcuts="Escape" onClick={() => show({ kind: 'incident' })}>
            {t('shift.back')} <Keycap name="Esc" />
          </button>
        </div>
      </header>
      <NoticeStrip />
      {problem === null ? null : (
        <p className="notice failed" role="alert">
          <strong>{unread && known ? t('state.kept', { at: clockText(readAt) }) : t('shift.failed')}</strong>{' '}
          {text(problem.message)} <code>{t('state.code', { code: problem.code })}</code>
        </p>
      )}
      {known ? <Shift stale={stale} /> : null}
      {known || problem !== null ? null : <Skeleton rows={2} height={260} label={t('app.loading')} />}
    </>
  );
}

function Shift({ stale }: { stale: boolean }) {
  const { t } = useWords();
  return (
    <div className="pane-grid shift-grid">
      <HandOverBlock stale={stale} />
      <div className="pane-side scroll" tabIndex={0} role="region" aria-label={t('shift.title')}>
        <Gaps />
        <Roster />
        <Windows />
        <Shelved stale={stale} />
      </div>
    </div>
  );
}

/** Whose desk it is, where one person has several. */
function DeskArea() {
  const { t } = useWords();
  const desks = useShift((shift) => shift.desks);
  const area = useShift((shift) => shift.area);
  const [only] = desks;
  if (desks.length < 2) return <span className="pane-state">{only?.name ?? ''}</span>;
  return (
    <span className="select">
      <select aria-label={t('shift.area')} value={area ?? ''} onChange={(event) => chooseArea(event.target.value)}>
        {desks.map((one) => (
          <option key={one.path} value={one.path}>
            {one.name}
          </option>
        ))}
      </select>
    </span>
  );
}

/** A day ahead: who will be missing, and when. */
function Gaps() {
  const { t } = useWords();
  const gaps = useShift((shift) => shift.gaps);
  return (
    <section className="block">
      <h3>
        {t('shift.gapsTitle')} <span className="count">{gaps.length}</span>
      </h3>
      {gaps.length === 0 ? <p className="quiet">{t('shift.noGaps')}</p> : null}
      <ul className="shift-list">
        {gaps.map((gap) => (
          <Gap key={`${gap.area} ${gap.role} ${gap.from}`} gap={gap} />
        ))}
      </ul>
    </section>
  );
}

function Gap({ gap }: { gap: DutyGap }) {
  const { t } = useWords();
  const at = (moment: number) => spanText(moment, cloudNow());
  return (
    <li className="late">
      {t('shift.gap', {
        from: at(gap.from),
        to: spanText(gap.to, gap.from),
        role: t(`shift.role.${gap.role}`),
        missing: gap.missing,
      })}
    </li>
  );
}

/** Who should be there and who is. */
function Roster() {
  const { t } = useWords();
  const rows = useShift((shift) => shift.onDuty);
  const onDuty = presentOf(rows);
  return (
    <section className="block">
      <h3>
        {t('shift.onDuty')} <span className="count">{onDuty.filter(({ state }) => state !== 'absent').length}</span>
      </h3>
      {onDuty.length === 0 ? <p className="quiet">{t('shift.nobody')}</p> : null}
      <ul className="shift-list people-list">
        {onDuty.map((one) => (
          <PresentRow key={one.person} one={one} />
        ))}
      </ul>
    </section>
  );
}

function PresentRow({ one }: { one: Present }) {
  const { t } = useWords();
  return (
    <li className={one.state === 'absent' ? 'late' : ''}>
      <strong>{one.name}</strong> {one.roles.map((role) => t(`shift.role.${role}`)).join(' · ')}{' '}
      <span className={one.state === 'here' ? 'quiet' : ''}>{t(`shift.duty.${one.state}`)}</span>
    </li>
  );
}

function Windows() {
  const { t } = useWords();
  const windows = useShift((shift) => shift.windows);
  return (
    <section className="block">
      <h3>
        {t('shift.windowsTitle')} <span className="count">{windows.length}</span>
      </h3>
      {windows.length === 0 ? <p className="quiet">{t('shift.noWindows')}</p> : null}
      {windows.length < windowsMost ? null : <p className="quiet">{t('state.cut', { count: windowsMost })}</p>}
      <ul className="shift-list">
        {windows.map((window) => (
          <Window key={window.id} window={window} />
        ))}
      </ul>
    </section>
  );
}

function Window({ window }: { window: MaintenanceWindow }) {
  const { t } = useWords();
  const at = (moment: number) => spanText(moment, cloudNow());
  return (
    <li>
      <strong>{window.name}</strong> <span className="tag">{t(`shift.window.${window.state}`)}</span>
      <span className="quiet below">
        {t('shift.windowSpan', {
          from: at(window.startsAt),
          to: spanText(window.endsAt, window.startsAt),
          reason: window.reason,
        })}
        {window.alarmCount > 0 ? ` · ${t('shift.windowQuiet', { count: window.alarmCount })}` : ''}
      </span>
    </li>
  );
}

function Shelved({ stale }: { stale: boolean }) {
  const { t, text } = useWords();
  const shelves = useDesk((desk) => desk.board?.shelves);
  const problem = useDesk((desk) => desk.unread.shelves);
  const count = useDesk((desk) => desk.board?.shelved ?? 0);
  const isKnown = shelves !== null && shelves !== undefined;
  const alarms = Object.values(shelves ?? {}).sort((a, b) => (a.shelf?.until ?? 0) - (b.shelf?.until ?? 0));
  const at = (moment: number) => spanText(moment, cloudNow());
  return (
    <section className="block">
      <h3>
        {t('shift.shelved')} {isKnown ? <span className="count">{count}</span> : null}
      </h3>
      {!isKnown || problem !== null ? <Unread problem={problem} onRetry={readBeside.shelves} /> : null}
      {isKnown && problem === null && alarms.length === 0 ? <p className="quiet">{t('shift.noShelved')}</p> : null}
      {isKnown && count > alarms.length ? <p className="quiet">{t('state.cut', { count: alarms.length })}</p> : null}
      <ul className="shift-list">
        {alarms.map((alarm) => (
          <li key={alarm.id} className="shelved">
            <span>
              <strong>
                {text(alarm.deviceName)} {text(alarm.name)}
              </strong>
              <span className="quiet below">
                {t('site.shelvedUntil', { at: at(alarm.shelf?.until ?? 0), reason: alarm.shelf?.reason ?? '' })}
              </span>
            </span>
            <button
              type="button"
              className="button small"
              aria-disabled={stale}
              title={stale ? t('why.stale') : undefined}
              onClick={stale ? undefined : () => void unshelve(alarm)}
            >
              {t('site.unshelve')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
