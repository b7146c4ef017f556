import { type ReactNode, useState } from 'react';
import { PanelState } from '../parts/PanelState.tsx';
import { useWords } from '../words/language.ts';

interface Props<T> {
  /** Whose words it speaks: what can be searched for, how many there are, what it says where there is none. */
  of: 'keys' | 'hooks' | 'notices' | 'users' | 'warnings';
  items: readonly T[];
  /** All of an item that is searched. */
  textOf: (item: T) => string;
  filter?: Filter<T>;
  /** Draws what was found; `find` searches for other words. */
  children: (found: readonly T[], find: (words: string) => void) => ReactNode;
}

/** What stands beside the search, what it lets through, and how it comes to let through everything. */
export interface Filter<T> {
  fields: ReactNode;
  lets: (item: T) => boolean;
  clear: () => void;
}

/** A list that was read whole: the search above it, how many were found, and why there is nothing where there is nothing. */
export function Searched<T>({ of, items, textOf, filter, children }: Props<T>) {
  const { t } = useWords();
  const [words, setWords] = useState('');
  const sought = words.trim().toLowerCase();
  const found = items.filter((item) => (filter?.lets(item) ?? true) && textOf(item).toLowerCase().includes(sought));
  const clear = () => {
    setWords('');
    filter?.clear();
  };
  return (
    <>
      <div className="filters">
        <input
          className="input"
          type="search"
          value={words}
          placeholder={t(`${of}.searchHint`)}
          aria-label={t(`${of}.search`)}
          onChange={(event) => setWords(event.target.value)}
        />
        {filter?.fields}
        <span className="quiet">{t(`${of}.shown`, { count: found.length })}</span>
      </div>
      {items.length === 0 ? (
        <div className="sheet">
          <PanelState mark="good" title={t(`${of}.empty`)}>
            <p>{t(`${of}.emptyNext`)}</p>
          </PanelState>
        </div>
      ) : found.length === 0 ? (
        <div className="sheet">
          <PanelState mark="filter" title={t(`${of}.emptyFilter`, { all: items.length })}>
            <button type="button" className="button" onClick={clear}>
              {t('lists.clear')}
            </button>
          </PanelState>
        </div>
      ) : (
        children(found, setWords)
      )}
    </>
  );
}
