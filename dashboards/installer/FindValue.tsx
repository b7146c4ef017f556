import type { LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type {
  LocalMatch,
  LocalNewValue,
  LocalProfileWords,
  LocalRecognised,
  LocalValueName,
} from '@yihu/device-profiles/vocabulary/local-profile.ts';
import type { Quantity } from '@yihu/device-profiles/vocabulary/quantities.ts';
import type { Unit } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useRef, useState } from 'react';
import { call } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { focusIt } from './ChangePlan.tsx';
import { problemIn, readField } from './changing.ts';
import { hexWords, readWords, symbolOf, takeValue, useMaking } from './making.ts';

type Wanted = Omit<LocalNewValue, 'match'>;

/** What an installer says a display shows, and every way in which the registers say the same. */
export function FindValue({ asked, words }: { asked: LocalProbeRequest; words: LocalProfileWords }) {
  const { t, text } = useWords();
  const [found, setFound] = useState<{ wanted: Wanted; matches: readonly LocalMatch[] } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [round, setRound] = useState(0);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = wantedIn(new FormData(event.currentTarget), asked.table);
    setBusy(true);
    setFound(null);
    setProblem(null);
    void call<LocalRecognised>('POST', '/api/profile/recognise', { ...asked, shown: wanted.shown })
      .then(({ matches }) => setFound({ wanted, matches }))
      .catch((error: unknown) => setProblem(problemIn(error)))
      .finally(() => setBusy(false));
  };
  const take = (match: LocalMatch) => {
    if (found === null) return;
    const { value: _, ...read } = match;
    takeValue({ ...found.wanted, match: read });
    setFound(null);
    setRound(round + 1);
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('#making-name')?.focus());
  };
  return (
    <section className="sheet making-find" aria-labelledby="making-find-title">
      <h2 id="making-find-title">{t('making.find.title')}</h2>
      <p className="quiet">{t('making.find.lead')}</p>
      <form ref={form} key={round} className="making-form" onSubmit={submit}>
        <NameFields words={words} />
        <button type="submit" className="button strong" disabled={busy}>
          {t(busy ? 'making.find.finding' : 'making.find.submit')}
        </button>
      </form>
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {found === null ? null : <Matches {...found} words={words} onTake={take} />}
    </section>
  );
}

/** Where the list does not have it. */
const ownName = '-';

function wantedIn(form: FormData, table: LocalProbeRequest['table']): Wanted {
  const said = readField(form, 'name');
  const en = readField(form, 'en');
  const name: LocalValueName =
    said === ownName ? { zh: readField(form, 'zh'), ...(en === '' ? {} : { en }) } : { quantity: said as Quantity };
  return { name, unit: readField(form, 'unit') as Unit, shown: readField(form, 'shown'), table };
}

function NameFields({ words }: { words: LocalProfileWords }) {
  const { t, text } = useWords();
  const values = useMaking(({ values: all }) => all);
  const taken = new Set(values.flatMap(({ name }) => ('quantity' in name ? [name.quantity] : [])));
  const free = words.quantities.filter(({ id }) => !taken.has(id));
  const [chosen, setChosen] = useState<string>(free[0]?.id ?? ownName);
  const usual = free.find(({ id }) => id === chosen)?.units;
  const units = words.units.filter(({ id }) => usual === undefined || usual.includes(id));
  const ordered = usual === undefined ? units : units.toSorted((a, b) => usual.indexOf(a.id) - usual.indexOf(b.id));
  return (
    <>
      <label className="field">
        <span className="label">{t('making.find.name')}</span>
        <span className="select">
          <select
            className="input"
            name="name"
            id="making-name"
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            {free.map(({ id, name }) => (
              <option key={id} value={id}>
                {text(name)}
              </option>
            ))}
            <option value={ownName}>{t('making.find.own')}</option>
          </select>
        </span>
      </label>
      {chosen === ownName ? (
        <>
          <label className="field">
            <span className="label">{t('making.find.zh')}</span>
            <input className="input" name="zh" id="making-zh" required maxLength={40} autoComplete="off" />
          </label>
          <label className="field">
            <span className="label">{t('making.find.en')}</span>
            <input className="input" name="en" id="making-en" maxLength={60} autoComplete="off" />
          </label>
        </>
      ) : null}
      <label className="field">
        <span className="label">{t('making.find.shown')}</span>
        <input
          className="input"
          name="shown"
          id="making-shown"
          required
          inputMode="decimal"
          pattern="-?[0-9]{1,12}(\.[0-9]{1,6})?"
          title={t('making.find.shownHint')}
          placeholder={t('making.find.shownHint')}
          autoComplete="off"
        />
      </label>
      <label className="field">
        <span className="label">{t('making.find.unit')}</span>
        <span className="select">
          <select className="input" name="unit" id="making-unit" key={chosen}>
            {ordered.map(({ id, name, symbol }) => (
              <option key={id} value={id}>
                {id === '1' ? t('making.find.noUnit') : symbol === '' ? text(name) : symbol}
              </option>
            ))}
          </select>
        </span>
      </label>
    </>
  );
}

interface MatchesProps {
  wanted: Wanted;
  matches: readonly LocalMatch[];
  words: LocalProfileWords;
  onTake: (match: LocalMatch) => void;
}

function Matches({ wanted: { shown, unit }, matches, words, onTake }: MatchesProps) {
  const { t } = useWords();
  const symbol = symbolOf(unit, words);
  if (matches.length === 0)
    return (
      <div className="making-none" role="status">
        <p>
          <strong>{t('making.match.none', { shown: `${shown} ${symbol}`.trim() })}</strong>
        </p>
        <p className="quiet">{t('making.match.noneNext')}</p>
      </div>
    );
  return (
    <div className="making-matches" role="group" aria-labelledby="making-match-title">
      <h3 id="making-match-title">
        {matches.length === 1 ? t('making.match.only') : t('making.match.title', { count: matches.length })}
      </h3>
      <ul>
        {matches.map((match, i) => (
          <li key={`${match.at} ${match.type} ${match.order} ${match.scale}`}>
            <button type="button" className="making-match" ref={i === 0 ? focusIt : null} onClick={() => onTake(match)}>
              <code>{readWords(match)}</code>
              <strong>
                {match.value} {symbol}
              </strong>
              <code className="quiet">{hexWords(match.words)}</code>
            </button>
          </li>
        ))}
      </ul>
      {matches.length === 1 ? null : <p className="quiet">{t('making.match.hint')}</p>}
    </div>
  );
}
