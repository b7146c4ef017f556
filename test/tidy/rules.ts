/** The rules of style that a program can hold. Each takes sources and returns sentences; each has a failing example in `tidy.test.ts`. */

export interface Source {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly sentence: string;
}

/** What may import what, the whole house on one screen. A folder not named here may import only itself. */
const gatewayRim = [
  'device-profiles',
  'gateway/clock.ts',
  'gateway/json-as.ts',
  'gateway/limits.ts',
  'gateway/random.ts',
  'gateway/xml.ts',
];
const cloudRim = ['device-profiles', 'cloud/clock.ts', 'cloud/limits.ts', 'cloud/random.ts'];

const mayImport: Readonly<Record<string, readonly string[]>> = {
  'device-profiles/vocabulary': [],
  'device-profiles/library': ['device-profiles/vocabulary'],
  'device-profiles/protocols': ['device-profiles/vocabulary', 'device-profiles/library'],
  'gateway/act': gatewayRim,
  'gateway/collect': gatewayRim,
  'gateway/decode': gatewayRim,
  'gateway/evaluate': gatewayRim,
  'gateway/snapshot': gatewayRim,
  // Its threads are given their code by the one who started the process.
  'gateway/store': [...gatewayRim, 'gateway/bin/lean.js'],
  'gateway/uplink': gatewayRim,
  'gateway/simulate': [...gatewayRim, 'gateway/config.ts', 'gateway/drivers.ts', 'gateway/site.ts', 'gateway/prove.ts'],
  'gateway/web': gatewayRim,
  'gateway/change': [...gatewayRim, 'gateway/collect/driver.ts', 'gateway/config.ts', 'gateway/lock.ts', 'gateway/problems.ts'],
  // What an installer does, for the command line and the local page alike: scan, probe, guess, doctor, reports.
  'gateway/commission': [
    ...gatewayRim,
    'gateway/act',
    'gateway/codecs.ts',
    'gateway/collect',
    'gateway/config.ts',
    'gateway/decode',
    'gateway/drivers.ts',
    'gateway/lock.ts',
    'gateway/prove.ts',
    'gateway/site.ts',
  ],
  // What the local page shows and does with the gateway that is running.
  'gateway/local': ['gateway', 'device-profiles'],
  'gateway/cli': ['gateway', 'device-profiles'],
  'cloud/accept': cloudRim,
  'cloud/alarm': cloudRim,
  'cloud/call': cloudRim,
  'cloud/cap': [...cloudRim, 'cloud/registry/outline.ts'],
  'cloud/incident': cloudRim,
  'cloud/notify': cloudRim,
  'cloud/records': [...cloudRim, 'cloud/alarm', 'cloud/call', 'cloud/cap', 'cloud/incident', 'cloud/registry', 'cloud/task'],
  'cloud/registry': cloudRim,
  'cloud/task': cloudRim,
  'cloud/web': [...cloudRim, 'cloud/registry'],
  'cloud/cli': ['cloud', 'device-profiles'],
  // A threshold is tried with the rules of the gateway themselves.
  'cloud/replaying.ts': ['cloud', 'device-profiles', 'gateway/evaluate'],
  'dashboards/parts': ['device-profiles'],
  'dashboards/client': ['device-profiles'],
  'dashboards/words': ['device-profiles'],
  'dashboards/login': ['dashboards', 'device-profiles'],
  'dashboards/dispatcher': ['dashboards/parts', 'dashboards/client', 'dashboards/words', 'device-profiles'],
  'dashboards/phone': ['dashboards/parts', 'dashboards/client', 'dashboards/words', 'device-profiles'],
  'dashboards/property': ['dashboards/parts', 'dashboards/client', 'dashboards/words', 'device-profiles'],
  'dashboards/bench': ['dashboards/parts', 'dashboards/client', 'device-profiles'],
  'dashboards/wall': ['dashboards/parts', 'dashboards/client', 'dashboards/words', 'device-profiles'],
  'dashboards/installer': ['dashboards/parts', 'dashboards/client', 'dashboards/words', 'device-profiles'],
  demo: ['gateway', 'device-profiles'],
  'start.ts': ['demo'],
  gateway: ['gateway', 'device-profiles'],
  cloud: ['cloud', 'device-profiles'],
};

/** Type-only imports of these contracts are open to every stage: they say what a stage needs, not who gives it. */
const contracts = [
  'gateway/collect/codec.ts',
  'gateway/collect/driver.ts',
  'gateway/store/log.ts',
  'gateway/store/history.ts',
  'cloud/accept/ingest.ts',
  'cloud/records/records.ts',
  'cloud/records/task-records.ts',
  'cloud/records/incident-desk.ts',
  'cloud/records/cap-desk.ts',
  'cloud/records/device-rules.ts',
  'cloud/records/duty.ts',
  'cloud/records/floor-plans.ts',
  'cloud/records/tables.ts',
  'cloud/calling.ts',
  'cloud/pushing.ts',
  'cloud/errands.ts',
  'cloud/residents.ts',
  'cloud/telling.ts',
  'cloud/trying.ts',
  'cloud/webhooks.ts',
];

interface Import {
  readonly line: number;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/g;
  for (const match of source.text.matchAll(pattern)) {
    const target = resolveTarget(source.path, match[2] ?? '');
    if (target === null) continue;
    const line = source.text.slice(0, match.index + 1).split('\n').length;
    found.push({ line, target, typeOnly: match[1] !== undefined });
  }
  return found;
}

