import { useEffect } from 'react';
import {
  type IncidentPeople,
  needs,
  type PersonAtRisk,
  type PostThere,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { postKind } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { type IncidentDetail, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { Keycap } from '../../parts/Keycap.tsx';
import { useWords } from '../../words/language.ts';
import { type Listed, listed, readContacts, type Telephone, useContacts } from './contacts.ts';

/** Who lives there, who of them needs help first, whom to call, and who answers for the place; 1–9 call. */
export function Contacts({ detail }: { detail: Pick<IncidentDetail, 'id' | 'state'> }) {
  const { t, text } = useWords();
  const { id, state } = detail;
  const read = useContacts();
  const isStillOpen = isOpen(state);
  useEffect(() => readContacts(id, isStillOpen), [id, isStillOpen]);
  if (read.of !== id)
    return (
      <section className="block contacts" aria-label={t('contacts.title')}>
        <Skeleton rows={1} height={32} label={t('app.loading')} />
      </section>
    );
  if (read.people === null && read.problem === null)
    return (
      <section className="block contacts nobody" aria-label={t('contacts.title')}>
        <p className="quiet">{t('contacts.notHere')}</p>
      </section>
    );
  return (
    <section className="block contacts" aria-labelledby="contacts-title">
      <h3 id="contacts-title">{t('contacts.title')}</h3>
      {read.people === null ? (
        <p className="wrong">
          {t('contacts.failed')} · {read.problem === null ? '' : text(read.problem.message)}{' '}
          <button type="button" className="button plain small" onClick={() => readContacts(id, true)}>
            {t('app.retry')}
          </button>
        </p>
      ) : (
        <Lists people={read.people} />
      )}
    </section>
  );
}

/** What makes the household need help first, wherever one looks at the incident. */
export function NeedsMark({ incident }: { incident: string }) {
  const { text } = useWords();
  const people = useContacts((read) => (read.of === incident ? read.people : null));
  const there = new Set(people?.household.flatMap((person) => person.needs));
  if (there.size === 0) return null;
  return <span className="contact-needs">{[...there].map((need) => text(needs[need])).join(' · ')}</span>;
}

function Lists({ people }: { people: IncidentPeople }) {
  const { t } = useWords();
  const groups = listed(people);
  if (groups.length === 0) return <p className="quiet">{t('contacts.none')}</p>;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-labelledby="contacts-title">
      {groups.map(({ kind, rows }) => (
        <div key={kind} className="contact-group">
          <h4>{t(`contacts.group.${kind}`)}</h4>
          <ul>
            {rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Row({ row }: { row: Listed }) {
  const { t, text } = useWords();
  const { person, posts, phones } = row;
  return (
    <li className="contact">
      <span className="contact-who">
        <strong>{row.name}</strong>
        {person === null ? null : <Needs person={person} />}
        <span className="quiet">
          {[
            ...(person?.age == null ? [] : [t('contacts.age', { age: person.age })]),
            ...posts.map((post: PostThere) => `${post.areaName} ${text(postKind(post.post).name)}`),
          ].join(' · ')}
        </span>
      </span>
      {phones.map((phone) => (
        <Dial key={phone.number} phone={phone} />
      ))}
      {phones.length === 0 ? <span className="quiet">{t('contacts.noPhone')}</span> : null}
    </li>
  );
}

function Needs({ person }: { person: PersonAtRisk }) {
  const { text } = useWords();
  if (person.needs.length === 0) return null;
  return <span className="contact-needs">{person.needs.map((need) => text(needs[need])).join(' · ')}</span>;
}

/** A telephone on the desk, or a softphone beside the screen, takes the number from here. */
function Dial({ phone }: { phone: Telephone }) {
  const { t } = useWords();
  const whose = phone.whose === null ? '' : `${phone.whose.relation || t('contacts.contact')} ${phone.whose.name} `;
  return (
    <a className="dial" href={`tel:${phone.number}`} {...(phone.key === null ? {} : { 'data-dial': phone.key })}>
      {whose === '' ? null : <span className="quiet">{whose}</span>}
      {phone.number}
      {phone.key === null ? null : <Keycap name={String(phone.key)} />}
    </a>
  );
}
