import { useWords } from '../words/language.ts';
import { receiptsOf } from './notice-state.ts';

interface Props {
  counts: { homes: number; linked: number; read: number };
}

/** 回执 as a bar: read, not yet, cannot read it. The numbers stand beside it, so that it never says more than they do. */
export function Receipts({ counts }: Props) {
  const { t } = useWords();
  const parts = receiptsOf(counts);
  if (counts.homes === 0) return <p className="quiet">{t('notices.noHomes')}</p>;
  return (
    <div className="receipts">
      <div className="receipts-bar" aria-hidden="true">
        {(['read', 'unread', 'unlinked'] as const).map((part) =>
          parts[part] === 0 ? null : (
            <svg key={part} className={part} width={`${(parts[part] / counts.homes) * 100}%`}>
              <rect width="100%" height="100%" />
            </svg>
          ),
        )}
      </div>
      <p className="receipts-words">
        <strong>{t('notices.read', { count: parts.read })}</strong>
        <span>{t('notices.unread', { count: parts.unread })}</span>
        {parts.unlinked === 0 ? null : <span>{t('notices.unlinked', { count: parts.unlinked })}</span>}
      </p>
    </div>
  );
}
