import { useState } from 'react';
import type { CapEntry } from '@yihu/device-profiles/vocabulary/cap.ts';
import { cloudNow } from '../client/clock.ts';
import { Segments } from '../parts/Segments.tsx';
import { spanText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { useAreaName } from './link-words.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepKeys, maySeeWarnings } from './rights.ts';
import { Searched } from './Searched.tsx';
import { Copied } from './SecretOnce.tsx';

const lookEveryMs = 15_000;
/** The cloud lists no more. */
const most = 100;

/** 预警互通: warnings that came in and went out by CAP, and where others read ours. */
export function Warnings() {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<CapEntry[]>('/api/cap', lookEveryMs);
  const may = maySeeWarnings(session);
  return (
    <>
      <div className="links-lead">
        <p className="quiet">{t('warnings.lead')}</p>
      </div>
      {may ? (
        <section className="sheet feed" aria-labelledby="feed">
          <h2 id="feed">{t('warnings.feed')}</h2>
          <Copied label={t('warnings.feed')} text={`${location.origin}/api/cap/feed`} />
          <p className="quiet">
            {t('warnings.feedLead')}{' '}
            {mayKeepKeys(session) ? (
              <Link to={{ screen: 'links', tab: 'keys', id: '' }}>{t('warnings.feedKeys')}</Link>
            ) : (
              t('warnings.feedAsk')
            )}
          </p>
          <p className="quiet">{t('warnings.inLead', { address: `${location.origin}/api/cap` })}</p>
        </section>
      ) : null}
      <Listed reading={reading} allowed={may}>
        {(messages) => <List messages={messages} />}
      </Listed>
    </>
  );
}

const noEffect: readonly CapEntry['effect'][] = ['late', 'kept'];

function List({ messages }: { messages: readonly CapEntry[] }) {
  const { t } = useWords();
  const areaName = useAreaName();
  const [direction, setDirection] = useState<CapEntry['direction'] | ''>('');
  const areasOf = ({ areas }: CapEntry) => areas.map(areaName).join(t('lists.comma'));
  const idle = messages.filter(({ effect, status }) => noEffect.includes(effect) && status === 'Actual');
  return (
    <>
      {idle.length === 0 ? null : (
        <p className="band">
          {t('warnings.partial', {
            count: idle.length,
            names: idle.map(({ headline, identifier }) => (headline === '' ? identifier : headline)).join(t('lists.comma')),
          })}
        </p>
      )}
      <Searched
        of="warnings"
        items={messages}
        textOf={(message) =>
          `${message.headline} ${message.sender} ${message.identifier} ${message.references.join(' ')} ${areasOf(message)}`
        }
        filter={{
          fields: (
            <Segments
              label={t('warnings.direction')}
              name="cap-direction"
              options={(['', 'in', 'out'] as const).map((one) => ({
                value: one,
                label: t(`warnings.${one === '' ? 'all' : one}`),
              }))}
              value={direction}
              onChange={setDirection}
            />
          ),
          lets: (message) => direction === '' || message.direction === direction,
          clear: () => setDirection(''),
        }}
      >
        {(found, find) => (
          <ul className="sheet lines">
            {found.map((message) => (
              <Row
                key={`${message.direction} ${message.sender} ${message.identifier}`}
                message={message}
                areas={areasOf(message)}
                onFind={find}
              />
            ))}
          </ul>
        )}
      </Searched>
      {messages.length >= most ? <p className="quiet">{t('warnings.newest', { count: most })}</p> : null}
    </>
  );
}

const types = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
const statuses = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;

interface RowProps {
  message: CapEntry;
  areas: string;
  onFind: (identifier: string) => void;
}

function Row({ message, areas, onFind }: RowProps) {
  const { t } = useWords();
  const { direction, sender, identifier, headline, references, effect, at } = message;
  const type = types.find((one) => one === message.msgType);
  const status = statuses.find((one) => one === message.status);
  return (
    <li className={`line cap-line ${noEffect.includes(effect) ? 'past' : ''}`}>
      <span className={`cap-way ${direction}`}>
        <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.75" aria-hidden="true">
          <path
            d={direction === 'in' ? 'M15 5 6 14M6 7v7h7' : 'M5 15l9-9M7 6h7v7'}
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        {t(`warnings.${direction}`)}
      </span>
      <div className="what">
        <strong className="line-title">
          {headline === '' ? t('warnings.untitled') : headline}
          {status === undefined || status === 'Actual' ? null : (
            <span className="tag tag-planned">{t(`warnings.status.${status}`)}</span>
          )}
        </strong>
        <p className="quiet line-facts">
          <span className="code">{identifier}</span>
          <span>{sender}</span>
          {areas === '' ? null : <span>{areas}</span>}
        </p>
        {references.length === 0 ? null : (
          <p className="quiet cap-refers">
            {t('warnings.refers')}
            {references.map((one) => (
              <button
                key={one}
                type="button"
                className="button plain small code"
                aria-label={t('warnings.refersTo', { identifier: one })}
                onClick={() => onFind(one)}
              >
                {one}
              </button>
            ))}
          </p>
        )}
      </div>
      <p className="line-state">
        <span className={noEffect.includes(effect) ? 'wrong' : ''}>{t(`warnings.effect.${effect}`)}</span>
        <time className="quiet" dateTime={new Date(at).toISOString()}>
          {spanText(at, cloudNow())}
        </time>
      </p>
      <span className={`tag cap-${message.msgType.toLowerCase()}`}>
        {type === undefined ? message.msgType : t(`warnings.type.${type}`)}
      </span>
      <a
        className="button small"
        href={`/api/cap/messages/${encodeURIComponent(identifier)}`}
        target="_blank"
        rel="noreferrer"
        aria-label={t('warnings.documentOf', { identifier })}
      >
        {t('warnings.document')}
      </a>
    </li>
  );
}
