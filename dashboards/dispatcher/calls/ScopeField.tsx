import { useState } from 'react';
import type { Area, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../../client/api.ts';
import { useWords } from '../../words/language.ts';
import { ownAreas } from '../own-areas.ts';
import { areaPage, isCallable } from './areas.ts';
import type { HeldDraft } from './use-draft.ts';

/** Whom: unit, building, grid or community of the incident by one arrow key; any others from the tree. */
export function ScopeField({ held }: { held: HeldDraft }) {
  const { t } = useWords();
  const { draft, chain, change } = held;
  const near = chain.filter(({ kind }) => isCallable(kind)).reverse();
  const only = draft.areas.length === 1 ? draft.areas[0]?.path : undefined;
  const others = draft.areas.filter(({ path }) => !near.some((one) => one.path === path));
  return (
    <fieldset className="scope" aria-label={t('calls.scope')}>
      <legend className="label">{t('calls.scope')}</legend>
      <div className="choices">
        {near.map((area) => (
          <label key={area.path} className="choice">
            <input
              type="radio"
              name="scope"
              value={area.path}
              checked={only === area.path}
              onChange={() => change({ areas: [area] })}
            />
            <span>
              {area.name}
              <small>{t(`areaKind.${area.kind}`)}</small>
            </span>
          </label>
        ))}
      </div>
      {draft.areas.length > 1 || others.length > 0 ? (
        <ul className="scope-chosen">
          {draft.areas.map((area) => (
            <li key={area.path}>
              <button
                type="button"
                className="button small"
                aria-label={t('calls.scopeRemove', { name: area.name })}
                onClick={() => change({ areas: draft.areas.filter(({ path }) => path !== area.path) })}
              >
                {area.name} ×
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <Tree chosen={draft.areas} onChange={(areas) => change({ areas })} />
    </fieldset>
  );
}

/** One level of the tree; `area` null: the top, which is the areas this desk is of. */
interface Level {
  area: Area | null;
  /** Where one level up leads; null is the top. */
  up: string | null;
  children: readonly Area[];
}

async function levelOf(path: string | null): Promise<Level> {
  const own = await ownAreas();
  if (path === null) return { area: null, up: null, children: own };
  // What lies above one's own areas is not seen: then this is the top.
  const page = await areaPage(path).catch((error: unknown) => {
    if (isApiError(error) && error.status === 404) return null;
    throw error;
  });
  if (page === null) return { area: null, up: null, children: own };
  const { area, children } = page;
  return { area, up: own.some((one) => one.path === area.path) ? null : area.parent, children };
}

/** The tree of areas, one level at a time: into one, all of it, or several beside each other. */
function Tree({ chosen, onChange }: { chosen: readonly Area[]; onChange: (areas: Area[]) => void }) {
  const { t, text } = useWords();
  const [page, setPage] = useState<Level | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const go = (path: string | null) => {
    setProblem(null);
    levelOf(path).then(setPage, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setProblem(error.problem);
    });
  };
  const open = () => go(chosen[0]?.parent ?? null);
  const turn = ({ path, parent, kind, name }: Area) => {
    const others = chosen.filter(
      (one) => one.path !== path && !one.path.startsWith(`${path}/`) && !path.startsWith(`${one.path}/`),
    );
    onChange(chosen.some((one) => one.path === path) ? others : [...others, { path, parent, kind, name }]);
  };
  return (
    <details className="tree" onToggle={(event) => (event.currentTarget.open && page === null ? open() : undefined)}>
      <summary className="turn">{t('calls.scopeOther')}</summary>
      {problem === null ? null : (
        <p className="wrong">
          {t('calls.scopeFailed')} {text(problem.message)}
        </p>
      )}
      {page === null ? null : (
        <>
          <p className="tree-head">
            {page.area === null ? null : (
              <button type="button" className="button small" onClick={() => go(page.up)}>
                ← {t('calls.scopeUp')}
              </button>
            )}
            <strong>{page.area?.name ?? t('calls.scope')}</strong>
          </p>
          <ul className="tree-list scroll" tabIndex={0} aria-label={page.area?.name ?? t('calls.scope')}>
            {[...(page.area === null ? [] : [page.area]), ...page.children]
              .filter(({ kind }) => isCallable(kind))
              .map((area) => (
                <li key={area.path}>
                  <label>
                    <input
                      type="checkbox"
                      className="box"
                      checked={chosen.some(({ path }) => path === area.path)}
                      onChange={() => turn(area)}
                    />
                    {area.path === page.area?.path ? t('calls.scopeHere', { name: area.name }) : area.name}
                  </label>
                  {area.path === page.area?.path || area.kind === 'unit' ? null : (
                    <button
                      type="button"
                      className="button plain small"
                      aria-label={t('calls.scopeInto', { name: area.name })}
                      onClick={() => go(area.path)}
                    >
                      ›
                    </button>
                  )}
                </li>
              ))}
          </ul>
        </>
      )}
    </details>
  );
}
