import { useState } from 'react';
import type { HouseholdLink } from '@yihu/device-profiles/vocabulary/resident.ts';
import { call, isApiError } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { say } from './desk.ts';

/** 住户链接, to be handed over at the door: it opens the pages of this home until it is replaced. */
export function HomeLink({ area }: { area: string }) {
  const { t } = useWords();
  const [link, setLink] = useState<HouseholdLink | null>(null);
  const ask = async (renew: boolean) => {
    try {
      setLink(await call<HouseholdLink>('POST', '/api/household-links', { area, renew }));
    } catch (error) {
      if (!isApiError(error)) throw error;
      say('not-now');
    }
  };
  if (link === null)
    return (
      <button type="button" className="phone-button" data-link="ask" onClick={() => void ask(false)}>
        {t('phone.link.ask')}
      </button>
    );
  const { url, label } = link;
  const share = 'share' in navigator ? () => void navigator.share({ title: label, url }).catch(() => undefined) : null;
  return (
    <section className="home-link">
      <p>{t('phone.link.what', { label })}</p>
      <a className="phone-button" href={url} target="_blank" rel="noreferrer" data-link="open">
        {url}
      </a>
      {share === null ? null : (
        <button type="button" className="phone-button" onClick={share}>
          {t('phone.link.share')}
        </button>
      )}
      <button type="button" className="phone-button" data-link="renew" onClick={() => void ask(true)}>
        {t('phone.link.renew')}
      </button>
    </section>
  );
}
