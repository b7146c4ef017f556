import { addWords, useWords } from '../words/language.ts';
import { linksEn } from '../words/links.en.ts';
import { linksZh } from '../words/links.zh.ts';
import { listsEn } from '../words/lists.en.ts';
import { listsZh } from '../words/lists.zh.ts';
import { useEstate } from './estate.ts';
import { Keys } from './Keys.tsx';
import { Link } from './Link.tsx';
import { maySeeKeys } from './rights.ts';
import { type LinkTab, linkTabs } from './route.ts';
import { Warnings } from './Warnings.tsx';
import { WebhookPage } from './WebhookPage.tsx';
import { Webhooks } from './Webhooks.tsx';
import './lists.css';
import './links.css';

addWords({ zh: { ...listsZh, ...linksZh }, en: { ...listsEn, ...linksEn } });

/** 对接: keys by which others read, events that are pushed to them, warnings in and out. */
export default function LinksScreen({ tab, id }: { tab: LinkTab; id: string }) {
  const { t } = useWords();
  const may = useEstate((estate) => maySeeKeys(estate.session));
  const tabs = linkTabs.filter((one) => may || one === 'warnings' || one === tab);
  return (
    <div className="windows lists">
      <div className="links-head">
        <h1>{t('links.title')}</h1>
        {tabs.length === 1 ? null : (
          <nav className="links-tabs" aria-label={t('links.tabs')}>
            {tabs.map((one) => (
              <Link key={one} to={{ screen: 'links', tab: one, id: '' }} {...(one === tab ? { 'aria-current': 'page' } : {})}>
                {t(`links.${one}`)}
              </Link>
            ))}
          </nav>
        )}
      </div>
      <Part tab={tab} id={id} />
    </div>
  );
}

function Part({ tab, id }: { tab: LinkTab; id: string }) {
  if (tab === 'keys') return <Keys />;
  if (tab === 'warnings') return <Warnings />;
  return id === '' ? <Webhooks /> : <WebhookPage key={id} id={id} />;
}
