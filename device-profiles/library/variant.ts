import type { Finding } from './source.ts';

/**
 * A variant's patches applied to the data of a profile: `defaults.table: holding`, `points.voltage.at: 16`.
 * Ids may hold dots, so at each step the longest key that is there is taken. null takes a key away.
 * The result is not validated; a patch that leads nowhere is a finding.
 */
export function patch(data: object, set: Readonly<Record<string, unknown>>): { patched: object; findings: Finding[] } {
  const patched = structuredClone(data);
  const findings: Finding[] = [];
  for (const [path, value] of Object.entries(set)) {
    const place = findPlace(patched, path);
    if (place === undefined) findings.push(nowhere(path));
    else if (value === null) delete place.parent[place.key];
    else place.parent[place.key] = structuredClone(value);
  }
  return { patched, findings };
}

interface Place {
  parent: Record<string, unknown>;
  key: string;
}

function findPlace(root: object, path: string): Place | undefined {
  let parent = root as Record<string, unknown>;
  let rest = path;
  for (;;) {
    const key = longestKey(parent, rest);
    if (key === undefined) return rest.includes('.') || rest === '' || rest === '__proto__' ? undefined : { parent, key: rest };
    if (key === rest) return { parent, key };
    const next = parent[key];
    if (typeof next !== 'object' || next === null) return undefined;
    parent = next as Record<string, unknown>;
    rest = rest.slice(key.length + 1);
  }
}

function longestKey(parent: object, path: string): string | undefined {
  return Object.keys(parent)
    .filter((key) => key === path || path.startsWith(`${key}.`))
    .sort((a, b) => b.length - a.length)[0];
}

function nowhere(path: string): Finding {
  return {
    path: ['set', path],
    zh: `档案里没有 "${path}" 这个位置；请检查变体的路径。`,
    en: `There is no "${path}" in the profile; check the path of the variant.`,
  };
}
