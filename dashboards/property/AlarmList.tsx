import { useState } from 'react';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { DeviceDetail, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { useIsStale } from '../client/pulse.ts';
import { shelfEnd } from '../client/shelf.ts';
import { LevelChip } from '../parts/Level.tsx';
import { ShelveDialog } from '../parts/ShelveDialog.tsx';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useShelveWords } from '../words/shelve.ts';

/** The device's alarms; one of a device under repair can be put aside, with an end and a reason. */
export function AlarmList({ device, onChanged }: { device: DeviceDetail; onChanged: () => void }) {
  const { t, text } = useWords();
  const words = useShelveWords();
  const stale = useIsStale();
  const [shelving, setShelving] = useState<Alarm | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const shelve = (alarm: Alarm, until: number, reason: string) => {
    const path = `/api/alarms/${encodeURIComponent(alarm.id)}/moves`;
    setProblem(null);
    call('POST', path, { move: 'shelve', version: alarm.version, until, reason, key: newKey() }).then(
      onChanged,
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
        onChanged();
      },
    );
  };
  return (
    <section className="sheet" aria-labelledby="device-alarms">
      <h2 id="device-alarms">
        {t('device.alarms')} {stale && device.alarms.length === 0 ? null : <span className="count">{device.alarms.length}</span>}
      </h2>
      {device.alarms.length === 0 ? <p className="quiet">{t(stale ? 'pulse.unknown' : 'device.noAlarms')}</p> : null}
      {problem === null ? null : <p role="alert">{text(problem.message)}</p>}
      <ul className="plain-list">
        {device.alarms.map((alarm) => (
          <AlarmLine key={alarm.id} alarm={alarm} onShelve={() => setShelving(alarm)} />
        ))}
      </ul>
      {shelving === null ? null : (
        <ShelveDialog
          name={text(shelving.name)}
          lifeSafety={isLifeSafety(shelving.hazard)}
          words={words}
          onShelve={(minutes, reason) => shelve(shelving, shelfEnd(minutes), reason)}
          onClose={() => setShelving(null)}
        />
      )}
    </section>
  );
}

function AlarmLine({ alarm, onShelve }: { alarm: Alarm; onShelve: () => void }) {
  const { t, text } = useWords();
  const { shelf } = alarm;
  return (
    <li>
      <LevelChip severity={alarm.severity} label={t(`level.${alarm.severity}`)} />
      <span className="what">
        <strong>{text(alarm.name)}</strong>
        <span className="quiet">
          {shelf === null
            ? `${t(`isa.${alarm.isa}`)} · ${t('device.raised', { at: whenText(alarm.raisedAt, cloudNow()) })}`
            : `${t('pane.shelvedUntil', { at: whenText(shelf.until, cloudNow()) })} · ${shelf.reason}`}
        </span>
      </span>
      {alarm.active && shelf === null ? (
        <button type="button" className="button small" onClick={onShelve}>
          {t('move.shelve')}
        </button>
      ) : null}
    </li>
  );
}
