import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { namesOf, parseExpression } from '@yihu/device-profiles/library/expression.ts';
import { loadLibrary } from '@yihu/device-profiles/library/load.ts';

const { profiles } = await loadLibrary();
const all = [...profiles.values()].map(({ profile }) => profile);

/** A rule and its limits as the file has them, before its params are filled in. */
type Written = Readonly<Record<string, unknown>>;
const limitKeys = ['above', 'below', 'step'] as const;

function alarmsOf(id: string): [string, Written][] {
  const [maker = '', ...model] = id.split('.');
  const file = new URL(`../../device-profiles/${maker}/${model.join('.')}.yaml`, import.meta.url);
  const { alarms = {} } = parse(readFileSync(file, 'utf8')) as { alarms?: Record<string, Written> };
  return Object.entries(alarms);
}

/** Whether there is any at all: of errors, of fires seen, of money owed. Nothing an installer would set. */
const isAnyAtAll = (limit: unknown) => typeof limit === 'number' && limit > 0 && limit < 1;

function paramsIn(limit: unknown): string[] {
  const parsed = typeof limit === 'string' && limit.startsWith('=') ? parseExpression(limit.slice(1)) : undefined;
  return parsed === undefined || 'wrong' in parsed ? [] : [...namesOf(parsed)];
}

describe('a threshold', () => {
  const limits = all.flatMap((profile) =>
    alarmsOf(profile.id).flatMap(([alarm, rule]) =>
      limitKeys.flatMap((key) => (rule[key] === undefined ? [] : [{ profile, alarm, rule, limit: rule[key] }])),
    ),
  );

  it('is for the installer to set', () => {
    const fixed = limits.filter(({ limit }) => paramsIn(limit).length === 0 && !isAnyAtAll(limit));
    expect(fixed.map(({ profile, alarm }) => `${profile.id} ${alarm}`)).toEqual([]);
  });

  it('says where its value comes from, at the rule or at the parameter', () => {
    const bare = limits.filter(
      ({ profile, rule, limit }) =>
        rule['ref'] === undefined && !isAnyAtAll(limit) && !paramsIn(limit).some((id) => profile.params[id]?.ref !== undefined),
    );
    expect(bare.map(({ profile, alarm }) => `${profile.id} ${alarm}`)).toEqual([]);
  });

  it('so does how long a value may stand still', () => {
    const stuck = all.flatMap(({ id }) => alarmsOf(id).map(([alarm, rule]) => ({ id, alarm, rule })));
    const bare = stuck.filter(({ rule }) => rule['stuck'] !== undefined && rule['ref'] === undefined);
    expect(bare.map(({ id, alarm }) => `${id} ${alarm}`)).toEqual([]);
  });
});
