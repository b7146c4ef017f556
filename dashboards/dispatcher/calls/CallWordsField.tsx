import { useWords } from '../../words/language.ts';
import { type Draft, wordsOf } from './draft.ts';
import type { HeldDraft } from './use-draft.ts';

/** The template with its blanks, or own words; below it what people will read. */
export function CallWordsField({ held }: { held: HeldDraft }) {
  const { t } = useWords();
  const { draft, templates, template, pick, change } = held;
  const said = wordsOf(draft, template);
  const blanks = template?.placeholders ?? [];
  return (
    <>
      <div className="field">
        <label htmlFor="call-template">{t('calls.template')}</label>
        <span className="select">
          <select
            id="call-template"
            value={draft.template ?? ''}
            onChange={(event) => pick(templates.find(({ id }) => id === event.target.value) ?? null)}
          >
            {templates.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value="">{t('calls.own')}</option>
          </select>
        </span>
      </div>
      {template === undefined ? <OwnWords draft={draft} change={change} /> : null}
      {blanks.map((name) => (
        <div key={name} className="field blank">
          <label htmlFor={`blank-${name}`}>{name}</label>
          <input
            id={`blank-${name}`}
            className="input"
            value={draft.values[name] ?? ''}
            maxLength={100}
            onChange={(event) => change({ values: { ...draft.values, [name]: event.target.value } })}
          />
        </div>
      ))}
      <figure className="call-words">
        <figcaption>{t('calls.firstLine')}</figcaption>
        <strong>{said.title}</strong>
        <p>
          {draft.kind === 'actual' ? null : <span className="kind-mark hatched">{t(`calls.kind.${draft.kind}`)}</span>}{' '}
          {said.text}
        </p>
      </figure>
    </>
  );
}

function OwnWords({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const { t } = useWords();
  return (
    <>
      <div className="field">
        <label htmlFor="call-title-own">{t('calls.ownTitle')}</label>
        <input
          id="call-title-own"
          className="input"
          value={draft.title}
          maxLength={60}
          onChange={(event) => change({ title: event.target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor="call-text-own">{t('calls.ownText')}</label>
        <textarea
          id="call-text-own"
          className="input"
          value={draft.text}
          maxLength={400}
          onChange={(event) => change({ text: event.target.value })}
        />
      </div>
    </>
  );
}
