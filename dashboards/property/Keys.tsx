import { useState } from 'react';
import type { ApiKey, NewApiKey } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { call } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { spanText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { useEstate } from './estate.ts';
import { KeyDialog } from './KeyDialog.tsx';
import { scopeWord, useAreaName } from './link-words.ts';
import { dateText } from './local-time.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepKeys, maySeeKeys } from './rights.ts';
import { Searched } from './Searched.tsx';
import { SecretOnce } from './SecretOnce.tsx';

const lookEveryMs = 15_000;
const soonMs = 14 * 86_400_000;

type Asked = { what: 'new' } | { what: 'made'; made: NewApiKey } | { what: 'revoke'; key: ApiKey } | null;

/** 接口密钥: which systems may read what, where, until when. */
export function Keys() {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<ApiKey[]>('/api/keys', lookEveryMs);
  const [asked, setAsked] = useState<Asked>(null);
  const [done, setDone] = useState('');
  const finish = () => {
    setAsked(null);
    reading.again();
  };
  return (
    <>
      <div className="links-lead">
        <p className="quiet">{t('keys.lead')}</p>
        {mayKeepKeys(session) ? (
          <button type="button" className="button strong" onClick={() => setAsked({ what: 'new' })}>
            {t('keys.add')}
          </button>
        ) : null}
      </div>
      <p className="unseen" role="status">
        {done}
      </p>
      <Listed reading={reading} allowed={maySeeKeys(session)}>
        {(keys) => <List keys={keys} onRevoke={(key) => setAsked({ what: 'revoke', key })} />}
      </Listed>
      {asked?.what === 'new' ? (
        <KeyDialog onClose={() => setAsked(null)} onMade={(made) => setAsked({ what: 'made', made })} />
      ) : null}
      {asked?.what === 'made' ? (
        <SecretOnce
          title={t('keys.made', { name: asked.made.name })}
          secret={asked.made.key}
          example={`curl -H "Authorization: Bearer ${asked.made.key}" ${location.origin}${firstRead(asked.made)}`}
          onClose={finish}
        />
      ) : null}
      {asked?.what === 'revoke' ? (
        <ConfirmDialog
          title={t('keys.revokeTitle', { name: asked.key.name })}
          lead={t('keys.revokeLead')}
          submit={t('keys.revoke')}
          act={() => call('POST', `/api/keys/${encodeURIComponent(asked.key.id)}/revoke`, {})}
          onClose={() => setAsked(null)}
          onDone={() => {
            setDone(t('keys.revoked', { name: asked.key.name }));
            finish();
          }}
        />
      ) : null}
    </>
  );
}

/** A route that this key opens, to try it with. */
function firstRead({ scopes }: ApiKey): string {
  const reads = [
    ['alarms:read', '/api/alarms'],
    ['incidents:read', '/api/incidents'],
    ['devices:read', '/api/devices'],
    ['warnings:read', '/api/cap/feed'],
    ['calls:read', '/api/calls'],
    ['reports:read', '/api/overview'],
    ['stream:read', '/api/stream'],
    ['audit:read', '/api/audit'],
  ] as const;
  return reads.find(([scope]) => scopes.includes(scope))?.[1] ?? '/api/areas';
}

function List({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  const { t } = useWords();
  const areaName = useAreaName();
  const [withEnded, setWithEnded] = useState(false);
  const scopesOf = ({ scopes }: ApiKey) => scopes.map((scope) => t(`keys.scope.${scopeWord(scope)}`)).join(' ');
  const ending = keys.filter(({ state, expiresAt }) => state === 'active' && expiresAt < cloudNow() + soonMs);
  return (
    <>
      {ending.length === 0 ? null : (
        <p className="band">
          {t('keys.partial', { count: ending.length, names: ending.map(({ name }) => name).join(t('lists.comma')) })}
        </p>
      )}
      <Searched
        of="keys"
        items={keys}
        textOf={(key) => `${key.name} ${key.prefix} ${areaName(key.area)} ${scopesOf(key)}`}
        filter={{
          fields: (
            <label className="choice">
              <input type="checkbox" checked={withEnded} onChange={(event) => setWithEnded(event.target.checked)} />
              <span>{t('keys.withEnded')}</span>
            </label>
          ),
          lets: ({ state }) => withEnded || state === 'active',
          clear: () => setWithEnded(true),
        }}
      >
        {(found) => (
          <ul className="sheet lines">
            {found.map((key) => (
              <Row key={key.id} apiKey={key} area={areaName(key.area)} onRevoke={() => onRevoke(key)} />
            ))}
          </ul>
        )}
      </Searched>
    </>
  );
}

function Row({ apiKey: key, area, onRevoke }: { apiKey: ApiKey; area: string; onRevoke: () => void }) {
  const { t } = useWords();
  const may = useEstate((estate) => mayKeepKeys(estate.session));
  const now = cloudNow();
  return (
    <li className={`line key-line ${key.state === 'active' ? '' : 'past'}`}>
      <div className="what">
        <strong className="line-title">{key.name}</strong>
        <p className="quiet line-facts">
          <span className="code">{key.prefix}…</span>
          <span>{area}</span>
          <span>{t('links.by', { name: key.madeByName, at: dateText(key.madeAt) })}</span>
        </p>
        <ul className="chips">
          {key.scopes.map((scope) => (
            <li key={scope}>{t(`keys.scope.${scopeWord(scope)}`)}</li>
          ))}
        </ul>
      </div>
      <p className="line-state">
        <Ending apiKey={key} now={now} />
        <span className="quiet">
          {key.usedAt === null ? t('keys.unused') : t('keys.used', { at: spanText(key.usedAt, now), ip: key.usedIp ?? '?' })}
        </span>
      </p>
      <span className={`tag tag-${key.state}`}>{t(`keys.state.${key.state}`)}</span>
      {key.state === 'active' && may ? (
        <button type="button" className="button small" aria-label={t('keys.revokeNamed', { name: key.name })} onClick={onRevoke}>
          {t('keys.revoke')}
        </button>
      ) : null}
    </li>
  );
}

function Ending({ apiKey: { state, expiresAt, revokedAt, revokedByName }, now }: { apiKey: ApiKey; now: number }) {
  const { t } = useWords();
  if (state === 'revoked' && revokedAt !== null)
    return <span>{t('keys.revokedBy', { at: spanText(revokedAt, now), name: revokedByName ?? '' })}</span>;
  if (state === 'expired') return <span>{t('keys.ended', { at: dateText(expiresAt) })}</span>;
  return <span className={expiresAt < now + soonMs ? 'wrong' : ''}>{t('keys.until', { at: dateText(expiresAt) })}</span>;
}
