import { useState } from 'react';
import type { NewWebhook, Webhook } from '@yihu/device-profiles/vocabulary/webhook.ts';
import { cloudNow } from '../client/clock.ts';
import { spanText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { kindWord, useAreaName } from './link-words.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepKeys, maySeeKeys } from './rights.ts';
import { Searched } from './Searched.tsx';
import { SecretOnce } from './SecretOnce.tsx';
import { WebhookDialog } from './WebhookDialog.tsx';
import { hookStateOf } from './webhook-state.ts';

const lookEveryMs = 5_000;

type Asked = { what: 'new' } | { what: 'made'; made: NewWebhook } | null;

/** 事件推送: which systems are told what happens, and whether they take it. */
export function Webhooks() {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<Webhook[]>('/api/webhooks', lookEveryMs);
  const [asked, setAsked] = useState<Asked>(null);
  return (
    <>
      <div className="links-lead">
        <p className="quiet">{t('hooks.lead')}</p>
        {mayKeepKeys(session) ? (
          <button type="button" className="button strong" onClick={() => setAsked({ what: 'new' })}>
            {t('hooks.add')}
          </button>
        ) : null}
      </div>
      <Listed reading={reading} allowed={maySeeKeys(session)}>
        {(webhooks) => <List webhooks={webhooks} />}
      </Listed>
      {asked?.what === 'new' ? (
        <WebhookDialog onClose={() => setAsked(null)} onMade={(made) => setAsked({ what: 'made', made })} />
      ) : null}
      {asked?.what === 'made' ? (
        <SecretOnce
          title={t('hooks.made', { name: asked.made.name })}
          lead={t('hooks.madeLead')}
          secret={asked.made.secret}
          onClose={() => {
            setAsked(null);
            reading.again();
          }}
        />
      ) : null}
    </>
  );
}

function List({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { t } = useWords();
  const areaName = useAreaName();
  const failing = webhooks.filter((hook) => hookStateOf(hook) === 'failing');
  return (
    <>
      {failing.length === 0 ? null : (
        <p className="band" role="status">
          {t('hooks.partial', { count: failing.length, names: failing.map(({ name }) => name).join(t('lists.comma')) })}
        </p>
      )}
      <Searched of="hooks" items={webhooks} textOf={(hook) => `${hook.name} ${hook.url} ${areaName(hook.area)}`}>
        {(found) => (
          <ul className="sheet lines">
            {found.map((hook) => (
              <Row key={hook.id} hook={hook} area={areaName(hook.area)} />
            ))}
          </ul>
        )}
      </Searched>
    </>
  );
}

function Row({ hook, area }: { hook: Webhook; area: string }) {
  const { t } = useWords();
  const state = hookStateOf(hook);
  return (
    <li className="line hook-line">
      <div className="what">
        <Link className="line-title" to={{ screen: 'links', tab: 'webhooks', id: hook.id }}>
          {hook.name}
        </Link>
        <p className="code">{hook.url}</p>
        <p className="quiet line-facts">
          <span>{area}</span>
          <span>{hook.kinds.map((kind) => t(`hooks.kind.${kindWord(kind)}`)).join(t('lists.comma'))}</span>
        </p>
      </div>
      <p className="line-state">
        <HookWord hook={hook} />
        <Counts hook={hook} />
      </p>
      <span className={`tag tag-${state}`}>{t(`hooks.state.${state}`)}</span>
    </li>
  );
}

/** When it last went well, since when it does not and why, or who stopped it. */
export function HookWord({ hook }: { hook: Webhook }) {
  const { t, text } = useWords();
  const now = cloudNow();
  const { lastSentAt, failingSince, lastReason, pausedAt, pausedByName } = hook;
  if (pausedAt !== null) return <span>{t('hooks.pausedBy', { at: spanText(pausedAt, now), name: pausedByName ?? '' })}</span>;
  if (failingSince !== null)
    return (
      <span className="wrong">
        {t('hooks.since', { at: spanText(failingSince, now) })}
        {lastReason === null ? '' : `${t('lists.colon')}${text(lastReason)}`}
      </span>
    );
  return <span>{lastSentAt === null ? t('hooks.never') : t('hooks.sentAt', { at: spanText(lastSentAt, now) })}</span>;
}

export function Counts({ hook: { queued, dead, dropped } }: { hook: Webhook }) {
  const { t } = useWords();
  return (
    <span className="quiet line-facts">
      <span>{t('hooks.queued', { count: queued })}</span>
      <span className={dead === 0 ? '' : 'wrong'}>{t('hooks.dead', { count: dead })}</span>
      {dropped === 0 ? null : (
        <span className="wrong" title={t('hooks.droppedWhy')}>
          {t('hooks.dropped', { count: dropped })}
        </span>
      )}
    </span>
  );
}
