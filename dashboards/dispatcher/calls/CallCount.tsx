import type { CallPreview } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../../words/language.ts';

const namesShown = 3;

interface Props {
  preview: CallPreview | null;
  problem: Problem | null;
  /** A count is under way. */
  waiting: boolean;
}

/** Exactly who would get it, by the cloud's count; also whom no channel reaches, by name. */
export function CallCount({ preview, problem, waiting }: Props) {
  const { t, text } = useWords();
  return (
    <section className="call-count" aria-label={t('calls.preview')} aria-live="polite">
      <span className="label">{t('calls.preview')}</span>
      {problem === null ? null : <p className="wrong">{text(problem.message)}</p>}
      {preview === null && problem === null && waiting ? <p className="quiet">{t('calls.counting')}</p> : null}
      {preview === null ? null : <Counted preview={preview} />}
    </section>
  );
}

function Counted({ preview }: { preview: CallPreview }) {
  const { t } = useWords();
  const { people, unreachable, needsSecond, channels } = preview;
  if (people === 0) return <p className="call-count-people">{t('calls.nobody')}</p>;
  // A channel is named in the channels file; the usual two have words.
  const channelNames: Readonly<Record<string, string>> = { sms: t('calls.sms'), voice: t('calls.voice') };
  const shown = unreachable.list.slice(0, namesShown).map(({ name, label }) => `${label} ${name}`);
  const names = unreachable.list.length > namesShown ? `${shown.join('、')}…` : shown.join('、');
  return (
    <>
      <p className="call-count-people" data-people={people}>
        {t('calls.recipients', preview)}
      </p>
      <p className="quiet">
        {t('calls.recipientsMore', preview)}
        {channels
          .map(
            ({ channel, people: reached }) =>
              ` · ${t('calls.channel', { name: channelNames[channel] ?? channel, people: reached })}`,
          )
          .join('')}
      </p>
      {unreachable.people === 0 ? null : (
        <p className="second">{t('calls.cannotReach', { people: unreachable.people, names })}</p>
      )}
      {needsSecond ? <p className="second">{t('calls.needsSecond')}</p> : null}
    </>
  );
}
