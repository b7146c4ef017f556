import { useState } from 'react';
import { cloudNow } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { dateText, type LocalTime } from './local-time.ts';

const daysAhead = 92;

interface Props {
  /** Of the list of days; the time has it with `-time` behind. */
  id: string;
  /** Where no label of its own stands beside it. */
  label?: string;
  value: LocalTime;
  onChange: (value: LocalTime) => void;
}

/** A day of the next three months and a time of 24 hours; what a browser's own field shows depends on the browser's language. */
export function MomentField({ id, label, value, onChange }: Props) {
  const { t, language } = useWords();
  const [from] = useState(() => new Date(cloudNow()));
  const weekday = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', { weekday: 'short' });
  return (
    <span className="moment-field">
      <span className="select">
        <select id={id} aria-label={label} value={value.day} onChange={({ target }) => onChange({ ...value, day: target.value })}>
          {Array.from({ length: daysAhead }, (_, ahead) => {
            const date = new Date(from.getFullYear(), from.getMonth(), from.getDate() + ahead);
            const day = dateText(date.getTime());
            return (
              <option key={ahead} value={day}>
                {day} {weekday.format(date)}
              </option>
            );
          })}
        </select>
      </span>
      <input
        id={`${id}-time`}
        className="input"
        aria-label={t('windows.clockTime')}
        inputMode="numeric"
        autoComplete="off"
        maxLength={5}
        placeholder="20:30"
        value={value.time}
        onChange={({ target }) => onChange({ ...value, time: target.value })}
      />
    </span>
  );
}
