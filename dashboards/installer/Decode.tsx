import type { LocalDecoded, LocalFrame } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { call, isApiError } from '../client/api.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { useWords } from '../words/language.ts';
import { Failure } from './Failure.tsx';

/** What somebody pasted, frame by frame and field by field. */
export function Decode({ given }: { given: string }) {
  const { t } = useWords();
  const [text, setText] = useState(given);
  const [wire, setWire] = useState('');
  const [wires, setWires] = useState<readonly string[]>([]);
  const [decoded, setDecoded] = useState<LocalDecoded | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const decode = useCallback((asked: string, by: string) => {
    call<LocalDecoded>('POST', '/api/decode', { text: asked, ...(by !== '' && { wire: by }) }).then(
      (answer) => {
        setProblem(null);
        setDecoded(answer);
        setWires(answer.wires);
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  }, []);
  useEffect(() => {
    if (given !== '') decode(given, '');
  }, [given, decode]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') decode(text, wire);
  };
  return (
    <div className="decode-page">
      <div className="list-head">
        <h1>{t('local.decode.title')}</h1>
        <p className="quiet">{t('local.decode.lead')}</p>
      </div>
      <form className="sheet decode-form" onSubmit={submit}>
        <div className="field">
          <label htmlFor="frames">{t('local.decode.text')}</label>
          <textarea
            id="frames"
            className="input hex-input"
            value={text}
            rows={4}
            spellCheck={false}
            autoFocus
            placeholder="01 03 04 02 92 FF 9B 5A 3D"
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="decode-answers">
          <WireChoice wire={wire} wires={wires} onChange={setWire} />
          <button type="submit" className="button strong">
            {t('local.decode.submit')}
          </button>
        </div>
      </form>
      {problem === null ? null : <Failure problem={problem} onRetry={() => decode(text, wire)} />}
      {decoded === null || problem !== null ? null : <Result decoded={decoded} />}
    </div>
  );
}

function WireChoice({ wire, wires, onChange }: { wire: string; wires: readonly string[]; onChange: (wire: string) => void }) {
  const { t } = useWords();
  return (
    <span className="select">
      <select aria-label={t('local.decode.wire')} value={wire} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('local.decode.anyWire')}</option>
        {wires.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </span>
  );
}

function Result({ decoded }: { decoded: LocalDecoded }) {
  const { t, text } = useWords();
  if (decoded.wire === null)
    return (
      <PanelState mark="filter" title={t('local.decode.none')}>
        <p>{t('local.decode.noneNext')}</p>
      </PanelState>
    );
  return (
    <section className="decoded" aria-live="polite">
      <h2>
        {t('local.decode.wireIs', { wire: decoded.wire })}
        {decoded.also.length === 0 ? null : (
          <span className="quiet"> · {t('local.decode.also', { wires: decoded.also.join(', ') })}</span>
        )}
      </h2>
      {decoded.frames.map((frame, index) => (
        <Frame key={`${index}-${frame.hex}`} frame={frame} n={index + 1} />
      ))}
      {decoded.rest.length === 0 ? null : (
        <section className="sheet">
          <h3>{t('local.decode.rest')}</h3>
          {decoded.rest.map(({ hex, why }, index) => (
            <p key={`${index}-${hex}`} className="rest">
              <code>{hex}</code>
              <span>{text(why)}</span>
            </p>
          ))}
        </section>
      )}
    </section>
  );
}

function Frame({ frame, n }: { frame: LocalFrame; n: number }) {
  const { t, language } = useWords();
  return (
    <section className="sheet frame">
      <h3>{t('local.decode.frame', { n })}</h3>
      <code className="frame-hex">{frame.hex}</code>
      <dl className="fields">
        {frame.fields.map(({ name, value, zh, en }, index) => (
          <div key={`${index}-${name}`}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
              <span className="quiet">{(language === 'zh' ? zh : en) ?? ''}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
