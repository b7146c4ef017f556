import type { LocalChange, LocalPlanned, LocalProfiles, LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useState } from 'react';
import { call, isApiError } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { useDesk, useLive } from './desk.ts';
import { Link } from './Link.tsx';
import type { Route } from './route.ts';

type Given = Extract<Route, { screen: 'change' }>;

/** A device more or less as a transaction: what it is → the plan by port → tried → kept, or rolled back by itself. */
export function Change({ given }: { given: Given }) {
  const { t, text } = useWords();
  const isRemoval = given.remove !== '';
  const [edit, setEdit] = useState<LocalSiteEdit | null>(null);
  const [planned, setPlanned] = useState<LocalPlanned | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBegun, setBegun] = useState(false);
  const [busy, setBusy] = useState(false);
  const attempt = (work: Promise<void>) => {
    setBusy(true);
    setProblem(null);
    void work.catch((error: unknown) => setProblem(problemIn(error))).finally(() => setBusy(false));
  };
  const plan = (wanted: LocalSiteEdit) => {
    setEdit(wanted);
    setPlanned(null);
    attempt(call<LocalPlanned>('POST', '/api/change/plan', wanted).then(setPlanned));
  };
  const apply = () => attempt(call('POST', '/api/change', edit).then(() => setBegun(true)));
  if (isBegun) return <Trial />;
  return (
    <div className="list-page">
      <h1>{isRemoval ? t('local.change.removeTitle', { id: given.remove }) : t('local.change.addTitle')}</h1>
      <p className="quiet">{t('local.change.lead')}</p>
      {isRemoval ? (
        <button type="button" className="button" disabled={busy} onClick={() => plan({ remove: given.remove })}>
          {t('local.change.plan')}
        </button>
      ) : (
        <Fields given={given} busy={busy} onPlan={plan} />
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

function problemIn(error: unknown): Problem {
  if (!isApiError(error)) throw error;
  return error.problem;
}

/** `unit 13` as it is shown everywhere: names and values in turn. */
export function addressIn(words: string): Record<string, string | number> {
  const parts = words.trim().split(/\s+/);
  const pairs = parts.flatMap((name, i) => {
    const value = parts[i + 1];
    if (i % 2 === 1 || value === undefined) return [];
    return [[name, /^\d+$/.test(value) ? Number(value) : value] as const];
  });
  return Object.fromEntries(pairs);
}

function editIn(form: FormData): LocalSiteEdit {
  const read = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const place = Object.fromEntries(
    ['building', 'room'].map((name) => [name, read(name)] as const).filter(([, said]) => said !== ''),
  );
  const [id, name, profile, port] = [read('id'), read('name'), read('profile'), read('port')];
  return { add: { id, name, profile, port, address: addressIn(read('address')), place } };
}

/** A number for a device that a scan has found: its line and its address. */
function idFrom({ port, address }: Given): string {
  const words = Object.values(addressIn(address)).join('-').toLowerCase();
  return port === '' || words === '' ? '' : `${port}-${words}`.replaceAll(/[^a-z0-9._-]/g, '-');
}

function Fields({ given, busy, onPlan }: { given: Given; busy: boolean; onPlan: (edit: LocalSiteEdit) => void }) {
  const { t, text } = useWords();
  const [sought, setSought] = useState(given.profile);
  const ports = useDesk((desk) => desk.overview)?.ports ?? [];
  const { data } = useLive<LocalProfiles>(`/api/profiles?q=${encodeURIComponent(sought)}`);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onPlan(editIn(new FormData(event.currentTarget)));
  };
  const field = (name: 'id' | 'name' | 'building' | 'room' | 'address', value = '', required = true) => (
    <label className="field">
      <span>{t(`local.change.${name}`)}</span>
      <input className="input" name={name} id={`change-${name}`} defaultValue={value} required={required} autoComplete="off" />
    </label>
  );
  return (
    <form className="sheet change-form" onSubmit={submit}>
      <label className="field">
        <span>{t('local.change.profile')}</span>
        <input
          className="input"
          name="profile"
          id="change-profile"
          ref={focusIt}
          list="change-profiles"
          required
          autoComplete="off"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
        <datalist id="change-profiles">
          {(data?.profiles ?? []).slice(0, 20).map((profile) => (
            <option key={profile.id} value={profile.id}>
              {text(profile.maker)} {profile.model} {text(profile.name)}
            </option>
          ))}
        </datalist>
      </label>
      {field('name')}
      {field('building', '', false)}
      {field('room', '', false)}
      {field('id', idFrom(given))}
      <label className="field">
        <span>{t('local.device.port')}</span>
        <select className="input" name="port" key={ports.length} defaultValue={given.port}>
          {ports.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      {field('address', given.address)}
      <button type="submit" className="button strong" disabled={busy}>
        {t(busy ? 'local.change.planning' : 'local.change.plan')}
      </button>
    </form>
  );
}

function Plan({ planned, busy, onApply }: { planned: LocalPlanned; busy: boolean; onApply: () => void }) {
  const { t, text } = useWords();
  const { plan, problems } = planned;
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
  return (
    <section className="sheet change-plan" aria-labelledby="plan-title">
      <h2 id="plan-title">{t('local.change.planTitle')}</h2>
      <ul>
        {plan.ports.map(({ id, change, budget }) => (
          <li key={id} data-change={change}>
            <strong>{id}</strong>
            <span>{t(`local.change.port.${change}`)}</span>
            {budget.after === null ? null : (
              <span className="quiet">
                {t('local.change.budget', { before: budget.before?.likelyPercent ?? 0, after: budget.after.likelyPercent })}
              </span>
            )}
          </li>
        ))}
      </ul>
      <button type="button" className="button strong" id="change-apply" ref={focusIt} disabled={busy} onClick={onApply}>
        {t('local.change.apply')}
      </button>
    </section>
  );
}

function focusIt(element: HTMLElement | null): void {
  element?.focus();
}

/** Live: what is not seen yet, how long is left, and what became of it. */
function Trial() {
  const { t, text } = useWords();
  const { data, read } = useLive<{ change: LocalChange | null }>('/api/change');
  const change = data?.change ?? null;
  if (change === null) return null;
  const { state, missing, leftMs, reason } = change;
  const isOpen = state === 'applying' || state === 'verifying';
  return (
    <div className="list-page">
      <h1>{t('local.change.trial')}</h1>
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
