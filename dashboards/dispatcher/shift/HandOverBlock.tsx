import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { HandOver, HandOverItem } from '@yihu/device-profiles/vocabulary/duty.ts';
import { cloudNow } from '../../client/clock.ts';
import { whenText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import { useDesk } from '../desk.ts';
import { makeHandOver, noteHandOver, openHandOver, signHandOver, useShift, waitsFor } from './read.ts';

const kinds: readonly HandOverItem['kind'][] = ['incident', 'call', 'task', 'gap', 'window', 'shelved'];

/** 交接班: made from what is open, added to by hand, signed by who goes and then by who comes. The next press has the focus. */
export function HandOverBlock({ stale }: { stale: boolean }) {
  const { t } = useWords();
  const open = useShift(openHandOver);
  const last = useShift((shift) => shift.handOvers.find((one) => one.area === shift.area && one.state === 'taken'));
  const proposal = useShift((shift) => shift.proposal);
  return (
    <section className="block hand-over" aria-labelledby="hand-over-title">
      <h3 id="hand-over-title">
        {t('shift.handOver')}
        {open === undefined ? null : <Made of={open} />}
      </h3>
      {open === undefined ? (
        <>
          <Items title={t('shift.proposal')} items={proposal} />
          {last === undefined ? null : <Last of={last} />}
          <p className="quiet">{t('shift.makeLead')}</p>
          <Press name={t('shift.make')} stale={stale} onPress={makeHandOver} />
        </>
      ) : (
        <Open handOver={open} stale={stale} />
      )}
    </section>
  );
}

function Open({ handOver, stale }: { handOver: HandOver; stale: boolean }) {
  const { t } = useWords();
  const me = useDesk((desk) => desk.session?.user.id);
  const draft = handOver.state === 'draft' && handOver.outgoing === me;
  const mine = waitsFor(handOver, me);
  return (
    <>
      <Items title={t('shift.proposal')} items={handOver.items} />
      <Notes handOver={handOver} stale={stale} />
      <Signatures of={handOver} />
      {draft || mine ? (
        <Press
          key={handOver.state}
          name={t(draft ? 'shift.signOut' : 'shift.signIn')}
          stale={stale}
          onPress={() => signHandOver(handOver.id)}
        />
      ) : (
        <p className="quiet">{t('shift.otherSigns')}</p>
      )}
    </>
  );
}

function Made({ of }: { of: HandOver }) {
  const { t } = useWords();
  return <span>{t('shift.made', { at: whenText(of.createdAt, cloudNow()), name: of.outgoingName })}</span>;
}

function Last({ of }: { of: HandOver }) {
  const { t } = useWords();
  return (
    <>
      <h4>{t('shift.last')}</h4>
      <Signatures of={of} />
      <ul className="shift-list">
        {of.notes.map((note) => (
          <li key={`${note.at} ${note.text}`}>
            {note.text} <span className="quiet">{note.byName}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is open, by kind, the gravest first. */
function Items({ title, items }: { title: string; items: readonly HandOverItem[] }) {
  const { t, text } = useWords();
  const groups = kinds
    .map((kind) => ({ kind, list: items.filter((item) => item.kind === kind) }))
    .filter(({ list }) => list.length > 0);
  return (
    <div className="hand-over-items scroll" tabIndex={0} role="region" aria-label={title}>
      {groups.length === 0 ? <p className="quiet">{t('shift.nothing')}</p> : null}
      {groups.map(({ kind, list }) => (
        <div key={kind}>
          <h4>
            {t(`shift.kind.${kind}`)} <span className="count">{list.length}</span>
          </h4>
          <ul className="shift-list">
            {list.map((item) => (
              <li key={item.id}>{text(item.text)}</li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Notes({ handOver, stale }: { handOver: HandOver; stale: boolean }) {
  const { t } = useWords();
  const [written, setWritten] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (written.trim() === '' || stale) return;
    void noteHandOver(handOver.id, written.trim()).then((done) => (done ? setWritten('') : undefined));
  };
  return (
    <div className="hand-over-notes">
      <h4>{t('shift.notes')}</h4>
      <ul className="shift-list">
        {handOver.notes.map((note) => (
          <li key={`${note.at} ${note.text}`}>
            {note.text} <span className="quiet">{note.byName}</span>
          </li>
        ))}
      </ul>
      <form className="note-form" onSubmit={submit}>
        <input
          className="input"
          id="hand-over-note"
          aria-label={t('shift.note')}
          placeholder={t('shift.note')}
          maxLength={500}
          value={written}
          onChange={(event) => setWritten(event.target.value)}
        />
        <button type="submit" className="button" aria-disabled={stale || written.trim() === ''}>
          {t('shift.addNote')}
        </button>
      </form>
    </div>
  );
}

function Signatures({ of }: { of: HandOver }) {
  const { t } = useWords();
  const at = (moment: number | null) => (moment === null ? '' : whenText(moment, cloudNow()));
  return (
    <dl className="signatures">
      <div className={of.outgoingAt === null ? '' : 'signed'}>
        <dt>{t('shift.outgoing')}</dt>
        <dd>
          {of.outgoingAt === null ? t('shift.notSigned') : t('shift.signedOut', { name: of.outgoingName, at: at(of.outgoingAt) })}
        </dd>
      </div>
      <div className={of.incomingAt === null ? '' : 'signed'}>
        <dt>{t('shift.incoming')}</dt>
        <dd>
          {of.incomingAt === null
            ? t('shift.notSigned')
            : t('shift.signedIn', { name: of.incomingName ?? '', at: at(of.incomingAt) })}
        </dd>
      </div>
    </dl>
  );
}

interface PressProps {
  name: string;
  stale: boolean;
  onPress: () => Promise<void>;
}

/** The next step of the hand-over: it takes the focus when it appears, so that Enter is enough. */
function Press({ name, stale, onPress }: PressProps) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Never out of a field that is being written in.
    if (!(document.activeElement instanceof HTMLInputElement)) button.current?.focus();
  }, []);
  const press = () => {
    setBusy(true);
    void onPress().finally(() => setBusy(false));
  };
  return (
    <button
      ref={button}
      type="button"
      className="button strong hand-over-press"
      aria-disabled={stale || busy}
      title={stale ? t('why.stale') : undefined}
      onClick={stale || busy ? undefined : press}
    >
      {name}
    </button>
  );
}
