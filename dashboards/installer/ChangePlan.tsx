import type { LocalChange, LocalPaired, LocalPlanned } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { call } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { useLive } from './desk.ts';
import { Link } from './Link.tsx';
import { Paired } from './Paired.tsx';

export function focusIt(element: HTMLElement | null): void {
  element?.focus();
}

/** What a change would do, port by port and line by line, or why it cannot be. */
export function Plan({ planned, busy, onApply }: { planned: LocalPlanned; busy: boolean; onApply: () => void }) {
  const { t, text } = useWords();
  const { plan, login, problems } = planned;
  if (plan === null)
    return (
      <section className="sheet change-problems" role="alert">
        <h2>{t('local.change.problems', { count: problems.length })}</h2>
        <ul>
          {problems.map((one) => (
            <li key={`${one.path} ${one.zh}`}>
              <code>{one.path}</code> {text(one)}
            </li>
          ))}
        </ul>
      </section>
    );
  if (plan.isEmpty) return <p className="sheet quiet change-none">{t('work.settings.nothing')}</p>;
  return (
    <section className="sheet change-plan" aria-labelledby="plan-title">
      <h2 id="plan-title">{t('local.change.planTitle')}</h2>
      <ul>
        {plan.ports.map(({ id, change, devices, budget }) => (
          <li key={id} data-change={change}>
            <strong>{id}</strong>
            <span>{t(`local.change.port.${change}`)}</span>
            <Devices devices={devices} />
            {budget.after === null ? null : (
              <span className="quiet">
                {t('local.change.budget', { before: budget.before?.likelyPercent ?? 0, after: budget.after.likelyPercent })}
              </span>
            )}
          </li>
        ))}
      </ul>
      <pre className="change-lines" tabIndex={0} aria-label={t('work.settings.lines')}>
        {plan.lines.map(({ sign, text: line }, i) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines of a text have no other name
          <code key={i} data-sign={sign}>
            {sign} {line}
            {'\n'}
          </code>
        ))}
      </pre>
      {login === null ? null : <p>{t('work.pair.planned', { login })}</p>}
      <button type="button" className="button strong" id="change-apply" ref={focusIt} disabled={busy} onClick={onApply}>
        {t('local.change.apply')}
      </button>
    </section>
  );
}

/** Of a port: which of its devices come, go, or are otherwise. */
function Devices({ devices }: { devices: NonNullable<LocalPlanned['plan']>['ports'][number]['devices'] }) {
  const { added, removed, changed } = devices;
  const words = [...added.map((id) => `+ ${id}`), ...removed.map((id) => `− ${id}`), ...changed.map((id) => `~ ${id}`)];
  return words.length === 0 ? null : <span className="plan-devices">{words.join('　')}</span>;
}

/** Live: what is not seen yet, how long is left, and what became of it. */
export function Trial({ paired }: { paired: LocalPaired | null }) {
  const { t, text } = useWords();
  const { data, read } = useLive<{ change: LocalChange | null }>('/api/change');
  const change = data?.change ?? null;
  if (change === null) return null;
  const { state, missing, leftMs, reason } = change;
  const isOpen = state === 'applying' || state === 'verifying';
  const isBack = state === 'rolling-back' || state === 'rolled-back';
  return (
    <div className="list-page">
      <h1>{t('local.change.trial')}</h1>
      {paired === null || isBack ? null : <Paired paired={paired} />}
      <section className="sheet change-trial" data-state={state} aria-live="polite">
        <h2>{t(`local.change.state.${state}`)}</h2>
        {isOpen ? <p>{t('local.change.left', { seconds: Math.ceil(leftMs / 1000) })}</p> : null}
        {reason === null ? null : <p>{text(reason)}</p>}
        {isOpen ? missing.map((one) => <p key={one.zh}>{text(one)}</p>) : null}
        {isOpen || state === 'rolling-back' ? (
          <button type="button" className="button" onClick={() => void call('DELETE', '/api/change').finally(read)}>
            {t('local.change.undo')}
          </button>
        ) : (
          <Link className="button strong" to={{ screen: 'devices', q: '', port: '' }}>
            {t('local.device.back')}
          </Link>
        )}
      </section>
    </div>
  );
}
