import { type FormEvent, useState } from 'react';
import { type ApiScope, apiScopes, type NewApiKey } from '@yihu/device-profiles/vocabulary/api-key.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { AreaPick } from './AreaPick.tsx';
import { useEstate } from './estate.ts';
import { scopeWord } from './link-words.ts';
import { TextField } from './TextField.tsx';
import { Wrongs } from './Wrongs.tsx';

const lasting = [30, 90, 180, 365];

/** A new key: for which system, where, to do what, until when. Nothing is chosen beforehand: each right is given on purpose. */
export function KeyDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewApiKey) => void }) {
  const { t } = useWords();
  const everywhere = useEstate(
    ({ session }) => session?.grants.some(({ area, role }) => role === 'admin' && area === '') ?? false,
  );
  const [name, setName] = useState('');
  const [area, setArea] = useState<string | null>(null);
  const [scopes, setScopes] = useState<readonly ApiScope[]>([]);
  const [days, setDays] = useState(90);
  const [isMissing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWhole = name.trim() !== '' && area !== null && scopes.length > 0;
    setMissing(!isWhole);
    if (!isWhole) return;
    call<NewApiKey>('POST', '/api/keys', { name: name.trim(), area, scopes, days }).then(onMade, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setProblem(error.problem);
    });
  };
  const toggle = (scope: ApiScope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <Dialog title={t('keys.add')} className="window-dialog wide-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <TextField
          id="key-name"
          label={t('links.name')}
          hint={t('links.nameHint')}
          value={name}
          most={60}
          first
          onChange={setName}
        />
        <AreaPick label={t('links.area')} value={area} everywhere={everywhere} onChange={setArea} />
        <fieldset className="choices">
          <legend className="label">{t('keys.scopes')}</legend>
          {apiScopes.map((scope) => (
            <label key={scope} className="choice">
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
              <span>{t(`keys.scope.${scopeWord(scope)}`)}</span>
            </label>
          ))}
        </fieldset>
        <fieldset className="choices">
          <legend className="label">{t('keys.days')}</legend>
          {lasting.map((count) => (
            <label key={count} className="choice">
              <input type="radio" name="key-days" checked={days === count} onChange={() => setDays(count)} />
              <span>{t('keys.forDays', { count })}</span>
            </label>
          ))}
        </fieldset>
        <Wrongs missing={isMissing ? t('keys.missing') : null} problem={problem} />
        <Answers submit={t('keys.submit')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
