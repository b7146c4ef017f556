import { useState } from 'react';
import type { Notice } from '@yihu/device-profiles/vocabulary/resident.ts';
import { cloudNow } from '../client/clock.ts';
import { spanText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { addWords } from '../words/language.ts';
import { listsEn } from '../words/lists.en.ts';
import { listsZh } from '../words/lists.zh.ts';
import { noticesEn } from '../words/notices.en.ts';
import { noticesZh } from '../words/notices.zh.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed, Nothing } from './Listed.tsx';
import { NoticeDialog } from './NoticeDialog.tsx';
import { NoticePage } from './NoticePage.tsx';
import { type NoticeState, noticeStateOf, noticeStates } from './notice-state.ts';
import { Receipts } from './Receipts.tsx';
import { usePolled } from './reading.ts';
import { maySeeNotices, mayWriteNotices } from './rights.ts';
import './lists.css';
import './notices.css';

addWords({ zh: { ...listsZh, ...noticesZh }, en: { ...listsEn, ...noticesEn } });

/** Homes confirm one by one, and nothing on the stream says so. */
const lookEveryMs = 5_000;
/** The cloud lists no more. */
const most = 100;

/** 通知: what homes are told, and how many have read it. */
export default function NoticesScreen({ id }: { id: string }) {
  return id === '' ? <NoticeList /> : <NoticePage key={id} id={id} />;
}

function NoticeList() {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<Notice[]>('/api/notices', lookEveryMs);
  const [writing, setWriting] = useState(false);
  const [done, setDone] = useState('');
  return (
    <div className="windows lists">
      <div className="windows-head">
        <h1>{t('notices.title')}</h1>
        <p className="quiet">{t('notices.lead')}</p>
        {mayWriteNotices(session) ? (
          <button type="button" className="button strong" onClick={() => setWriting(true)}>
            {t('notices.add')}
          </button>
        ) : null}
      </div>
      <p className="unseen" role="status">
        {done}
      </p>
      <Listed reading={reading} allowed={maySeeNotices(session)}>
        {(notices) => <List notices={notices} />}
      </Listed>
      {writing ? (
        <NoticeDialog
          onClose={() => setWriting(false)}
          onDone={(notice) => {
            setWriting(false);
            setDone(t('notices.published', { title: notice.title }));
            reading.again();
          }}
        />
      ) : null}
    </div>
  );
}

function List({ notices }: { notices: readonly Notice[] }) {
  const { t } = useWords();
  const [words, setWords] = useState('');
  const [state, setState] = useState<NoticeState | ''>('');
  const now = cloudNow();
  const sought = words.trim().toLowerCase();
  const shown = notices.filter(
    (notice) =>
      (state === '' || noticeStateOf(notice, now) === state) &&
      `${notice.title} ${notice.text} ${notice.areaName} ${notice.byName}`.toLowerCase().includes(sought),
  );
  const clear = () => {
    setWords('');
    setState('');
  };
  const count = (of: NoticeState) => notices.filter((notice) => noticeStateOf(notice, now) === of).length;
  return (
    <>
      <Unlinked notices={notices.filter((notice) => noticeStateOf(notice, now) === 'showing')} />
      <div className="filters">
        <input
          className="input"
          type="search"
          value={words}
          placeholder={t('notices.searchHint')}
          aria-label={t('notices.search')}
          onChange={(event) => setWords(event.target.value)}
        />
        <fieldset className="segments" aria-label={t('notices.filter')}>
          {(['', ...noticeStates] as const).map((one) => (
            <label key={one} className="segment">
              <input type="radio" name="notice-state" checked={state === one} onChange={() => setState(one)} />
              <span>
                {one === '' ? t('notices.all') : t(`notices.state.${one}`)}
                <span className="count">{one === '' ? notices.length : count(one)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <span className="quiet">{t('notices.shown', { count: shown.length })}</span>
      </div>
      {shown.length === 0 ? (
        <Nothing
          all={notices.length}
          empty={t('notices.empty')}
          next={t('notices.emptyNext')}
          filtered={t('notices.emptyFilter', { all: notices.length })}
          clear={t('lists.clear')}
          onClear={clear}
        />
      ) : (
        <ul className="sheet lines">
          {shown.map((notice) => (
            <Row key={notice.id} notice={notice} now={now} />
          ))}
        </ul>
      )}
      {notices.length >= most ? <p className="quiet">{t('notices.newest')}</p> : null}
    </>
  );
}

function Row({ notice, now }: { notice: Notice; now: number }) {
  const { t } = useWords();
  const state = noticeStateOf(notice, now);
  return (
    <li className={`line notice-line ${state === 'showing' || state === 'planned' ? '' : 'past'}`}>
      <div className="what">
        <Link className="line-title" to={{ screen: 'notices', id: notice.id }}>
          {notice.title}
        </Link>
        <p className="line-text">{notice.text}</p>
        <p className="quiet line-facts">
          <span>{notice.areaName}</span>
          <span>{t('notices.times', { from: spanText(notice.from, now), until: spanText(notice.until, now) })}</span>
          <span>{t('notices.by', { name: notice.byName })}</span>
        </p>
      </div>
      <Receipts counts={notice} />
      <span className={`tag tag-${state}`}>{t(`notices.state.${state}`)}</span>
    </li>
  );
}

const mostPlaces = 3;

/** 部分: homes that no notice reaches now, and where they are. Each area once, however many notices it has. */
function Unlinked({ notices }: { notices: readonly Notice[] }) {
  const { t } = useWords();
  const areas = [...new Map(notices.map((notice) => [notice.area, notice])).values()];
  // An area inside another that is listed is counted there.
  const outer = areas
    .filter(({ area }) => !areas.some((other) => area.startsWith(`${other.area}/`)))
    .map(({ areaName, homes, linked }) => ({ place: areaName, count: Math.max(0, homes - linked) }))
    .filter(({ count }) => count > 0);
  if (outer.length === 0) return null;
  const places = outer
    .slice(0, mostPlaces)
    .map((one) => t('notices.placeCount', one))
    .join(t('lists.comma'));
  return (
    <p className="band">
      {t('notices.partial', {
        count: outer.reduce((sum, { count }) => sum + count, 0),
        places: outer.length > mostPlaces ? `${places}…` : places,
      })}
    </p>
  );
}
