import type { LocalAlarmSetting, LocalParam, LocalSettings } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { FormEvent } from 'react';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWords } from '../words/language.ts';
import { focusIt, Plan, Trial } from './ChangePlan.tsx';
import { useChanging } from './changing.ts';
import { useOnce } from './desk.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { MayBeSilent } from './MayBeSilent.tsx';
import { changeIn, placeWords } from './settings-form.ts';

/** One device otherwise, as a transaction: its name and place, its address, its parameters and limits with their clause. */
export function Settings({ id }: { id: string }) {
  const { t } = useWords();
  const { data, problem, read } = useOnce<LocalSettings>(`/api/devices/${encodeURIComponent(id)}/settings`);
  if (data !== null) return <Form settings={data} />;
  if (problem === null) return <Skeleton rows={4} height={80} label={t('app.loading')} />;
  if (problem.code !== 'not-found') return <Failure problem={problem} onRetry={read} />;
  return (
    <PanelState mark="filter" title={t('local.device.missing')} role="alert">
      <p>{t('local.device.missingNext')}</p>
    </PanelState>
  );
}

function Form({ settings }: { settings: LocalSettings }) {
  const { t, text } = useWords();
  const { planned, problem, isBegun, busy, plan, apply } = useChanging();
  if (isBegun) return <Trial />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    plan(changeIn(settings, new FormData(event.currentTarget)));
  };
  return (
    <div className="list-page">
      <Link className="back quiet" to={{ screen: 'device', id: settings.id }}>
        ← {settings.name}
      </Link>
      <h1>{t('work.settings.title', { id: settings.id })}</h1>
      <p className="quiet">{t('local.change.lead')}</p>
      <form className="settings-form" onSubmit={submit}>
        <Where settings={settings} />
        <Params params={settings.params} />
        <Alarms alarms={settings.alarms} />
        <MayBeSilent />
        <button type="submit" className="button strong" id="settings-plan" disabled={busy}>
          {t(busy ? 'local.change.planning' : 'local.change.plan')}
        </button>
      </form>
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {planned === null ? null : <Plan planned={planned} busy={busy} onApply={apply} />}
    </div>
  );
}

function Where({ settings: { name, place, port, ports, address } }: { settings: LocalSettings }) {
  const { t } = useWords();
  return (
    <fieldset className="sheet settings-group">
      <legend>{t('work.settings.where')}</legend>
      <label className="field">
        <span>{t('local.change.name')}</span>
        <input className="input" name="name" id="settings-name" ref={focusIt} defaultValue={name} required maxLength={120} />
      </label>
      {placeWords.map((word) => (
        <label key={word} className="field">
          <span>{t(`work.settings.place.${word}`)}</span>
          <input className="input" name={`place.${word}`} defaultValue={place[word] ?? ''} maxLength={120} autoComplete="off" />
        </label>
      ))}
      <label className="field">
        <span>{t('local.device.port')}</span>
        <span className="select">
          <select className="input" name="port" defaultValue={port}>
            {ports.map((id) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </span>
      </label>
      {Object.entries(address).map(([word, value]) => (
        <label key={word} className="field">
          <span>{t('work.settings.address', { word })}</span>
          <input className="input" name={`address.${word}`} defaultValue={value} required autoComplete="off" />
        </label>
      ))}
    </fieldset>
  );
}

function Params({ params }: { params: readonly LocalParam[] }) {
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
              name={`params.${id}`}
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

function Alarms({ alarms }: { alarms: readonly LocalAlarmSetting[] }) {
  const { t } = useWords();
  if (alarms.length === 0) return null;
  return (
    <fieldset className="sheet settings-group">
      <legend>{t('work.settings.alarms')}</legend>
      {alarms.map((alarm) => (
        <Alarm key={alarm.id} alarm={alarm} />
      ))}
    </fieldset>
  );
}

function Alarm({ alarm }: { alarm: LocalAlarmSetting }) {
  const { t, text } = useWords();
  const { id, name, ref, compares, symbol, usual, own } = alarm;
  const number = (word: 'limit' | 'clear' | 'forS', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        name={`alarms.${id}.${word}`}
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
        <input type="checkbox" className="box" name={`alarms.${id}.off`} value="yes" defaultChecked={own.off} />
        <span>{t('work.settings.off')}</span>
      </label>
    </div>
  );
}
