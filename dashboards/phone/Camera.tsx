import { type ChangeEvent, useState } from 'react';
import { useWords } from '../words/language.ts';
import { say } from './desk.ts';
import { shrunk } from './picture.ts';

interface Props {
  name: string;
  className: string;
  label: string;
  take: (picture: ArrayBuffer) => Promise<void>;
}

/** Opens the phone's own camera: the field for a file lies over the whole button, so that it works with any browser. */
export function Camera({ name, className, label, take }: Props) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const taken = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (file === undefined) return;
    setBusy(true);
    const picture = await shrunk(file);
    target.value = '';
    setBusy(false);
    if (picture === null) return say('no-photo');
    await take(picture);
  };
  return (
    <label className={`phone-button camera ${className}`.trim()} aria-busy={busy}>
      {busy ? t('phone.photoBusy') : label}
      <input
        type="file"
        accept="image/*"
        capture="environment"
        disabled={busy}
        data-camera={name}
        onChange={(event) => void taken(event)}
      />
    </label>
  );
}
