import { useState } from 'react';
import type { Notice } from '@yihu/device-profiles/vocabulary/resident.ts';
import { cloudNow } from '../client/clock.ts';
import { Segments } from '../parts/Segments.tsx';
import { spanText } from '../parts/time.ts';
import { addWords, useWords } from '../words/language.ts';
import { listsEn } from '../words/lists.en.ts';
import { listsZh } from '../words/lists.zh.ts';
import { noticesEn } from '../words/notices.en.ts';
import { noticesZh } from '../words/notices.zh.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { NoticeDialog } from './NoticeDialog.tsx';
import { NoticePage } from './NoticePage.tsx';
import { type NoticeState, noticeStateOf, noticeStates } from './notice-state.ts';
import { Receipts } from './Receipts.tsx';
import { usePolled } from './reading.ts';
import { maySeeNotices, mayWriteNotices } from './rights.ts';
import { Searched } from './Searched.tsx';
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
  const [state, setState] = useState<NoticeState | ''>('');
  const now = cloudNow();
  const count = (of: NoticeState) => notices.filter((notice) => noticeStateOf(notice, now) === of).length;
  return (
    <>
      <Unlinked notices={notices.filter((notice) => noticeStateOf(notice, now) === 'showing')} />
      <Searched
        of="notices"
        items={notices}
        textOf={(notice) => `${notice.title} ${notice.text} ${notice.areaName} ${notice.byName}`}
        filter={{
          fields: (
            <Segments
              label={t('notices.filter')}
              name="notice-state"
              options={[
                { value: '', label: t('notices.all'), count: notices.length },
                ...noticeStates.map((one) => ({ value: one, label: t(`notices.state.${one}`), count: count(one) })),
              ]}
              value={state}
              onChange={setState}
            />
          ),
          lets: (notice) => state === '' || noticeStateOf(notice, now) === state,
          clear: () => setState(''),
        }}
      >
        {(found) => (
          <ul className="sheet lines">
            {found.map((notice) => (
              <Row key={notice.id} notice={notice} now={now} />
            ))}
          </ul>
        )}
      </Searched>
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
