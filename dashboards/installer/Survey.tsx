import type {
  LocalSurvey,
  LocalSurveyFound,
  LocalSurveyPlaces,
  LocalSurveyRequest,
} from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useState } from 'react';
import { call } from '../client/api.ts';
import { useTimersNow } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { problemIn } from './changing.ts';
import { useLive, useOnce } from './desk.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import type { Route } from './route.ts';
import { ScanTabs } from './ScanTabs.tsx';
import { SurveyForm } from './SurveyForm.tsx';

type Kind = LocalSurveyRequest['kind'];

/** Who is in a network, at a broker, among cameras: shown as found, stopped when asked. */
export function Survey({ kind }: { kind: Kind }) {
  const { t, text } = useWords();
  const { data, read } = useLive<{ survey: LocalSurvey | null }>('/api/survey');
  const { data: places, problem: noPlaces, read: readPlaces } = useOnce<LocalSurveyPlaces>('/api/survey/places');
  const [problem, setProblem] = useState<Problem | null>(null);
  const survey = data?.survey ?? null;
  const attempt = (work: Promise<unknown>) => {
    setProblem(null);
    void work.catch((error: unknown) => setProblem(problemIn(error))).finally(read);
  };
  const begin = (asked: LocalSurveyRequest) => attempt(call('POST', '/api/survey', asked));
  const isRunning = survey?.state === 'running';
  return (
    <div className="list-page">
      <div className="list-head">
        <h1>{t(`work.survey.title.${kind}`)}</h1>
        <p className="quiet">{t(`work.survey.lead.${kind}`)}</p>
      </div>
      <ScanTabs here={kind} />
      {places === null && noPlaces !== null ? <Failure problem={noPlaces} onRetry={readPlaces} /> : null}
      {places === null ? null : (
        <SurveyForm
          kind={kind}
          places={places}
          isRunning={isRunning}
          onBegin={begin}
          onStop={() => attempt(call('DELETE', '/api/survey'))}
        />
      )}
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {survey?.kind === kind ? <Progress survey={survey} /> : null}
      {survey !== null && survey.kind !== kind && isRunning ? <p className="quiet">{t('work.survey.other')}</p> : null}
      {survey?.kind === kind ? <FoundList survey={survey} /> : null}
    </div>
  );
}

function Progress({ survey }: { survey: LocalSurvey }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const { state, at, atMostMs, done, of, found, note, reason } = survey;
  const leftMs = Math.max(0, at + atMostMs - now);
  const share = of > 0 ? done / of : atMostMs > 0 ? 1 - leftMs / atMostMs : 0;
  return (
    <section className="sheet survey-progress" data-state={state} aria-live="polite">
      <h2>{t(`work.survey.state.${state}`, { count: found.length })}</h2>
      {state === 'running' ? (
        <>
          <span className="load" aria-hidden="true">
            <span style={{ width: `${Math.min(100, Math.round(share * 100))}%` }} />
          </span>
          <p className="quiet">
            {of > 0 ? `${done}/${of} · ` : ''}
            {t('local.scan.left', { age: elapsedText(leftMs) })}
          </p>
        </>
      ) : null}
      {reason === null ? null : <p>{text(reason)}</p>}
      {note === null ? null : <p className="quiet">{text(note)}</p>}
    </section>
  );
}

function FoundList({ survey }: { survey: LocalSurvey }) {
  const { t } = useWords();
  const { found, state } = survey;
  if (found.length === 0)
    return state === 'done' ? (
      <PanelState mark="filter" title={t('local.scan.nobody')}>
        <p>{t('work.survey.nobodyNext')}</p>
      </PanelState>
    ) : null;
  return (
    <ul className="sheet rows survey-found">
      {found.map((each) => (
        <li key={each.name} className="found">
          <Found found={each} />
        </li>
      ))}
    </ul>
  );
}

function addRoute({ port, newPort, address, profile }: NonNullable<LocalSurveyFound['add']>): Route {
  const words = Object.entries(address).map(([name, value]) => `${name} ${value}`);
  const wire = newPort === null ? '' : `${newPort.driver} ${newPort.host} ${newPort.port}`;
  return { screen: 'change', port, address: words.join(' '), profile, remove: '', newPort: wire };
}

function Found({ found: { name, what, profiles, known, add } }: { found: LocalSurveyFound }) {
  const { t, text } = useWords();
  return (
    <>
      <span className="row-name">
        <strong>{name}</strong>
        <span className="quiet">{[text(what), ...profiles.slice(0, 1)].join(' · ')}</span>
      </span>
      {known === null ? null : 'device' in known ? (
        <Link className="found-state" to={{ screen: 'device', id: known.device }}>
          {t('local.scan.known', { id: known.device })}
        </Link>
      ) : (
        <Link className="found-state" to={{ screen: 'devices', q: '', port: known.port }}>
          {t('work.survey.knownPort', { port: known.port })}
        </Link>
      )}
      {known !== null && 'device' in known ? null : add === null ? (
        <span className="quiet">{t('work.survey.cannotAdd')}</span>
      ) : (
        <Link className="button small" to={addRoute(add)}>
          {t('local.change.add')}
        </Link>
      )}
    </>
  );
}
