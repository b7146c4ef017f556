import { useState } from 'react';
import type { NoticeBuilding, NoticeDetail, NoticeHome } from '@yihu/device-profiles/vocabulary/resident.ts';
import { call } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { dayText, spanText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { noticeStateOf, receiptsOf } from './notice-state.ts';
import { Receipts } from './Receipts.tsx';
import { usePolled, useReading } from './reading.ts';
import { maySeeHomes, maySeeNotices, mayWithdrawNotices } from './rights.ts';

const lookEveryMs = 5_000;

/** One notice: what it says, and who has read it, by building. */
export function NoticePage({ id }: { id: string }) {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<NoticeDetail>(`/api/notices/${encodeURIComponent(id)}`, lookEveryMs);
  return (
    <div className="windows lists">
      <Link className="list-back" to={{ screen: 'notices', id: '' }}>
        ← {t('notices.back')}
      </Link>
      <Listed reading={reading} allowed={maySeeNotices(session)}>
        {(notice) => <Page notice={notice} onChanged={reading.again} />}
      </Listed>
    </div>
  );
}

function Page({ notice, onChanged }: { notice: NoticeDetail; onChanged: () => void }) {
  const { t } = useWords();
  const now = cloudNow();
  const state = noticeStateOf(notice, now);
  return (
    <>
      <div className="windows-head">
        <h1>
          {notice.title} <span className={`tag tag-${state}`}>{t(`notices.state.${state}`)}</span>
        </h1>
        <p className="quiet line-facts">
          <span>{notice.areaName}</span>
          <span>{t('notices.times', { from: spanText(notice.from, now), until: spanText(notice.until, now) })}</span>
          <span>{t('notices.by', { name: notice.byName })}</span>
          {notice.withdrawnAt === null ? null : (
            <span>{t('notices.withdrawnBy', { at: spanText(notice.withdrawnAt, now), name: notice.withdrawnByName ?? '' })}</span>
          )}
        </p>
        <Withdraw notice={notice} onDone={onChanged} />
      </div>
      <div className="notice-page">
        <section className="sheet" aria-labelledby="notice-text">
          <h2 id="notice-text">{t('notices.text')}</h2>
          <p className="notice-text">{notice.text}</p>
        </section>
        <section className="sheet" aria-labelledby="notice-receipts">
          <h2 id="notice-receipts">{t('notices.receipts')}</h2>
          <Totals notice={notice} />
        </section>
      </div>
      <Buildings notice={notice} />
    </>
  );
}

function Totals({ notice }: { notice: NoticeDetail }) {
  const { t } = useWords();
  const { read, unread } = receiptsOf(notice);
  const able = read + unread;
  return (
    <div className="notice-totals">
      <p>
        <strong>{read}</strong>
        <span className="quiet">/ {t('notices.homes', { count: notice.homes })}</span>
      </p>
      <Receipts counts={notice} />
      {able === 0 ? null : <p className="quiet">{t('notices.share', { percent: Math.round((read / able) * 100) })}</p>}
    </div>
  );
}

function Withdraw({ notice, onDone }: { notice: NoticeDetail; onDone: () => void }) {
  const { t } = useWords();
  const may = useEstate((estate) => mayWithdrawNotices(estate.session));
  const [asking, setAsking] = useState(false);
  const state = noticeStateOf(notice, cloudNow());
  if (state === 'withdrawn') return null;
  const why = may ? (state === 'over' ? t('notices.withdrawOver') : null) : t('notices.withdrawNot');
  return (
    <>
      <div className="head-acts">
        <button type="button" className="button" aria-disabled={why !== null} onClick={() => setAsking(why === null)}>
          {t('notices.withdraw')}
        </button>
        {why === null ? null : <span className="quiet why">{why}</span>}
      </div>
      {asking ? (
        <ConfirmDialog
          title={t('notices.withdrawTitle', { title: notice.title })}
          lead={t('notices.withdrawLead')}
          submit={t('notices.withdraw')}
          act={() => call('POST', `/api/notices/${encodeURIComponent(notice.id)}/withdraw`, {})}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            onDone();
          }}
        />
      ) : null}
    </>
  );
}

function Buildings({ notice }: { notice: NoticeDetail }) {
  const { t } = useWords();
  const may = useEstate((estate) => maySeeHomes(estate.session));
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section className="sheet" aria-labelledby="notice-buildings">
      <h2 id="notice-buildings">
        {t('notices.byBuilding')} <span className="count">{notice.buildings.length}</span>
      </h2>
      {may ? null : <p className="quiet">{t('notices.homesClosed')}</p>}
      {notice.buildings.length === 0 ? (
        <PanelState mark="unknown" title={t('notices.noHomes')}>
          <p>{t('notices.noHomesNext')}</p>
        </PanelState>
      ) : null}
      <ul className="lines building-lines">
        {notice.buildings.map((building) => (
          <Building
            key={building.area}
            notice={notice.id}
            building={building}
            may={may}
            isOpen={open === building.area}
            onToggle={() => setOpen(open === building.area ? null : building.area)}
          />
        ))}
      </ul>
    </section>
  );
}

interface BuildingProps {
  notice: string;
  building: NoticeBuilding;
  may: boolean;
  isOpen: boolean;
  onToggle: () => void;
}

function Building({ notice, building, may, isOpen, onToggle }: BuildingProps) {
  const { t } = useWords();
  return (
    <li className="line building-line">
      <div className="what">
        <strong>{building.name}</strong>
        <span className="quiet">{t('notices.homes', { count: building.homes })}</span>
      </div>
      <Receipts counts={building} />
      {may ? (
        <button
          type="button"
          className="button small"
          aria-expanded={isOpen}
          aria-label={isOpen ? `${t('notices.hideHomes')} ${building.name}` : t('notices.showHomesOf', { name: building.name })}
          onClick={onToggle}
        >
          {t(isOpen ? 'notices.hideHomes' : 'notices.showHomes')}
        </button>
      ) : null}
      {isOpen ? <Homes notice={notice} building={building} /> : null}
    </li>
  );
}

/** Who is to be told at the door comes first. */
const groups = [
  { name: 'unread', is: ({ linked, readAt }: NoticeHome) => readAt === null && linked },
  { name: 'unlinked', is: ({ linked, readAt }: NoticeHome) => readAt === null && !linked },
  { name: 'read', is: ({ readAt }: NoticeHome) => readAt !== null },
] as const;

function Group({ title, homes, building }: { title: string; homes: readonly NoticeHome[]; building: string }) {
  if (homes.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {homes.map(({ area, label, readAt }) => (
          <li key={area}>
            {label.replace(building, '').trim()}
            {readAt === null ? null : <time dateTime={new Date(readAt).toISOString()}>{dayText(readAt)}</time>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The homes of one building, read when somebody asks: the look is written down. */
function Homes({ notice, building }: { notice: string; building: NoticeBuilding }) {
  const { t } = useWords();
  const at = `/api/notices/${encodeURIComponent(notice)}/homes?building=${encodeURIComponent(building.area)}`;
  const reading = useReading<NoticeHome[]>(at);
  return (
    <div className="homes">
      <Listed reading={reading} allowed>
        {(homes) => (
          <>
            {groups.map(({ name, is }) => (
              <Group
                key={name}
                title={t(`notices.${name}`, { count: homes.filter(is).length })}
                homes={homes.filter(is)}
                building={building.name}
              />
            ))}
            <p className="quiet">{t('notices.homesLogged')}</p>
          </>
        )}
      </Listed>
    </div>
  );
}
