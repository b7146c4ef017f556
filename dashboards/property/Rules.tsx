import { useState } from 'react';
import type { DeviceRule, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { DeviceDetail, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { useShortcuts } from '../client/keys.ts';
import { LevelChip } from '../parts/Level.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Failure } from './Failure.tsx';
import { Kept } from './Listed.tsx';
import { useDevicePages } from './pages.ts';
import { usePolled, useReading } from './reading.ts';
import { go, type Route } from './route.ts';
import { RuleDialog } from './RuleDialog.tsx';
import { isSame, rulesAddress, sendThreshold } from './thresholds.ts';
import './rules.css';

type RulesRoute = Extract<Route, { screen: 'rules' }>;

/** 规则: the limits of one device, each tried on a week of its readings before it is sent. */
export default function RulesScreen({ route }: { route: RulesRoute }) {
  const { t } = useWords();
  return (
    <div className="windows rules">
      <div className="windows-head">
        <h1>{t('rules.title')}</h1>
        <p className="quiet">{t('rules.lead')}</p>
      </div>
      <div className="rules-work">
        <Devices route={route} />
        {route.device === '' ? (
          <section className="sheet">
            <PanelState mark="filter" title={t('rules.choose')}>
              <p>{t('rules.chooseNext')}</p>
            </PanelState>
          </section>
        ) : (
          <RulesOf key={route.device} device={route.device} />
        )}
      </div>
    </div>
  );
}

/** The gateway takes on what was sent, and nothing on the stream says when. */
const lookEveryMs = 15_000;
const shown = 12;
const shortcuts = { '/': () => document.getElementById('rules-search')?.focus() };

function Devices({ route }: { route: RulesRoute }) {
  const { t, text } = useWords();
  useShortcuts(shortcuts, true);
  const [words, setWords] = useState('');
  const query = new URLSearchParams({ q: words.trim() }).toString();
  const { items, loading, of, problem, retry } = useDevicePages(query);
  const isOld = of !== query;
  return (
    <section className="sheet rules-devices" aria-label={t('rules.devices')}>
      <input
        id="rules-search"
        className="input"
        type="search"
        value={words}
        placeholder={t('rules.searchHint')}
        aria-label={t('rules.search')}
        onChange={(event) => setWords(event.target.value)}
      />
      {problem === null ? null : <Failure problem={problem} onRetry={retry} />}
      {(loading || isOld) && items.length === 0 && problem === null ? (
        <Skeleton rows={5} height={48} label={t('app.loading')} />
      ) : null}
      {!loading && !isOld && items.length === 0 && problem === null ? <p className="quiet">{t('rules.noDevices')}</p> : null}
      <ul>
        {items.slice(0, shown).map((device) => {
          const id = `${device.gateway}/${device.id}`;
          return (
            <li key={id}>
              <button type="button" aria-pressed={route.device === id} onClick={() => go({ screen: 'rules', device: id })}>
                <strong>{text(device.name)}</strong>
                <span className="quiet">{device.placeText}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface Told {
  known: boolean;
  rules: DeviceRule[];
}

function RulesOf({ device }: { device: string }) {
  const { t } = useWords();
  const overview = useEstate((estate) => estate.overview?.at);
  const reading = usePolled<Told>(rulesAddress(device), lookEveryMs, overview);
  const { value, problem, again } = reading;
  const [asked, setAsked] = useState<DeviceRule | null>(null);
  if (value === null)
    return (
      <section className="sheet">
        {problem === null ? (
          <Skeleton rows={3} height={96} label={t('app.loading')} />
        ) : (
          <Failure problem={problem} onRetry={again} />
        )}
      </section>
    );
  return (
    <section className="sheet">
      <WhoseRules device={device} />
      <Kept reading={reading} />
      {value.rules.length === 0 ? (
        <PanelState mark={value.known ? 'good' : 'unknown'} title={t(value.known ? 'rules.noRules' : 'rules.ownProfile')}>
          <p>{t(value.known ? 'rules.noRulesNext' : 'rules.ownProfileNext')}</p>
        </PanelState>
      ) : null}
      <ul className="rule-list">
        {value.rules.map((rule) => (
          <RuleRow key={rule.alarm} device={device} rule={rule} onAdjust={() => setAsked(rule)} onChanged={again} />
        ))}
      </ul>
      {asked === null ? null : (
        <RuleDialog
          device={device}
          rule={asked}
          onClose={() => setAsked(null)}
          onSent={() => {
            setAsked(null);
            again();
          }}
        />
      )}
    </section>
  );
}

/** The list beside may have been searched for something else since. */
function WhoseRules({ device }: { device: string }) {
  const { text } = useWords();
  const { value } = useReading<DeviceDetail>(rulesAddress(device).replace(/\/rules$/, ''));
  if (value === null) return null;
  return (
    <h2 className="rules-of">
      {text(value.name)} <span className="count">{value.placeText}</span>
    </h2>
  );
}

interface RowProps {
  device: string;
  rule: DeviceRule;
  onAdjust: () => void;
  onChanged: () => void;
}

function RuleRow({ device, rule, onAdjust, onChanged }: RowProps) {
  const { t, text } = useWords();
  const inWords = useThresholdWords(rule);
  const isOpen = rule.change === 'open';
  const why = { open: '', 'life-safety': t('rules.lifeSafety'), 'not-yours': t('rules.notYours'), 'own-profile': '' }[
    rule.change
  ];
  return (
    <li>
      <LevelChip severity={rule.severity} label={t(`level.${rule.severity}`)} />
      <div className="what">
        <strong>{text(rule.name)}</strong>
        <span>
          {text(rule.pointName)} {inWords(rule.now)}
        </span>
        {rule.off ? <span className="hatched rule-off">{t('rules.off')}</span> : null}
        {rule.now.limit === rule.own.limit ? null : (
          <span className="quiet">{t('rules.own', { limit: rule.own.limit, unit: rule.symbol })}</span>
        )}
        {isOpen ? null : <span className="quiet">{why}</span>}
        {rule.sent === null ? null : <Sent device={device} rule={rule} sent={rule.sent} onChanged={onChanged} />}
      </div>
      {isOpen ? (
        <button
          type="button"
          className="button"
          aria-label={t('rules.adjustNamed', { name: text(rule.name) })}
          onClick={onAdjust}
        >
          {t('rules.adjust')}
        </button>
      ) : null}
    </li>
  );
}

const undone: ReadonlySet<string> = new Set(['refused', 'rolled-back', 'expired', 'superseded']);

function Sent({
  device,
  rule,
  sent,
  onChanged,
}: Pick<RowProps, 'device' | 'rule' | 'onChanged'> & { sent: NonNullable<DeviceRule['sent']> }) {
  const { t, text } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const undo = () => {
    sendThreshold(device, rule.alarm, sent.before).then(onChanged, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setProblem(error.problem);
    });
  };
  const mayUndo = rule.change === 'open' && !undone.has(sent.state) && !isSame(sent.to, sent.before);
  return (
    <p className="rule-sent">
      <span>
        {t('rules.sent', {
          by: sent.byName,
          at: whenText(sent.at, cloudNow()),
          before: sent.before.limit,
          to: sent.to.limit,
          unit: rule.symbol,
        })}{' '}
        · <strong>{t(`rules.state.${sent.state}`)}</strong>
        {sent.reason === null ? '' : ` · ${text(sent.reason)}`}
      </span>
      {mayUndo ? (
        <button
          type="button"
          className="button small"
          aria-label={t('rules.undoNamed', { name: text(rule.name) })}
          onClick={undo}
        >
          {t('rules.undo')}
        </button>
      ) : null}
      {problem === null ? null : (
        <span className="wrong" role="alert">
          {text(problem.message)}
        </span>
      )}
    </p>
  );
}

const minuteMs = 60_000;

/** 高于 40 ℃，持续 10 分钟；回到 37 ℃ 以下恢复 */
function useThresholdWords({ side, symbol: unit }: DeviceRule) {
  const { t } = useWords();
  return ({ limit, clear, forMs }: Threshold) => {
    const time =
      forMs % minuteMs === 0
        ? t('rules.minutes', { count: forMs / minuteMs })
        : t('rules.seconds', { count: Math.round(forMs / 1000) });
    const held = forMs === 0 ? t('rules.atOnce') : t('rules.held', { time });
    const back = side === 'above' ? t('rules.clearBelow', { clear, unit }) : t('rules.clearAbove', { clear, unit });
    return `${side === 'above' ? t('rules.above', { limit, unit }) : t('rules.below', { limit, unit })} · ${held} · ${back}`;
  };
}
