import { type FormEvent, useState } from 'react';
import { type Area, type Problem, type Role, roles } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { AreasUnread } from './AreaPick.tsx';
import { useReading } from './reading.ts';
import { PasswordField, useUserChange } from './UserConfirm.tsx';
import type { Grant, UserView } from './user.ts';
import { Wrongs } from './Wrongs.tsx';

interface Props {
  /** Null: a new one. */
  user: UserView | null;
  onClose: () => void;
  onDone: (name: string) => void;
}

type Given = Pick<Grant, 'area' | 'role'>;

/** A new account, or another name, telephone and roles for one. */
export function UserDialog({ user, onClose, onDone }: Props) {
  const { t } = useWords();
  const [name, setName] = useState(user?.name ?? '');
  const [account, setAccount] = useState('');
  const [phone, setPhone] = useState(user?.phone ?? '');
  const [password, setPassword] = useState('');
  const [grants, setGrants] = useState<readonly Given[]>(user?.grants.map(({ area, role }) => ({ area, role })) ?? []);
  const [isMissing, setMissing] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const { problem, send } = useUserChange(user ?? nobody, onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWhole = name.trim() !== '' && grants.length > 0 && (user !== null || (account.trim() !== '' && password !== ''));
    setMissing(!isWhole);
    if (!isWhole) return;
    const said = { name: name.trim(), phone: phone.trim() === '' ? null : phone.trim(), grants };
    if (user !== null) return send(said);
    call<UserView>('POST', '/api/users', { ...said, account: account.trim(), password }).then(
      (made) => onDone(made.name),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setRefused(error.problem);
      },
    );
  };
  const wrong = refused ?? problem;
  return (
    <Dialog
      title={user === null ? t('users.add') : t('users.editTitle', { name: user.name })}
      className="window-dialog user-dialog"
      onClose={onClose}
    >
      <form className="bare" onSubmit={submit}>
        <div className="user-pair">
          <Field id="user-name" label={t('users.name')} value={name} most={40} first onChange={setName} />
          <Field id="user-phone" label={t('users.phone')} value={phone} most={20} onChange={setPhone} />
        </div>
        {user === null ? (
          <>
            <Field
              id="user-account"
              label={t('users.account')}
              value={account}
              most={32}
              hint={t('users.accountHint')}
              onChange={setAccount}
            />
            <PasswordField label={t('users.password')} value={password} onChange={setPassword} />
          </>
        ) : null}
        <Grants grants={grants} onChange={setGrants} />
        <Wrongs missing={isMissing ? t('users.missing') : null} problem={wrong} />
        <Answers submit={t(user === null ? 'users.create' : 'users.save')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

/** Stands for the account that is not there yet, which nothing is sent of. */
const nobody: UserView = {
  id: '',
  account: '',
  name: '',
  phone: null,
  onDuty: false,
  disabledAt: null,
  createdAt: 0,
  version: 1,
  grants: [],
};

interface FieldProps {
  id: string;
  label: string;
  value: string;
  most: number;
  first?: boolean;
  hint?: string;
  onChange: (value: string) => void;
}

function Field({ id, label, value, most, first = false, hint, onChange }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        value={value}
        maxLength={most}
        autoComplete="off"
        data-first={first ? '' : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint === undefined ? null : <p className="quiet">{hint}</p>}
    </div>
  );
}

function Grants({ grants, onChange }: { grants: readonly Given[]; onChange: (grants: readonly Given[]) => void }) {
  const { t } = useWords();
  const reading = useReading<Area[]>('/api/areas');
  const { value } = reading;
  const own = useEstate((estate) => estate.session?.grants.find(({ role }) => role === 'admin')?.area) ?? '';
  const areas = (value ?? []).filter(({ kind }) => kind !== 'room');
  const [role, setRole] = useState<Role>('grid-worker');
  const [area, setArea] = useState<string | null>(null);
  const chosen = area ?? areas[0]?.path ?? own;
  const nameOf = (path: string) => {
    if (path === '') return t('users.everywhere');
    const community = areas.find((one) => one.kind === 'community' && path.startsWith(`${one.path}/`))?.name ?? '';
    return `${community}${areas.find((one) => one.path === path)?.name ?? path}`;
  };
  const isThere = grants.some((grant) => grant.area === chosen && grant.role === role);
  return (
    <fieldset className="user-grants">
      <legend>{t('users.grants')}</legend>
      <ul>
        {grants.map((grant) => {
          const said = t('users.grant', { role: t(`role.${grant.role}`), area: nameOf(grant.area) });
          return (
            <li key={`${grant.area} ${grant.role}`}>
              {said}
              <button
                type="button"
                className="button plain small"
                aria-label={t('users.removeGrant', { grant: said })}
                onClick={() => onChange(grants.filter((one) => one !== grant))}
              >
                ✕
              </button>
            </li>
          );
        })}
      </ul>
      <AreasUnread reading={reading} />
      {value === null ? null : (
        <div className="user-add-grant">
          <span className="select">
            <select aria-label={t('users.role')} value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {roles.map((one) => (
                <option key={one} value={one}>
                  {t(`role.${one}`)}
                </option>
              ))}
            </select>
          </span>
          <span className="select">
            <select aria-label={t('users.grantArea')} value={chosen} onChange={(event) => setArea(event.target.value)}>
              {own === '' ? <option value="">{t('users.everywhere')}</option> : null}
              {areas.map(({ path, name }) => (
                <option key={path} value={path}>
                  {'　'.repeat(Math.max(0, path.split('/').length - 1))}
                  {name}
                </option>
              ))}
            </select>
          </span>
          <button
            type="button"
            className="button"
            aria-disabled={isThere}
            onClick={() => (isThere ? undefined : onChange([...grants, { area: chosen, role }]))}
          >
            {t('users.addGrant')}
          </button>
        </div>
      )}
      {role === 'wall' ? <p className="quiet">{t('users.wallHint')}</p> : null}
    </fieldset>
  );
}
