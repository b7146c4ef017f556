import type { LocalSettings } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { FormEvent } from 'react';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWords } from '../words/language.ts';
import { focusIt, Plan, Trial } from './ChangePlan.tsx';
import { useChanging } from './changing.ts';
import { useOnce } from './desk.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { MayBeSilent } from './MayBeSilent.tsx';
import { Alarms, Params, PartLimits } from './Limits.tsx';
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
  const { planned, problem, begun, busy, plan, apply } = useChanging();
  if (begun !== null) return <Trial paired={begun.paired} />;
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
        {settings.parts.map((part) => (
          <PartLimits key={part.id} part={part} />
        ))}
        <MayBeSilent />
        <button type="submit" className="button strong" id="settings-plan" disabled={busy}>
          {t(busy ? 'local.change.planning' : 'local.change.plan')}
        </button>
      </form>
      {settings.login === null ? null : (
        <Secret login={settings.login} busy={busy} onReissue={() => plan({ reissue: settings.id })} />
      )}
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {planned === null ? null : <Plan planned={planned} busy={busy} onApply={apply} />}
    </div>
  );
}

/** For a device that has lost its secret: nobody can look it up. */
function Secret({ login, busy, onReissue }: { login: string; busy: boolean; onReissue: () => void }) {
  const { t } = useWords();
  return (
    <section className="sheet" aria-labelledby="secret-title">
      <h2 id="secret-title">{t('work.pair.anew')}</h2>
      <p>{t('work.pair.anewLead', { login })}</p>
      <button type="button" className="button" id="secret-reissue" disabled={busy} onClick={onReissue}>
        {t('work.pair.reissue')}
      </button>
    </section>
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
