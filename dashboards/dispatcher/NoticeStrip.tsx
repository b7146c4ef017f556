import { cloudNow } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { whenText } from '../parts/time.ts';
import { type Notice, useDesk } from './desk.ts';

/** What became of the last action: who was first, or what failed and what to do. It stays until the next action. */
export function NoticeStrip() {
  const notice = useDesk((desk) => desk.notice);
  return <div role="status">{notice === null || notice.kind === 'done' ? null : <Strip notice={notice} />}</div>;
}

function Strip({ notice }: { notice: Notice }) {
  const { t, text } = useWords();
  const { first, problem, retry } = notice;
  const conflict = notice.kind === 'conflict';
  const who =
    first === null
      ? null
      : t('notice.conflictWho', { name: first.name, at: whenText(first.at, cloudNow()), did: text(first.did) });
  return (
    <div className={`notice ${notice.kind}`}>
      <strong>{t(conflict ? 'notice.conflict' : 'notice.failed')}</strong>
      <span>{conflict && who !== null ? who : problem === null ? '' : text(problem.message)}</span>
      {conflict ? <span className="quiet">{t('notice.conflictNext')}</span> : null}
      {conflict || problem === null ? null : <code>{t('state.code', { code: problem.code })}</code>}
      {retry === null ? null : (
        <button type="button" className="button small" onClick={retry}>
          {t('app.retry')}
        </button>
      )}
    </div>
  );
}
