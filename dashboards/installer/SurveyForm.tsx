import type { LocalSurveyPlaces, LocalSurveyRequest } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type { FormEvent } from 'react';
import { useWords } from '../words/language.ts';
import { readField } from './changing.ts';

type Kind = LocalSurveyRequest['kind'];

interface Props {
  readonly kind: Kind;
  readonly places: LocalSurveyPlaces;
  readonly isRunning: boolean;
  readonly onBegin: (asked: LocalSurveyRequest) => void;
  readonly onStop: () => void;
}

/** Where to look. */
export function SurveyForm({ kind, places, isRunning, onBegin, onStop }: Props) {
  const { t } = useWords();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onBegin(askedIn(kind, new FormData(event.currentTarget)));
  };
  return (
    <form className="sheet scan-form" onSubmit={submit}>
      {kind === 'mqtt' || kind === 'zigbee' ? <Broker kind={kind} places={places} /> : <Network kind={kind} places={places} />}
      <div className="scan-answers">
        {isRunning ? (
          <button type="button" className="button" id="survey-stop" onClick={onStop}>
            {t('local.scan.stop')}
          </button>
        ) : (
          <button type="submit" className="button strong" id="survey-start">
            {t('local.scan.start')}
          </button>
        )}
      </div>
    </form>
  );
}

function askedIn(kind: Kind, form: FormData): LocalSurveyRequest {
  const read = (name: string) => readField(form, name);
  if (kind === 'mqtt' || kind === 'zigbee') {
    const [username, password] = [read('username'), read('password')];
    const login = { ...(username !== '' && { username }), ...(password !== '' && { password }) };
    const common = { url: read('url'), seconds: Number(read('seconds')), ...login };
    return kind === 'mqtt' ? { kind, ...common } : { kind, ...common, base: read('base') };
  }
  const subnets = wordsIn(read('subnets'));
  const ports = wordsIn(read('ports')).map(Number);
  return { kind, subnets, ...(kind === 'tcp' && ports.length > 0 && { ports }) };
}

function wordsIn(text: string): string[] {
  return text.split(/[\s,，、]+/).filter(Boolean);
}

function Network({ kind, places: { declared, own } }: { kind: Kind; places: LocalSurveyPlaces }) {
  const { t } = useWords();
  const known = [...new Set([...declared, ...own])];
  return (
    <>
      <label className="field">
        <span>{t('work.survey.subnets')}</span>
        <input
          className="input"
          name="subnets"
          id="survey-subnets"
          ref={(element) => element?.focus()}
          defaultValue={(declared.length > 0 ? declared : own).slice(0, 4).join(' ')}
          required
          spellCheck={false}
          autoComplete="off"
        />
        <span className="quiet">{t('work.survey.known', { list: known.join('、') || '—' })}</span>
      </label>
      {kind === 'tcp' ? (
        <label className="field">
          <span>{t('work.survey.ports')}</span>
          <input className="input" name="ports" placeholder="502 4196 8899 26 9999 4001" autoComplete="off" inputMode="numeric" />
        </label>
      ) : null}
    </>
  );
}

function Broker({ kind, places: { brokers } }: { kind: 'mqtt' | 'zigbee'; places: LocalSurveyPlaces }) {
  const { t } = useWords();
  const text = (name: 'username' | 'password', type = 'text') => (
    <label className="field">
      <span>{t(`work.survey.${name}`)}</span>
      <input className="input" name={name} type={type} autoComplete="off" maxLength={256} />
    </label>
  );
  return (
    <>
      <label className="field">
        <span>{t('work.survey.broker')}</span>
        <input
          className="input"
          name="url"
          id="survey-url"
          ref={(element) => element?.focus()}
          defaultValue={brokers[0] ?? 'mqtt://127.0.0.1:1883'}
          pattern="mqtts?://[^/\\s@]+"
          required
          spellCheck={false}
          autoComplete="off"
        />
      </label>
      {kind === 'mqtt' ? null : (
        <label className="field">
          <span>{t('work.survey.base')}</span>
          <input className="input" name="base" defaultValue="zigbee2mqtt" required pattern="[\w.\-]+" autoComplete="off" />
        </label>
      )}
      {text('username')}
      {text('password', 'password')}
      <label className="field">
        <span>{t(kind === 'mqtt' ? 'work.survey.seconds' : 'work.survey.openFor')}</span>
        <input
          className="input"
          name="seconds"
          type="number"
          min={5}
          max={kind === 'mqtt' ? 3_600 : 254}
          defaultValue={kind === 'mqtt' ? 30 : 120}
          required
        />
      </label>
    </>
  );
}
