import { useState } from 'react';
import type { Webhook } from '@yihu/device-profiles/vocabulary/webhook.ts';
import { call, isApiError } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { Deliveries } from './Deliveries.tsx';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { kindWord, useAreaName } from './link-words.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepKeys, maySeeKeys } from './rights.ts';
import { go } from './route.ts';
import { Counts, HookWord } from './Webhooks.tsx';
import { hookStateOf } from './webhook-state.ts';

const lookEveryMs = 3_000;

/** One receiver: how it goes, what went to it, and what it said. */
export function WebhookPage({ id }: { id: string }) {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const address = `/api/webhooks/${encodeURIComponent(id)}`;
  const reading = usePolled<Webhook>(address, lookEveryMs);
  const [done, setDone] = useState('');
  return (
    <>
      <Link className="list-back" to={{ screen: 'links', tab: 'webhooks', id: '' }}>
        ← {t('hooks.back')}
      </Link>
      <p className={done === '' ? 'unseen' : 'band'} role="status">
        {done}
      </p>
      <Listed reading={reading} allowed={maySeeKeys(session)}>
        {(hook) => (
          <>
            <Head hook={hook} address={address} onChanged={reading.again} onSaid={setDone} />
            <Deliveries hook={hook} address={address} onChanged={reading.again} onSaid={setDone} />
          </>
        )}
      </Listed>
    </>
  );
}

export interface HookProps {
  hook: Webhook;
  /** Of the receiver in the API. */
  address: string;
  onChanged: () => void;
  onSaid: (sentence: string) => void;
}

function Head({ hook, address, onChanged, onSaid }: HookProps) {
  const { t } = useWords();
  const areaName = useAreaName();
  const state = hookStateOf(hook);
  return (
    <section className="sheet hook-head" aria-label={hook.name}>
      <h2>
        {hook.name} <span className={`tag tag-${state}`}>{t(`hooks.state.${state}`)}</span>
      </h2>
      <p className="code">{hook.url}</p>
      <p className="line-state">
        <HookWord hook={hook} />
        <Counts hook={hook} />
      </p>
      <p className="quiet line-facts">
        <span>{areaName(hook.area)}</span>
        <span>{hook.kinds.map((kind) => t(`hooks.kind.${kindWord(kind)}`)).join(t('lists.comma'))}</span>
      </p>
      <Acts hook={hook} address={address} onChanged={onChanged} onSaid={onSaid} />
    </section>
  );
}

function Acts({ hook, address, onChanged, onSaid }: HookProps) {
  const { t, text } = useWords();
  const may = useEstate((estate) => mayKeepKeys(estate.session));
  const [asking, setAsking] = useState<'pause' | 'remove' | null>(null);
  if (!may) return <p className="quiet hook-acts">{t('hooks.only')}</p>;
  const send = (path: string, body: object, said: string) => {
    call('POST', `${address}${path}`, body).then(
      () => {
        onSaid(said);
        onChanged();
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        onSaid(text(error.problem.message));
      },
    );
  };
  const isPaused = hook.pausedAt !== null;
  return (
    <div className="hook-acts">
      <button type="button" className="button" onClick={() => send('/test', {}, t('hooks.tested'))}>
        {t('hooks.test')}
      </button>
      <button
        type="button"
        className={`button ${isPaused ? 'strong' : ''}`}
        onClick={() => (isPaused ? send('/pause', { paused: false }, t('hooks.resume')) : setAsking('pause'))}
      >
        {t(isPaused ? 'hooks.resume' : 'hooks.pause')}
      </button>
      <button type="button" className="button" onClick={() => setAsking('remove')}>
        {t('hooks.remove')}
      </button>
      {asking === null ? null : (
        <ConfirmDialog
          title={t(`hooks.${asking}Title`, { name: hook.name })}
          lead={t(`hooks.${asking}Lead`)}
          submit={t(`hooks.${asking}`)}
          act={() => (asking === 'pause' ? call('POST', `${address}/pause`, { paused: true }) : call('DELETE', address))}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            if (asking === 'remove') go({ screen: 'links', tab: 'webhooks', id: '' });
            else onChanged();
          }}
        />
      )}
    </div>
  );
}
