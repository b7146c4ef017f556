import { useState } from 'react';
import { type Webhook, type WebhookEvent, webhookKinds } from '@yihu/device-profiles/vocabulary/webhook.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Segments } from '../parts/Segments.tsx';
import { spanText, whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { kindWord } from './link-words.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepKeys } from './rights.ts';
import type { HookProps } from './WebhookPage.tsx';

const lookEveryMs = 3_000;
const shownAtMost = 50;

type State = WebhookEvent['state'];

interface Page {
  items: WebhookEvent[];
  total: number;
}

/** What went to one receiver: what waits, what it took, and what it never took. */
export function Deliveries({ hook, address, onChanged, onSaid }: HookProps) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<State | null>(null);
  // Where something is wrong, that is what somebody came for.
  const state = chosen ?? (hook.dead > 0 ? 'dead' : 'sent');
  const reading = usePolled<Page>(`${address}/events?state=${state}&limit=${shownAtMost}`, lookEveryMs);
  return (
    <section className="sheet" aria-labelledby="deliveries">
      <div className="deliveries-head">
        <h2 id="deliveries">{t('hooks.deliveries')}</h2>
        <Segments
          label={t('hooks.show')}
          name="delivery-state"
          options={(['sent', 'queued', 'dead'] as const).map((one) => ({
            value: one,
            label: t(`hooks.${names[one]}`),
            ...(one === 'sent' ? {} : { count: hook[one] }),
          }))}
          value={state}
          onChange={setChosen}
        />
      </div>
      <Listed reading={reading} allowed>
        {(page) => (
          <Events
            page={page}
            state={state}
            hook={hook}
            address={address}
            onSaid={onSaid}
            onChanged={() => {
              reading.again();
              onChanged();
            }}
          />
        )}
      </Listed>
    </section>
  );
}

const names = { sent: 'sent', queued: 'waiting', dead: 'deadOnes' } as const;
const empties = { sent: 'emptySent', queued: 'emptyQueued', dead: 'emptyDead' } as const;

function Events({ page, state, ...props }: HookProps & { page: Page; state: State }) {
  const { t } = useWords();
  if (page.items.length === 0)
    return <PanelState mark={state === 'sent' ? 'unknown' : 'good'} title={t(`hooks.${empties[state]}`)} />;
  return (
    <>
      <ul className="lines event-lines">
        {page.items.map((event) => (
          <Event key={event.event} event={event} {...props} />
        ))}
      </ul>
      {page.total > page.items.length ? (
        <p className="quiet">{t('hooks.more', { total: page.total, count: page.items.length })}</p>
      ) : null}
    </>
  );
}

function Event({ event, hook, address, onChanged, onSaid }: HookProps & { event: WebhookEvent }) {
  const { t, text } = useWords();
  const may = useEstate((estate) => mayKeepKeys(estate.session));
  const kind = [...webhookKinds, 'test' as const, 'gap' as const].find((one) => one === event.kind);
  const again = () => {
    call('POST', `${address}/events/${encodeURIComponent(event.event)}/again`, {}).then(
      () => {
        onSaid(t('hooks.againDone'));
        onChanged();
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        onSaid(text(error.problem.message));
        onChanged();
      },
    );
  };
  return (
    <li className="line event-line">
      <div className="what">
        <strong>{kind === undefined ? event.kind : t(`hooks.kind.${kindWord(kind)}`)}</strong>
        <span className="quiet code">{event.event}</span>
      </div>
      <time className="quiet event-at" dateTime={new Date(event.at).toISOString()}>
        {whenText(event.at, cloudNow())}
      </time>
      <p className="line-state">
        <Answer event={event} hook={hook} />
      </p>
      {event.state === 'dead' && may ? (
        <button type="button" className="button small" aria-label={t('hooks.againNamed', { event: event.event })} onClick={again}>
          {t('hooks.again')}
        </button>
      ) : null}
    </li>
  );
}

/** What the receiver said, and what comes of it. */
function Answer({ event, hook }: { event: WebhookEvent; hook: Webhook }) {
  const { t, text } = useWords();
  const now = cloudNow();
  const { state, attempts, code, reason, dueAt, settledAt } = event;
  const said = reason === null ? t(state === 'sent' ? 'hooks.taken' : 'hooks.notYet') : text(reason);
  const next =
    hook.pausedAt !== null ? t('hooks.whenResumed') : dueAt === null ? null : t('hooks.nextAt', { at: spanText(dueAt, now) });
  return (
    <>
      <span className={state === 'sent' ? '' : 'wrong'}>
        {said}
        {code === null ? null : <code>{code}</code>}
      </span>
      <span className="quiet line-facts">
        {attempts === 0 ? null : <span>{t('hooks.attempts', { count: attempts })}</span>}
        {settledAt === null ? null : <span>{spanText(settledAt, now)}</span>}
        {state === 'queued' && next !== null ? <span>{next}</span> : null}
      </span>
    </>
  );
}
