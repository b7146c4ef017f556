import { type FormEvent, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type NewWebhook, type WebhookKind, webhookKinds } from '@yihu/device-profiles/vocabulary/webhook.ts';
import { call, isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { AreaPick } from './AreaPick.tsx';
import { useEstate } from './estate.ts';
import { kindWord } from './link-words.ts';
import { TextField } from './TextField.tsx';
import { Wrongs } from './Wrongs.tsx';

/** A new receiver: who, where it listens, and what it is told of. */
export function WebhookDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewWebhook) => void }) {
  const { t } = useWords();
  const everywhere = useEstate(
    ({ session }) => session?.grants.some(({ area, role }) => role === 'admin' && area === '') ?? false,
  );
  const [name, setName] = useState('');
  const [url, setUrl] = useState('https://');
  const [area, setArea] = useState<string | null>(null);
  const [kinds, setKinds] = useState<readonly WebhookKind[]>(['alarm.raised', 'incident.opened', 'incident.moved']);
  const [isMissing, setMissing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWhole = name.trim() !== '' && URL.canParse(url.trim()) && area !== null && kinds.length > 0;
    setMissing(!isWhole);
    if (!isWhole) return;
    call<NewWebhook>('POST', '/api/webhooks', { name: name.trim(), url: url.trim(), area, kinds }).then(
      onMade,
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  };
  const toggle = (kind: WebhookKind) => setKinds(kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind]);
  return (
    <Dialog title={t('hooks.add')} className="window-dialog wide-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <TextField
          id="hook-name"
          label={t('links.name')}
          hint={t('links.nameHint')}
          value={name}
          most={60}
          first
          onChange={setName}
        />
        <TextField id="hook-url" label={t('hooks.url')} hint={t('hooks.urlHint')} value={url} most={500} onChange={setUrl} />
        <AreaPick label={t('links.area')} value={area} everywhere={everywhere} onChange={setArea} />
        <fieldset className="choices">
          <legend className="label">{t('hooks.kinds')}</legend>
          {webhookKinds.map((kind) => (
            <label key={kind} className="choice">
              <input type="checkbox" checked={kinds.includes(kind)} onChange={() => toggle(kind)} />
              <span>{t(`hooks.kind.${kindWord(kind)}`)}</span>
            </label>
          ))}
        </fieldset>
        <Wrongs missing={isMissing ? t('hooks.missing') : null} problem={problem} />
        <Answers submit={t('hooks.submit')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
