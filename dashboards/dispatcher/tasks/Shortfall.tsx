import { useWords } from '../../words/language.ts';
import { missingOf, useForces } from './read.ts';

/** How many people an incident still misses, wherever one looks at it. */
export function Shortfall({ incident }: { incident: string }) {
  const { t } = useWords();
  const missing = useForces((forces) => (forces.of === incident ? missingOf(forces.card) : 0));
  return missing === 0 ? null : <strong className="shortfall">{t('tasks.shortfall', { count: missing })}</strong>;
}
