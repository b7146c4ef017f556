import type { CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallAudience, CallDetail, CallTemplate } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { OccupancyRole, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { keepSetting, readSetting } from '../../client/settings.ts';
import { assemblyIn } from '../where.ts';

/** What a new call is written for, where it is not the incident in front. */
export interface About {
  supersede?: CallDetail;
  edit?: CallDetail;
}

/** A call while it is written. `template` null: in own words. */
export interface Draft {
  kind: CallKind;
  areas: readonly Area[];
  tags: readonly Tag[];
  roles: readonly OccupancyRole[];
  template: string | null;
  values: Readonly<Record<string, string>>;
  title: string;
  text: string;
}

export const emptyDraft: Draft = {
  kind: 'actual',
  areas: [],
  tags: [],
  roles: [],
  template: null,
  values: {},
  title: '',
  text: '',
};

export function audienceOf({ areas, tags, roles }: Pick<Draft, 'areas' | 'tags' | 'roles'>): CallAudience {
  return {
    areas: areas.map(({ path }) => path),
    outline: null,
    tags: [...tags],
    roles: [...roles],
    except: { areas: [], people: [] },
  };
}

const byHazard: Partial<Record<IncidentDetail['hazard'], string>> = { fire: 'fire-leave', gas: 'gas-leak' };

/** The template that fits what happened, where there is one; for everything else people are asked how they are. */
export function templateFor(templates: readonly CallTemplate[], incident: IncidentDetail | null): CallTemplate | undefined {
  const wanted = (incident === null ? undefined : byHazard[incident.hazard]) ?? 'roll-call';
  return templates.find(({ id }) => id === wanted) ?? templates[0];
}

const settingOf = (name: string, area: string) => `call.${area.split('/').slice(0, 2).join('/')}.${name}`;

/** What goes into a blank: the place and the cause from the incident; an assembly point as it was said last in this community, else the nearest on the plan. */
export function valueFor(name: string, incident: IncidentDetail | null, where: Area | undefined): string {
  if (name === '地点') return incident?.place ?? where?.name ?? '';
  if (name === '事由') return incident === null ? '' : incident.title.zh;
  const said = readSetting(settingOf(name, where?.path ?? ''));
  return said ?? (name === '集合点' ? assemblyIn(where?.path ?? incident?.area ?? '') : undefined) ?? '';
}

const kept = ['集合点', '安置点'];

/** Places of a community stay from one call to the next; times and causes do not. */
export function keepValues({ values, areas }: Draft): void {
  for (const name of kept) {
    const value = values[name]?.trim() ?? '';
    if (value !== '') keepSetting(settingOf(name, areas[0]?.path ?? ''), value);
  }
}

/** What people will read, blanks shown as they are until they are filled. */
export function wordsOf(draft: Draft, template: CallTemplate | undefined): { title: string; text: string } {
  if (template === undefined) return { title: draft.title, text: draft.text };
  const fill = (text: string) =>
    text.replaceAll(/\{([^{}]*)\}/g, (blank, name: string) => {
      const value = draft.values[name]?.trim() ?? '';
      return value === '' ? blank : value;
    });
  return { title: fill(template.title), text: fill(template.text) };
}

/** Names of the blanks that still wait for a value; own words need both of theirs. */
export function missingIn(draft: Draft, template: CallTemplate | undefined, own: { title: string; text: string }): string[] {
  if (template !== undefined) return template.placeholders.filter((name) => (draft.values[name]?.trim() ?? '') === '');
  const title = draft.title.trim() === '' ? [own.title] : [];
  return draft.text.trim() === '' ? [...title, own.text] : title;
}

/** The body of the request; the key comes with it. */
export function bodyOf(
  draft: Draft,
  template: CallTemplate | undefined,
  about: { incident: string | null; supersedes: string | null },
): Record<string, unknown> {
  const words =
    template === undefined
      ? { title: draft.title.trim(), text: draft.text.trim() }
      : { template: { id: template.id, values: trimmed(draft.values, template.placeholders) } };
  return { kind: draft.kind, audience: audienceOf(draft), ...words, ...about };
}

function trimmed(values: Draft['values'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, values[name]?.trim() ?? '']));
}

/** A call that is there already, to be written anew or replaced: its words without the mark of its kind. */
export function draftFrom(detail: CallDetail, areas: readonly Area[]): Draft {
  const text = detail.text.replace(/^【(演练|测试)】/, '');
  const { kind, title, audience } = detail;
  return { ...emptyDraft, kind, title, text, areas, tags: audience.tags, roles: audience.roles };
}
