import { type FormEvent, useState } from 'react';
import {
  type Need,
  needs,
  type PersonDetail,
  type PersonField,
  sources,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { localNow } from '../client/clock.ts';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { doStep } from './desk.ts';
import { fits, type Given, givenOf, visitBody } from './visit.ts';

interface Props {
  person: PersonDetail;
  close: () => void;
}

const relations = ['child', 'spouse', 'parent', 'friend'] as const;
const asked = ['self', 'family', 'door'] as const;

/**
 * 入户走访: six fields that come filled in. What is masked stands beside its field; a field left empty stays as it is.
 * Beside each stands who may see it.
 */
export function Visit({ person, close }: Props) {
  const { t, text } = useWords();
  const [given, setGiven] = useState<Given>(() => givenOf(person));
  const [wrong, setWrong] = useState<ReturnType<typeof fits>>(null);
  const put = (some: Partial<Given>) => setGiven({ ...given, ...some });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const problem = fits(given);
    setWrong(problem);
    const body = visitBody(person, given);
    if (problem !== null || body === null) return problem === null ? close() : undefined;
    if (await doStep({ zh: person.name }, { kind: 'visit', person: person.id, step: 'visit', body })) close();
  };
  const toggle = (need: Need) =>
    put({ needs: given.needs.includes(need) ? given.needs.filter((one) => one !== need) : [...given.needs, need] });
  const line = (name: 'phone' | 'contactName' | 'contactPhone', known: string | null, who: 'usual' | null) => (
    <label>
      {t(`phone.field.${name}`)}
      <input
        name={name}
        value={given[name]}
        inputMode={name === 'contactName' ? 'text' : 'tel'}
        maxLength={24}
        autoComplete="off"
        placeholder={known ?? t('phone.unknown')}
        aria-invalid={wrong === name}
        onChange={({ target }) => put({ [name]: target.value })}
      />
      {wrong === name ? <span className="wrong">{t(`phone.fieldWrong.${name}`)}</span> : null}
      {who === null ? null : <span className="who">{t(`phone.who.${who}`)}</span>}
    </label>
  );
  return (
    <form className="visit" onSubmit={(event) => void save(event)} data-visiting={person.id}>
      <h3>{t('phone.visit', { name: person.name })}</h3>
      <p>{t('phone.visitHow')}</p>
      {line('phone', person.phone, 'usual')}
      <Came person={person} field="phone" />
      {line('contactName', person.contact?.name ?? null, null)}
      {line('contactPhone', person.contact?.phone ?? null, null)}
      <label>
        {t('phone.field.relation')}
        <select name="relation" value={given.relation} onChange={({ target }) => put({ relation: target.value })}>
          {[...new Set([given.relation, ...relations.map((one) => t(`phone.relation.${one}`))])].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <span className="who">{t('phone.who.usual')}</span>
      </label>
      <Came person={person} field="contact" />
      {person.needs === null ? null : (
        <fieldset>
          <legend>{t('phone.field.needs')}</legend>
          <div className="choices">
            {(Object.keys(needs) as Need[]).map((need) => (
              <button
                key={need}
                type="button"
                className="phone-button"
                aria-pressed={given.needs.includes(need)}
                data-need={need}
                onClick={() => toggle(need)}
              >
                {text(needs[need])}
              </button>
            ))}
          </div>
          <span className="who">{t('phone.who.needs')}</span>
          <Came person={person} field="needs" />
        </fieldset>
      )}
      <label>
        {t('phone.field.source')}
        <select
          name="source"
          value={given.source}
          onChange={({ target }) => put({ source: target.value as (typeof asked)[number] })}
        >
          {asked.map((source) => (
            <option key={source} value={source}>
              {text(sources[source])}
            </option>
          ))}
        </select>
      </label>
      <div className="steps">
        <button type="submit" className="phone-button next" data-save="visit">
          {t('phone.save')}
        </button>
        <button type="button" className="phone-button" onClick={close}>
          {t('phone.back')}
        </button>
      </div>
    </form>
  );
}

/** Where what stands there came from, and when. */
function Came({ person, field }: { person: PersonDetail; field: PersonField }) {
  const { t, text } = useWords();
  const origin = person.origins.find((one) => one.field === field);
  if (origin === undefined) return null;
  return <p className="came">{t('phone.came', { source: text(sources[origin.source]), at: whenText(origin.at, localNow()) })}</p>;
}
