import { type FormEvent, useEffect, useState } from 'react';
import type { DeviceRule, RulePreview, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { after } from '../client/clock.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { isSame, rulesAddress, sendThreshold } from './thresholds.ts';

interface Props {
  device: string;
  rule: DeviceRule;
  onClose: () => void;
  onSent: () => void;
}

const minuteMs = 60_000;
const typingMs = 250;
const decimals = 1e6;

const round = (value: number): number => Math.round(value * decimals) / decimals;

/** Another limit for one rule: what it would have done is said before it can be saved. */
export function RuleDialog({ device, rule, onClose, onSent }: Props) {
  const { t, text } = useWords();
  const [limit, setLimit] = useState(String(rule.now.limit));
  const [clear, setClear] = useState<string | null>(null);
  const [minutes, setMinutes] = useState(String(rule.now.forMs / minuteMs));
  const [refused, setRefused] = useState<Problem | null>(null);
  const [isEarly, setIsEarly] = useState(false);
  // As long as nobody says otherwise, the way back stays as long as it was.
  const shownClear = clear ?? String(round(Number(limit) - (rule.now.limit - rule.now.clear)));
  const wanted = wantedOf(limit, shownClear, minutes);
  const { preview, problem } = usePreview(device, rule.alarm, wanted);
  const isTried = preview !== null || problem !== null;
  const isSameAsNow = wanted !== null && isSame(wanted, rule.now);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsEarly(!isTried);
    if (wanted === null || isSameAsNow || !isTried) return;
    sendThreshold(device, rule.alarm, wanted).then(onSent, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setRefused(error.problem);
    });
  };
  const wrong = refused ?? problem;
  return (
    <Dialog title={t('rules.adjustNamed', { name: text(rule.name) })} className="window-dialog rule-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <div className="rule-fields">
          <Amount id="rule-limit" label={t('rules.limit', { unit: rule.symbol })} value={limit} first onChange={setLimit} />
          <Amount id="rule-clear" label={t('rules.clear', { unit: rule.symbol })} value={shownClear} onChange={setClear} />
          <Amount id="rule-hold" label={t('rules.hold')} value={minutes} onChange={setMinutes} />
        </div>
        <div className="rule-preview" role="status" data-empty={preview === null && wrong !== null ? '' : undefined}>
          {preview === null ? <p className="quiet">{wrong === null ? t('rules.trying') : ''}</p> : <Preview preview={preview} />}
        </div>
        {wrong === null ? null : (
          <p className="wrong" role="alert">
            {text(wrong.message)}
          </p>
        )}
        {isEarly && !isTried ? (
          <p className="wrong" role="alert">
            {t('rules.early')}
          </p>
        ) : null}
        {isSameAsNow ? <p className="quiet">{t('rules.same')}</p> : null}
        <Answers submit={t('rules.save')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function wantedOf(limit: string, clear: string, minutes: string): Threshold | null {
  const [high, low, hold] = [limit, clear, minutes].map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (high === undefined || low === undefined || hold === undefined) return null;
  if (![high, low, hold].every(Number.isFinite) || hold < 0) return null;
  return { limit: high, clear: low, forMs: Math.round(hold * minuteMs) };
}

interface Tried {
  preview: RulePreview | null;
  problem: Problem | null;
}

const untried: Tried = { preview: null, problem: null };

/** Asks again when somebody has stopped typing. What came of other numbers is not shown for these. */
function usePreview(device: string, alarm: string, wanted: Threshold | null) {
  const [state, setState] = useState<Tried & { of: string | null }>({ of: null, ...untried });
  const asked = wanted === null ? null : JSON.stringify(wanted);
  useEffect(() => {
    if (asked === null) return undefined;
    let over = false;
    const callOff = after(typingMs, () => {
      call<RulePreview>('POST', `${rulesAddress(device)}/${encodeURIComponent(alarm)}/preview`, JSON.parse(asked)).then(
        (preview) => {
          if (!over) setState({ of: asked, preview, problem: null });
        },
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          if (!over) setState({ of: asked, preview: null, problem: error.problem });
        },
      );
    });
    return () => {
      over = true;
      callOff();
    };
  }, [device, alarm, asked]);
  return state.of === asked ? state : untried;
}

function Preview({ preview }: { preview: RulePreview }) {
  const { t } = useWords();
  const { now, changed, samples } = preview;
  if (samples === 0) return <p className="quiet">{t('rules.noSamples')}</p>;
  return (
    <>
      <p className="rule-would">
        <strong>{t('rules.would', { count: changed.count })}</strong>
        <span className="quiet">{t('rules.nowTimes', { count: now.count })}</span>
      </p>
      <Strip preview={preview} />
      <p className="quiet rule-samples">
        {t('rules.samples', { count: samples })}
        {preview.cut ? ` ${t('rules.cut')}` : ''}
      </p>
    </>
  );
}

const least = 0.003;

/** Seven days as two lines: when it held with the present limit, and when it would have. */
function Strip({ preview: { from, to, now, changed } }: { preview: RulePreview }) {
  const { t } = useWords();
  const part = (at: number) => (at - from) / (to - from);
  return (
    <div className="rule-strip" role="img" aria-label={t('rules.chart', { now: now.count, changed: changed.count })}>
      {[
        { name: t('rules.rowNow'), told: now, className: 'now' },
        { name: t('rules.rowThen'), told: changed, className: 'then' },
      ].map(({ name, told, className }) => (
        <div key={className} className={className}>
          <span className="quiet">{name}</span>
          <svg viewBox="0 0 1 1" preserveAspectRatio="none">
            {told.episodes.map((episode) => (
              <rect
                key={episode.from}
                x={part(episode.from)}
                y="0"
                width={Math.max(least, part(episode.to ?? to) - part(episode.from))}
                height="1"
              />
            ))}
          </svg>
        </div>
      ))}
      <p className="quiet" aria-hidden="true">
        <span>{t('rules.daysAgo')}</span>
        <span>{t('rules.today')}</span>
      </p>
    </div>
  );
}

interface AmountProps {
  id: string;
  label: string;
  value: string;
  first?: boolean;
  onChange: (value: string) => void;
}

function Amount({ id, label, value, first = false, onChange }: AmountProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        inputMode="decimal"
        autoComplete="off"
        value={value}
        data-first={first ? '' : undefined}
        onFocus={(event) => event.target.select()}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
