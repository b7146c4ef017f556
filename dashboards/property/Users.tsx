import { useState } from 'react';
import { type Role, roles } from '@yihu/device-profiles/vocabulary/view.ts';
import { cloudNow } from '../client/clock.ts';
import { dayText, whenText } from '../parts/time.ts';
import { addWords, useWords } from '../words/language.ts';
import { listsEn } from '../words/lists.en.ts';
import { listsZh } from '../words/lists.zh.ts';
import { useEstate } from './estate.ts';
import { Listed } from './Listed.tsx';
import { usePolled } from './reading.ts';
import { mayKeepUsers, maySeeUsers } from './rights.ts';
import { Searched } from './Searched.tsx';
import { DisableDialog, ResetDialog } from './UserConfirm.tsx';
import { UserDialog } from './UserDialog.tsx';
import { type Grant, type UserView } from './user.ts';
import './lists.css';
import './users.css';

addWords({ zh: listsZh, en: listsEn });

/** Another administrator may change them. */
const lookEveryMs = 30_000;

type Asked = { what: 'new' } | { what: 'edit' | 'disable' | 'reset'; user: UserView } | null;

/** 用户: who may sign in, do what, and where. */
export default function UsersScreen() {
  const { t } = useWords();
  const session = useEstate((estate) => estate.session);
  const reading = usePolled<UserView[]>('/api/users', lookEveryMs);
  const [asked, setAsked] = useState<Asked>(null);
  const [done, setDone] = useState<string | null>(null);
  const mayKeep = mayKeepUsers(session);
  const finish = (name: string) => {
    setAsked(null);
    setDone(name);
    reading.again();
  };
  const close = () => setAsked(null);
  return (
    <div className="windows lists users">
      <div className="windows-head">
        <h1>{t('users.title')}</h1>
        <p className="quiet">{t('users.lead')}</p>
        {mayKeep ? (
          <button type="button" className="button strong" onClick={() => setAsked({ what: 'new' })}>
            {t('users.add')}
          </button>
        ) : null}
      </div>
      <p className="unseen" role="status">
        {done === null ? '' : t('users.done', { name: done })}
      </p>
      <Listed reading={reading} allowed={maySeeUsers(session)}>
        {(users) => <List users={users} mayKeep={mayKeep} onAsk={setAsked} />}
      </Listed>
      {asked?.what === 'new' ? <UserDialog user={null} onClose={close} onDone={finish} /> : null}
      {asked?.what === 'edit' ? <UserDialog user={asked.user} onClose={close} onDone={finish} /> : null}
      {asked?.what === 'disable' ? <DisableDialog user={asked.user} onClose={close} onDone={finish} /> : null}
      {asked?.what === 'reset' ? <ResetDialog user={asked.user} onClose={close} onDone={finish} /> : null}
    </div>
  );
}

interface ListProps {
  users: readonly UserView[];
  mayKeep: boolean;
  onAsk: (asked: Asked) => void;
}

function List({ users, mayKeep, onAsk }: ListProps) {
  const { t } = useWords();
  const grantText = useGrantText();
  const [role, setRole] = useState<Role | ''>('');
  const [withDisabled, setWithDisabled] = useState(false);
  return (
    <Searched
      of="users"
      items={users}
      textOf={(user) => `${user.name} ${user.account} ${user.phone ?? ''} ${user.grants.map(grantText).join(' ')}`}
      filter={{
        fields: (
          <>
            <span className="select">
              <select aria-label={t('users.role')} value={role} onChange={(event) => setRole(event.target.value as Role | '')}>
                <option value="">{t('users.allRoles')}</option>
                {roles.map((one) => (
                  <option key={one} value={one}>
                    {t(`role.${one}`)}
                  </option>
                ))}
              </select>
            </span>
            <label className="choice">
              <input type="checkbox" checked={withDisabled} onChange={(event) => setWithDisabled(event.target.checked)} />
              <span>{t('users.withDisabled')}</span>
            </label>
          </>
        ),
        lets: (user) =>
          (withDisabled || user.disabledAt === null) && (role === '' || user.grants.some((grant) => grant.role === role)),
        clear: () => {
          setRole('');
          setWithDisabled(true);
        },
      }}
    >
      {(found) => (
        <div className="sheet wolf user-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('users.name')}</th>
                <th scope="col">{t('users.grants')}</th>
                <th scope="col">{t('users.state')}</th>
                {mayKeep ? (
                  <th scope="col">
                    <span className="unseen">{t('users.edit')}</span>
                  </th>
                ) : null}
              </tr>
            </thead>
            <tbody>
              {found.map((user) => (
                <Row key={user.id} user={user} mayKeep={mayKeep} onAsk={onAsk} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Searched>
  );
}

function Row({ user, mayKeep, onAsk }: Omit<ListProps, 'users'> & { user: UserView }) {
  const { t } = useWords();
  const grantText = useGrantText();
  const isSelf = useEstate((estate) => estate.session?.user.id === user.id);
  return (
    <tr className={user.disabledAt === null ? '' : 'past'}>
      <th scope="row">
        <span className="what">
          <strong>{user.name}</strong>
          <span className="quiet">
            {user.account}
            {user.phone === null ? '' : ` · ${user.phone}`}
          </span>
        </span>
      </th>
      <td>
        <ul className="grant-list">
          {user.grants.map((grant) => (
            <li key={`${grant.area} ${grant.role}`}>{grantText(grant)}</li>
          ))}
        </ul>
      </td>
      <td>
        {user.disabledAt === null ? t('users.enabled') : t('users.disabled', { at: whenText(user.disabledAt, cloudNow()) })}
        {user.onDuty ? ` · ${t('users.onDuty')}` : ''}
        <span className="quiet block-line">{t('users.since', { at: dayText(user.createdAt) })}</span>
      </td>
      {mayKeep ? (
        <td className="user-acts">
          <button
            type="button"
            className="button small"
            aria-label={t('users.editTitle', { name: user.name })}
            onClick={() => onAsk({ what: 'edit', user })}
          >
            {t('users.edit')}
          </button>
          <button
            type="button"
            className="button small"
            aria-label={`${t('users.reset')} ${user.name}`}
            onClick={() => onAsk({ what: 'reset', user })}
          >
            {t('users.reset')}
          </button>
          <button
            type="button"
            className="button small"
            aria-disabled={isSelf}
            title={isSelf ? t('users.self') : undefined}
            aria-label={`${t(user.disabledAt === null ? 'users.disable' : 'users.enable')} ${user.name}`}
            onClick={() => (isSelf ? undefined : onAsk({ what: 'disable', user }))}
          >
            {t(user.disabledAt === null ? 'users.disable' : 'users.enable')}
          </button>
        </td>
      ) : null}
    </tr>
  );
}

/** 网格员 · 第一网格 */
function useGrantText() {
  const { t } = useWords();
  const areas = useEstate((estate) => estate.overview?.areas) ?? [];
  return ({ role, area, areaName }: Grant) => {
    // Every community has its first grid.
    const community = areas.find(({ kind, path }) => kind === 'community' && area.startsWith(`${path}/`))?.name;
    const name = community === undefined ? areaName : `${community}${areaName}`;
    return t('users.grant', { role: t(`role.${role}`), area: area === '' ? t('users.everywhere') : name });
  };
}