function resolveTarget(from: string, specifier: string): string | null {
  if (specifier.startsWith('@yihu/')) return specifier.slice('@yihu/'.length);
  if (!specifier.startsWith('.')) return null;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The longest row of the table that holds the path: `gateway/decode/x.ts` → `gateway/decode`, `gateway/main.ts` → `gateway`. */
function homeOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return path.split('/').length > 2 ? `${first}/${second}` : first;
}

export function importTable(sources: readonly Source[]): Finding[] {
  return sources.flatMap((source) => {
    const home = homeOf(source.path);
    const allowed = mayImport[source.path] ?? mayImport[home] ?? [];
    return importsOf(source)
      .filter(({ target, typeOnly }) => {
        if (target === home || target.startsWith(`${home}/`)) return false;
        if (typeOnly && contracts.includes(target)) return false;
        return !allowed.some((row) => target === row || target.startsWith(`${row}/`));
      })
      .map(({ line, target }) => ({ path: source.path, line, sentence: `${home} may not import ${target}` }));
  });
}

export function importCycles(sources: readonly Source[]): Finding[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ typeOnly }) => !typeOnly)
        .map(({ target }) => target),
    ]),
  );
  const done = new Set<string>();
  const findings: Finding[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0)
      return void findings.push({ path, line: 1, sentence: `imports go round: ${[...trail.slice(at), path].join(' → ')}` });
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return findings;
}

/** Source with comments and strings blanked out, so that words in them are not taken for calls. Lines stay. */
function codeOnly(text: string): string {
  const blank = (match: string) => match.replaceAll(/[^\n]/g, ' ');
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/(^|[^:'"`\\])\/\/[^\n]*/g, (match, before: string) => before + blank(match.slice(before.length)))
    .replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, blank);
}

function matches(sources: readonly Source[], pattern: RegExp, sentence: string, except: (path: string) => boolean): Finding[] {
  return sources.flatMap((source) => {
    if (except(source.path)) return [];
    const lines = codeOnly(source.text).split('\n');
    return lines.flatMap((line, i) => (pattern.test(line) ? [{ path: source.path, line: i + 1, sentence }] : []));
  });
}

const isClock = (path: string) => /(^|\/)(clock|random)\.ts$/.test(path) || path.startsWith('dashboards/') || path === 'start.ts';
const isServer = (path: string) => /^(gateway|cloud|device-profiles)\//.test(path);
const mayPrint = (path: string) => !isServer(path) || /^(gateway|cloud)\/(cli|bin)\//.test(path);

export function bannedCalls(sources: readonly Source[]): Finding[] {
  const notServer = (path: string) => !isServer(path);
  return [
    ...matches(
      sources,
      /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.hrtime/,
      'time comes in as a Clock',
      (path) => notServer(path) || isClock(path),
    ),
    ...matches(sources, /\bMath\.random\(/, 'chance comes in as an argument', (path) => notServer(path) || isClock(path)),
    ...matches(sources, /\bconsole\./, 'a server speaks through its log, a command through its output', mayPrint),
    ...matches(sources, /\bnew Function\(|\beval\(|\bfrom 'node:vm'/, 'data is never run', () => false),
    ...matches(sources, /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/, 'a swallowed error', () => false),
    ...matches(sources, /\bas unknown as\b|:\s*any\b|\bas any\b|<any>/, 'a type that is not one', () => false),
    ...matches(sources, /@ts-ignore|@ts-nocheck/, 'a switched-off check', () => false),
  ];
}

const vague = /(^|\/)(utils?|helpers?|common|shared|misc|lib)(\/|\.ts|\.tsx)/;

export function vagueNames(sources: readonly Source[]): Finding[] {
  return sources
    .filter(({ path }) => vague.test(path))
    .map(({ path }) => ({ path, line: 1, sentence: 'a file is named for what it holds' }));
}

/** Files that only re-export hide where things live. */
export function barrels(sources: readonly Source[]): Finding[] {
  return sources
    .filter(({ text }) => {
      const lines = codeOnly(text)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return lines.length > 1 && lines.every((line) => /^export\s+(\*|\{|type\s*\{)/.test(line));
    })
    .map(({ path }) => ({ path, line: 1, sentence: 'a file that only re-exports' }));
}

export const fileLines = 400;

export function longFiles(sources: readonly Source[]): Finding[] {
  return sources
    .filter(({ path, text }) => !path.startsWith('test/') && text.split('\n').length > fileLines)
    .map(({ path, text }) => ({ path, line: 1, sentence: `${text.split('\n').length} lines; is it two things?` }));
}

/** SQL lives in `cloud/records`, and in the gateway's own store. */
export function sqlOutside(sources: readonly Source[]): Finding[] {
  const home = (path: string) => !isServer(path) || path.startsWith('cloud/records/') || path.startsWith('gateway/store/');
  return sources.flatMap((source) =>
    home(source.path)
      ? []
      : importsOfPackages(source)
          .filter(({ name }) => name === 'kysely' || name === 'pg' || name === 'node:sqlite')
          .map(({ line, name }) => ({ path: source.path, line, sentence: `${name} belongs to cloud/records or gateway/store` })),
  );
}

function importsOfPackages(source: Source): { line: number; name: string }[] {
  return [...source.text.matchAll(/(?:^|\n)import\s+(?!type)[^'"]*['"]([^'"./][^'"]*)['"]/g)].map((match) => ({
    line: source.text.slice(0, match.index + 1).split('\n').length,
    name: match[1] ?? '',
  }));
}
