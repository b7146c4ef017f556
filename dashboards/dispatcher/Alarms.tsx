import type { ReactNode } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { cloudNow } from '../client/clock.ts';
import { useWords, type Words } from '../words/language.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { LevelShape } from '../parts/Level.tsx';
import { clockText, whenText } from '../parts/time.ts';
import { valueText } from '../parts/value.ts';
import { canReset, reset } from './act.ts';

/** The clocks of the gateway and the cloud are shown apart once they differ by more than this. */
const sameTimeMs = 2_000;

export function differ(edgeAt: number, cloudAt: number): boolean {
  return Math.abs(edgeAt - cloudAt) > sameTimeMs;
}

function statusOf(alarm: Alarm, { t }: Words): string {
  if (alarm.shelf !== null) return t('pane.shelvedUntil', { at: clockText(alarm.shelf.until) });
  if (canReset(alarm)) return t('isa.latched');
  if (alarm.ack === null) return t(`isa.${alarm.isa}`);
  return t('pane.acked', { name: alarm.ack.byName, at: whenText(alarm.ack.at, cloudNow()) });
}

interface Props {
  detail: IncidentDetail;
  stale: boolean;
}

/** The alarms of the incident, those that still stand before those that are over. */
export function Alarms({ detail, stale }: Props) {
  const { t } = useWords();
  const { alarms } = detail;
  const latched = alarms.filter(canReset);
  return (
    <section className="block alarms" aria-labelledby="alarms-title">
      <h3 id="alarms-title">
        {t('pane.alarms')} <span className="count">{alarms.length}</span>
      </h3>
      <ul tabIndex={0} aria-labelledby="alarms-title" className="scroll">
        {alarms.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm}>
            {canReset(alarm) ? (
              <ResetButton first={alarm === latched[0]} stale={stale} onPress={() => void reset(detail, [alarm])} />
            ) : null}
          </AlarmRow>
        ))}
      </ul>
    </section>
  );
}

/** Shown only where it is the next thing to do: the cause is gone, the latch still holds. The key lets go of them all. */
function ResetButton({ first, stale, onPress }: { first: boolean; stale: boolean; onPress: () => void }) {
  const { t } = useWords();
  return (
    <button
      type="button"
      className="button strong small reset"
      data-reset=""
      aria-disabled={stale}
      aria-keyshortcuts={first ? 'E' : undefined}
      title={t(stale ? 'why.stale' : 'pane.resetHint')}
      onClick={stale ? undefined : onPress}
    >
      {t('move.reset')}
      {first ? <Keycap name="E" /> : null}
    </button>
  );
}

function AlarmRow({ alarm, children }: { alarm: Alarm; children: ReactNode }) {
  const words = useWords();
  const { t, text } = words;
  const { value, limit, code } = alarm.reason;
  const shown = alarm.value ?? value;
  return (
    <li className={`alarm ${alarm.active ? '' : 'gone'} ${canReset(alarm) ? 'latched' : ''}`}>
      <span className={`dot ink-${levelOf(alarm.severity)}`}>
        <LevelShape severity={alarm.severity} size={12} />
      </span>
      <span className="name">
        <strong>{text(alarm.name)}</strong>
        <span className="quiet">{text(alarm.deviceName)}</span>
      </span>
      <span className="reading">
        {typeof shown === 'number' ? <strong>{valueText({ value: shown, valueName: null }, text)}</strong> : null}
      </span>
      <span className="foot quiet">
        <span>{statusOf(alarm, words)}</span>
        <span className="reason">
          {t(`reason.${code}`)}
          {limit === undefined ? '' : ` ${valueText({ value: limit, valueName: null }, text)}`}
        </span>
        <span className="times">
          {differ(alarm.raisedAt, alarm.receivedAt)
            ? `${t('pane.edgeTime', { at: clockText(alarm.raisedAt) })} · ${t('pane.cloudTime', { at: clockText(alarm.receivedAt) })}`
            : whenText(alarm.raisedAt, cloudNow())}
        </span>
      </span>
      {children}
    </li>
  );
}
