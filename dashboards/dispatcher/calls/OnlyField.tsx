import { occupancyRoles, type OccupancyRole, tags, type Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { useWords } from '../../words/language.ts';
import type { Draft } from './draft.ts';

const allTags = Object.keys(tags) as Tag[];
const allRoles = Object.keys(occupancyRoles) as OccupancyRole[];

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

/** By tag and by relation to the home; folded away, because nearly always everybody is meant. */
export function OnlyField({ draft, change }: Props) {
  const { t, text } = useWords();
  const chosen = [...draft.tags.map((tag) => text(tags[tag])), ...draft.roles.map((role) => text(occupancyRoles[role]))];
  const turned = <T,>(list: readonly T[], one: T) => (list.includes(one) ? list.filter((each) => each !== one) : [...list, one]);
  return (
    <details className="only">
      <summary className="turn">
        {t('calls.only')} <strong>{chosen.length === 0 ? t('calls.onlyNone') : chosen.join('、')}</strong>
      </summary>
      <div className="choices">
        {allRoles.map((role) => (
          <Choice
            key={role}
            name={text(occupancyRoles[role])}
            checked={draft.roles.includes(role)}
            onChange={() => change({ roles: turned(draft.roles, role) })}
          />
        ))}
        {allTags.map((tag) => (
          <Choice
            key={tag}
            name={text(tags[tag])}
            checked={draft.tags.includes(tag)}
            onChange={() => change({ tags: turned(draft.tags, tag) })}
          />
        ))}
      </div>
    </details>
  );
}

function Choice({ name, checked, onChange }: { name: string; checked: boolean; onChange: () => void }) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} onChange={onChange} />
      <span>{name}</span>
    </label>
  );
}
