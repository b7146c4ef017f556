import { type FormEvent, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';

interface Props {
  title: string;
  lead: string;
  submit: string;
  /** What is sent; what the cloud says against it stands in the dialog. */
  act: () => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

/** Asks once more before something that cannot be undone, or that others will miss. */
export function ConfirmDialog({ title, lead, submit, act, onClose, onDone }: Props) {
  const { t, text } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    act().then(onDone, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setProblem(error.problem);
    });
  };
  return (
    <Dialog title={title} lead={lead} onClose={onClose}>
      <form className="bare" onSubmit={send}>
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}
          </p>
        )}
        <Answers submit={submit} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
