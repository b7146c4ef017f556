import type { LocalAlarmSetting, LocalParam, LocalPartSettings } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { LevelChip } from '../parts/Level.tsx';
import { useWords } from '../words/language.ts';

/** 下级设备: limits of all parts of one kind behind this device. */
export function PartLimits({ part: { id, name, params, alarms } }: { part: LocalPartSettings }) {
  const { t, text } = useWords();
  const under = `parts.${id}.`;
  return (
    <details className="part-limits">
      <summary className="turn">{t('work.settings.parts', { name: text(name) })}</summary>
      <Params params={params} under={under} />
      <Alarms alarms={alarms} under={under} />
    </details>
  );
}

/** `under`: of which parts; theirs begin with `parts.<profile>.` in the form. */
export function Params({ params, under = '' }: { params: readonly LocalParam[]; under?: string }) {
  const { t, text } = useWords();
  if (params.length === 0) return null;
  return (
    <fieldset className="sheet settings-group">
      <legend>{t('work.settings.params')}</legend>
      {params.map((param) => {
        const { id, name, symbol, value, min, max, ref } = param;
        const usual = t('work.settings.usual', { value: `${param.default} ${symbol}`.trim() });
        return (
          <label key={id} className="field">
            <span>{`${text(name)}${symbol === '' ? '' : ` (${symbol})`}`}</span>
            <input
              className="input"
              name={`${under}params.${id}`}
              type="number"
              step="any"
              min={min}
              max={max}
              defaultValue={value ?? ''}
              placeholder={String(param.default)}
            />
            <span className="quiet">
              {param.ask && value === null ? t('work.settings.mustSay') : usual}
              {` · ${min}–${max}`}
              {ref === null ? '' : ` · ${ref}`}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

export function Alarms({ alarms, under = '' }: { alarms: readonly LocalAlarmSetting[]; under?: string }) {
  const { t } = useWords();
  if (alarms.length === 0) return null;
  return (
    <fieldset className="sheet settings-group">
      <legend>{t('work.settings.alarms')}</legend>
      {alarms.map((alarm) => (
        <Alarm key={alarm.id} alarm={alarm} under={under} />
      ))}
    </fieldset>
  );
}

function Alarm({ alarm, under }: { alarm: LocalAlarmSetting; under: string }) {
  const { t, text } = useWords();
  const { id, name, ref, compares, symbol, usual, own } = alarm;
  const number = (word: 'limit' | 'clear' | 'forS', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        name={`${under}alarms.${id}.${word}`}
        type="number"
        step={word === 'forS' ? 1 : 'any'}
        {...(word === 'forS' ? { min: 0 } : {})}
        defaultValue={own[word] ?? ''}
        placeholder={String(usual[word] ?? '')}
      />
    </label>
  );
  return (
    <div className="alarm-setting" role="group" aria-label={text(name)}>
      <p className="alarm-setting-name">
        <strong>{text(name)}</strong>{' '}
        <LevelChip severity={own.severity ?? usual.severity} label={t(`level.${own.severity ?? usual.severity}`)} />
      </p>
      <p className="quiet">{ref ?? t('work.settings.noClause')}</p>
      <div className="alarm-numbers">
        {compares === null ? null : number('limit', `${t(`work.settings.${compares}`)}${symbol === '' ? '' : ` (${symbol})`}`)}
        {compares === null ? null : number('clear', `${t('work.settings.clear')}${symbol === '' ? '' : ` (${symbol})`}`)}
        {number('forS', t('work.settings.forS'))}
      </div>
      <label className="check">
        <input type="checkbox" className="box" name={`${under}alarms.${id}.off`} value="yes" defaultChecked={own.off} />
        <span>{t('work.settings.off')}</span>
      </label>
    </div>
  );
}
