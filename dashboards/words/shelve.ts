import { useWords } from './language.ts';

/** The sentences of the shelving dialog, which both the dispatcher and the manager open. */
export function useShelveWords() {
  const { t } = useWords();
  return {
    title: t('dialog.shelveTitle'),
    lead: t('dialog.shelveLead'),
    reason: t('dialog.reason'),
    missing: t('dialog.reasonMissing'),
    howLong: t('dialog.shelveFor'),
    submit: t('move.shelve'),
    cancel: t('app.cancel'),
    minutes: (count: number) => t('dialog.minutes', { count }),
  };
}
