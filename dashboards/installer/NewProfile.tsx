import type { LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type {
  LocalNewProfile,
  LocalProfileCheck,
  LocalProfileProblem,
  LocalProfileWords,
  LocalSavedProfile,
} from '@yihu/device-profiles/vocabulary/local-profile.ts';
import type { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useState } from 'react';
import { call } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { focusIt } from './ChangePlan.tsx';
import { problemIn, readField } from './changing.ts';
import { Link } from './Link.tsx';
import { dropValue, nameOf, readWords, symbolOf, useMaking } from './making.ts';

interface Props {
  asked: LocalProbeRequest;
  words: LocalProfileWords;
  onSaved: (saved: LocalSavedProfile) => void;
}

/** The values that were found, the device they are of, the check, and the file. */
export function NewProfile({ asked, words, onSaved }: Props) {
  const { text } = useWords();
  const values = useMaking((making) => making.values);
  const [draft, setDraft] = useState<LocalNewProfile | null>(null);
  const [check, setCheck] = useState<LocalProfileCheck | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = (work: Promise<void>) => {
    setBusy(true);
    setProblem(null);
    void work.catch((error: unknown) => setProblem(problemIn(error))).finally(() => setBusy(false));
  };
  const begin = (form: FormData) => {
    const { place, unit } = asked;
    const category = readField(form, 'category') as Category;
    const wanted = {
      place,
      unit,
      category,
      maker: readField(form, 'maker'),
      model: readField(form, 'model'),
      values: [...values],
    };
    setDraft(wanted);
    setCheck(null);
    attempt(call<LocalProfileCheck>('POST', '/api/profile/check', wanted).then(setCheck));
  };
  const save = () => attempt(call<LocalSavedProfile>('POST', '/api/profile', draft).then(onSaved));
  const problems = check?.problems ?? [];
  if (values.length === 0) return null;
  const change = () => setCheck(null);
  return (
    <>
      <Values words={words} problems={problems} onDrop={change} />
      <DeviceForm words={words} problems={problems} busy={busy} onCheck={begin} onChange={change} />
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {check === null ? null : check.problems.length > 0 ? (
        <Problems problems={check.problems} />
      ) : (
        <Checked check={check} busy={busy} onSave={save} />
      )}
    </>
  );
}

function Values({
  words,
  problems,
  onDrop,
}: {
  words: LocalProfileWords;
  problems: readonly LocalProfileProblem[];
  onDrop: () => void;
}) {
  const { t, text } = useWords();
  const values = useMaking((making) => making.values);
  return (
    <section className="sheet making-values" aria-labelledby="making-values-title">
      <h2 id="making-values-title">
        {t('making.values.title')} <span className="count">{values.length}</span>
      </h2>
      <ul>
        {values.map((value, i) => (
          <li key={`${i} ${value.shown}`}>
            <span className="making-value">
              <strong>{text(nameOf(value, words))}</strong>
              <span>
                {value.shown} {symbolOf(value.unit, words)}
              </span>
            </span>
            <code className="quiet">{readWords(value.match)}</code>
            <button
              type="button"
              className="button small"
              aria-label={t('making.values.remove', { name: text(nameOf(value, words)) })}
              onClick={() => {
                dropValue(i);
                onDrop();
              }}
            >
              ✕
            </button>
            <Wrong problems={problems} field={`values.${i}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface DeviceFormProps {
  words: LocalProfileWords;
  problems: readonly LocalProfileProblem[];
  busy: boolean;
  onCheck: (form: FormData) => void;
  onChange: () => void;
}

function DeviceForm({ words, problems, busy, onCheck, onChange }: DeviceFormProps) {
  const { t, text } = useWords();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onCheck(new FormData(event.currentTarget));
  };
  return (
    <form className="sheet making-device" aria-labelledby="making-device-title" onSubmit={submit} onChange={onChange}>
      <h2 id="making-device-title">{t('making.device.title')}</h2>
      <div className="making-form">
        <label className="field">
          <span className="label">{t('making.device.category')}</span>
          <span className="select">
            <select className="input" name="category" id="making-category">
              {words.categories.map(({ id, name }) => (
                <option key={id} value={id}>
                  {text(name)}
                </option>
              ))}
            </select>
          </span>
        </label>
        {(['maker', 'model'] as const).map((field) => (
          <label key={field} className="field">
            <span className="label">{t(`making.device.${field}`)}</span>
            <input className="input" name={field} id={`making-${field}`} required maxLength={40} autoComplete="off" />
            <Wrong problems={problems} field={field} />
          </label>
        ))}
        <button type="submit" className="button strong" id="making-check" disabled={busy}>
          {t(busy ? 'making.device.checking' : 'making.device.check')}
        </button>
      </div>
    </form>
  );
}

/** What is wrong with one field, beside it. */
function Wrong({ problems, field }: { problems: readonly LocalProfileProblem[]; field: string }) {
  const { text } = useWords();
  const own = problems.filter((problem) => problem.field === field);
  if (own.length === 0) return null;
  return <span className="wrong">{own.map((one) => text(one)).join(' ')}</span>;
}

const beside = /^(maker|model|values\.\d+)$/;

/** How many there are, and in full those that have no field. */
function Problems({ problems }: { problems: readonly LocalProfileProblem[] }) {
  const { t, text } = useWords();
  const others = problems.filter(({ field }) => !beside.test(field));
  return (
    <section className="sheet change-problems making-problems" role="alert">
      <h2>{t('making.checked.problems', { count: problems.length })}</h2>
      {problems.length > others.length ? <p>{t('making.checked.beside')}</p> : null}
      <ul>
        {others.map((one) => (
          <li key={`${one.field} ${one.zh}`}>
            <code>{one.field}</code> {text(one)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Checked({ check, busy, onSave }: { check: LocalProfileCheck; busy: boolean; onSave: () => void }) {
  const { t, text } = useWords();
  const { id, file, tier, readings, unreachable } = check;
  return (
    <section className="sheet making-checked" aria-labelledby="making-checked-title">
      <h2 id="making-checked-title">{t('making.checked.title', { id })}</h2>
      {tier === null ? null : <p className={`tier tier-${tier}`}>{t(`local.profiles.tier.${tier}`)}</p>}
      {unreachable === null ? (
        <>
          <p>{t('making.checked.well')}</p>
          <table className="making-readings">
            <thead>
              <tr>
                <th scope="col">{t('making.find.name')}</th>
                <th scope="col">{t('making.checked.now')}</th>
                <th scope="col">{t('making.checked.earlier')}</th>
              </tr>
            </thead>
            <tbody>
              {readings.map(({ point, name, value, symbol, quality, shown }) => (
                <tr key={point} data-quality={quality}>
                  <th scope="row">{text(name)}</th>
                  <td>{value === null ? t('making.checked.noValue') : `${String(value)} ${symbol}`}</td>
                  <td className="quiet">{`${shown} ${symbol}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : (
        <p className="making-silent">
          {text(unreachable)} {t('making.checked.silent')}
        </p>
      )}
      <p className="quiet">{t('making.checked.file', { file })}</p>
      <button type="button" className="button strong" id="making-save" ref={focusIt} disabled={busy} onClick={onSave}>
        {t(busy ? 'making.checked.saving' : 'making.checked.save')}
      </button>
    </section>
  );
}

function focusLink(section: HTMLElement | null): void {
  section?.querySelector('a')?.focus();
}

interface SavedProps {
  saved: LocalSavedProfile;
  unit: number;
  onAnother: () => void;
}

/** It is there; the device is added with it by the same way as any other. */
export function SavedProfile({ saved: { id, file, port }, unit, onAnother }: SavedProps) {
  const { t } = useWords();
  const add = { screen: 'change', port, address: `unit ${unit}`, profile: id, remove: '', newPort: '' } as const;
  return (
    <section className="sheet making-saved" role="status" ref={focusLink}>
      <h2>{t('making.saved.title', { id })}</h2>
      <p>{t('making.saved.lead', { file })}</p>
      <p className="device-actions">
        <Link className="button strong" id="making-add" to={add}>
          {t('making.saved.add')}
        </Link>
        <button type="button" className="button" onClick={onAnother}>
          {t('making.saved.another')}
        </button>
      </p>
    </section>
  );
}
