import { useWords } from '../words/language.ts';
import { Link } from './Link.tsx';
import type { Route } from './route.ts';

const tabs: readonly { readonly to: Route; readonly word: 'line' | 'tcp' | 'mqtt' | 'zigbee' | 'cameras' }[] = [
  { to: { screen: 'scan' }, word: 'line' },
  { to: { screen: 'survey', kind: 'tcp' }, word: 'tcp' },
  { to: { screen: 'survey', kind: 'mqtt' }, word: 'mqtt' },
  { to: { screen: 'survey', kind: 'zigbee' }, word: 'zigbee' },
  { to: { screen: 'survey', kind: 'cameras' }, word: 'cameras' },
];

/** Where to look for devices: on a line, in a network, at a broker, among cameras. */
export function ScanTabs({ here }: { here: (typeof tabs)[number]['word'] }) {
  const { t } = useWords();
  return (
    <nav className="tabs" aria-label={t('work.survey.tabs')}>
      {tabs.map(({ to, word }) => (
        <Link key={word} className="tab" to={to} {...(word === here ? { 'aria-current': 'page' as const } : {})}>
          {t(`work.survey.tab.${word}`)}
        </Link>
      ))}
    </nav>
  );
}
