import { type FormEvent, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { madePassword, type UserView } from './user.ts';

interface Props {
  user: UserView;
  onClose: () => void;
  onDone: (name: string) => void;
}

/** Sends a change of one account; what the cloud says against it stands in the dialog. */
export function useUserChange(user: UserView, onDone: (name: string) => void) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = (change: object) => {
    call<UserView>('PATCH', `/api/users/${encodeURIComponent(user.id)}`, { version: user.version, ...change }).then(
      ({ name }) => onDone(name),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  };
  return { problem, send };
}

export function DisableDialog({ user, onClose, onDone }: Props) {
  const { t, text } = useWords();
  const { problem, send } = useUserChange(user, onDone);
  const isEnabled = user.disabledAt === null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send({ disabled: isEnabled });
  };
  return (
    <Dialog
      title={isEnabled ? t('users.disableTitle', { name: user.name }) : `${t('users.enable')} ${user.name}`}
      lead={isEnabled ? t('users.disableLead') : user.account}
      onClose={onClose}
    >
      <form className="bare" onSubmit={submit}>
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}
          </p>
        )}
        <Answers submit={t(isEnabled ? 'users.disable' : 'users.enable')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

export function ResetDialog({ user, onClose, onDone }: Props) {
  const { t, text } = useWords();
  const { problem, send } = useUserChange(user, onDone);
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send({ password });
  };
  return (
    <Dialog
      title={t('users.resetTitle', { name: user.name })}
      lead={t('users.resetLead')}
      className="window-dialog"
      onClose={onClose}
    >
      <form className="bare" onSubmit={submit}>
        <PasswordField label={t('users.newPassword')} value={password} onChange={setPassword} first />
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}
          </p>
        )}
        <Answers submit={t('users.reset')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface PasswordProps {
  label: string;
  value: string;
  onChange: (password: string) => void;
  first?: boolean;
}

/** Readable on purpose: it is made here for somebody else and told to them. */
export function PasswordField({ label, value, onChange, first = false }: PasswordProps) {
  const { t } = useWords();
  return (
    <div className="field">
      <label htmlFor="user-password">{label}</label>
      <span className="user-password">
        <input
          id="user-password"
          className="input"
          value={value}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
          data-first={first ? '' : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
        <button type="button" className="button" onClick={() => onChange(madePassword())}>
          {t('users.makePassword')}
        </button>
      </span>
      <p className="quiet">{t('users.passwordHint')}</p>
    </div>
  );
}
