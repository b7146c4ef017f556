import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from '../vocabulary/profile.ts';
import { bindProfile } from './bind.ts';
import { checkProfile } from './check.ts';
import { parseProfile, withVectors, writtenPath } from './parse.ts';
import { type Finding, maxFileBytes, type ProblemPath, readSource, type Source } from './source.ts';
import { patch } from './variant.ts';

/** One thing wrong in a profile file, for its author and for the installer. `path` such as `points.voltage.at`. */
export interface ProfileProblem {
  readonly file: string;
  /** From 1; 1 also where no line can be named. */
  readonly line: number;
  readonly path: string;
  readonly zh: string;
  readonly en: string;
}

/** 可信级别, computed from the best vector and never claimed: synthetic bronze, public or manual silver, recorded gold. */
export type Tier = 'bronze' | 'silver' | 'gold';

export interface LoadedProfile {
  readonly profile: Profile;
  readonly tier: Tier;
}

/** Runs the vectors of a profile through the decoder, which lives in the gateway. Paths such as `vectors[3].expect.voltage`. */
export type Prove = (profile: Profile) => readonly { path: string; zh: string; en: string }[];

export interface LoadOptions {
  /** Without it the vectors are not run. */
  readonly prove?: Prove;
}

export type Loaded = LoadedProfile | { problems: ProfileProblem[] };

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** The variants of each loaded profile, already validated. */
const variantsOf = new WeakMap<Profile, ReadonlyMap<string, Profile>>();

/**
 * Reads one profile, `<maker>/<model>.yaml`. Everything that is wrong with it comes at once.
 * A file that cannot be read is a problem too; nothing throws.
 */
export async function loadProfile(file: string, options: LoadOptions = {}): Promise<Loaded> {
  const read = await readText(file);
  if ('problems' in read) return read;
  return loadText(read.text, file, options);
}

/** The same for a text already in hand; `file` gives the expected id and names the problems. */
export function loadText(text: string, file: string, options: LoadOptions = {}): Loaded {
  const source = readSource(text);
  if ('syntax' in source) return { problems: source.syntax.map((problem) => ({ file, path: '', ...problem })) };
  const parsed = parseProfile(source.data);
  if ('findings' in parsed) return failed(file, source, parsed.findings);
  const { profile } = parsed;
  const findings = checkProfile(profile, expectedId(file)).map((each) => ({ ...each, path: writtenPath(profile, each.path) }));
  if (findings.length > 0) return failed(file, source, findings);
  const variants = loadVariants(source.data as object, profile);
  if (variants.findings.length > 0) return failed(file, source, variants.findings);
  const unproven = proveAll(profile, variants.profiles, options.prove);
  if (unproven.length > 0) return failed(file, source, unproven);
  variantsOf.set(profile, variants.profiles);
  return { profile, tier: tierOf(profile) };
}

/** The profile of this package with an id, where there is one; its file alone is read. */
export async function loadOwn(id: string, options: LoadOptions = {}): Promise<Loaded | null> {
  const [, maker, model] = /^([\w-]+)\.([\w.-]+)$/.exec(id) ?? [];
  if (maker === undefined || model === undefined) return null;
  const file = join(packageFolder, maker, `${model}.yaml`);
  return existsSync(file) ? loadProfile(file, options) : null;
}

/** All profiles of a folder (default: the library in this package), by id. One bad file does not stop the others. A folder that cannot be read is a problem. */
export async function loadLibrary(
  folder = packageFolder,
  options: LoadOptions = {},
): Promise<{ profiles: Map<string, LoadedProfile>; problems: ProfileProblem[] }> {
  const profiles = new Map<string, LoadedProfile>();
  const problems: ProfileProblem[] = [];
  const files = await profileFiles(folder);
  if ('problems' in files) return { profiles, problems: files.problems };
  for (const file of files.files) {
    const loaded = await loadProfile(file, options);
    if ('problems' in loaded) problems.push(...loaded.problems);
    else profiles.set(loaded.profile.id, loaded);
  }
  return { profiles, problems };
}

/**
 * The profile as it is with one of its variants.
 * @throws where the profile did not come from this loader or has no such variant: the site check asks before.
 */
export function applyVariant(profile: Profile, variant: string): Profile {
  const found = variantsOf.get(profile)?.get(variant);
  if (found === undefined) throw new Error(`profile ${profile.id} has no variant ${variant}`);
  return found;
}

async function readText(file: string): Promise<{ text: string } | { problems: ProfileProblem[] }> {
  try {
    const { size, isFile } = await regular(file);
    if (!isFile)
      return { problems: [wholeFile(file, '这不是普通文件；请给出 YAML 文件。', 'This is no plain file; name a YAML file.')] };
    if (size > maxFileBytes)
      return {
        problems: [wholeFile(file, '文件超过 1 MB；档案不需要这么大。', 'The file is larger than 1 MB; no profile needs that.')],
      };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
    return { text };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      problems: [
        wholeFile(
          file,
          `无法读取文件（${detail}）；请检查路径、权限和 UTF-8 编码。`,
          `Cannot read the file (${detail}); check path, rights and UTF-8.`,
        ),
      ],
    };
  }
}

async function regular(file: string): Promise<{ size: number; isFile: boolean }> {
  const found = await stat(file);
  // A folder is told by what reading it says; a device or a pipe might never end.
  return { size: found.size, isFile: found.isFile() || found.isDirectory() };
}

function wholeFile(file: string, zh: string, en: string): ProfileProblem {
  return { file, line: 1, path: '', zh, en };
}

function failed(file: string, source: Source, findings: readonly Finding[]): { problems: ProfileProblem[] } {
  const problems = findings.map(({ path, zh, en }) => ({ file, line: source.lineOf(path), path: pathText(path), zh, en }));
  return { problems: problems.sort((a, b) => a.line - b.line) };
}

function pathText(path: ProblemPath): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** `chint/ddsu666.yaml` → `chint.ddsu666` */
function expectedId(file: string): string {
  return `${basename(dirname(file))}.${basename(file).replace(/\.ya?ml$/, '')}`;
}

interface Variants {
  readonly profiles: Map<string, Profile>;
  readonly findings: Finding[];
}

/** Each variant is a whole profile: patched, validated and checked like one. Its vectors are those that name it. */
function loadVariants(data: object, profile: Profile): Variants {
  const profiles = new Map<string, Profile>();
  const findings: Finding[] = [];
  for (const [index, { id, set }] of profile.variants.entries()) {
    const result = patch(data, set);
    const parsed = parseProfile(result.patched);
    const found = [...result.findings, ...('profile' in parsed ? checkProfile(parsed.profile, profile.id) : parsed.findings)];
    findings.push(...found.map((finding) => inVariant(finding, id, index)));
    if ('profile' in parsed)
      profiles.set(
        id,
        withVectors(
          parsed.profile,
          profile.vectors.filter((vector) => vector.variant === id),
        ),
      );
  }
  return { profiles, findings };
}

function inVariant({ path, zh, en }: Finding, id: string, index: number): Finding {
  const where = pathText(path);
  return { path: ['variants', index], zh: `变体 ${id}，${where}：${zh}`, en: `Variant ${id}, ${where}: ${en}` };
}

/** A profile is proven by its own vectors, a variant by those that name it; paths are those of the file. */
function proveAll(profile: Profile, variants: ReadonlyMap<string, Profile>, prove: Prove | undefined): Finding[] {
  if (prove === undefined) return [];
  const findings: Finding[] = [];
  for (const [index, vector] of profile.vectors.entries()) {
    const base = vector.variant === undefined ? profile : variants.get(vector.variant);
    if (base === undefined) continue;
    const bound =
      vector.params === undefined ? { profile: base } : bindProfile(base, { params: { ...asked(base), ...vector.params } });
    if ('findings' in bound) {
      findings.push(...bound.findings.map((each) => ({ ...each, path: ['vectors', index, 'params', ...each.path] })));
      continue;
    }
    for (const { path, zh, en } of prove({ ...bound.profile, vectors: [vector] })) {
      const [, ...inside] = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
      findings.push({ path: ['vectors', index, ...inside.slice(1)], zh, en });
    }
  }
  return findings;
}

/** Values for the params that a site has to set: a vector names those it is about. */
function asked({ params }: Profile): Record<string, number> {
  return Object.fromEntries(Object.entries(params).flatMap(([id, { ask, default: usual }]) => (ask ? [[id, usual]] : [])));
}

function tierOf({ vectors }: Profile): Tier {
  const origins = new Set(vectors.filter((vector) => vector.refuse !== true).map((vector) => vector.origin));
  if (origins.has('recorded')) return 'gold';
  return origins.has('public') || origins.has('manual') ? 'silver' : 'bronze';
}

/** `<maker>/<model>.yaml`, sorted; folders without profiles (vocabulary, library, node_modules) have none. */
async function profileFiles(folder: string): Promise<{ files: string[] } | { problems: ProfileProblem[] }> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const makers = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules').map(({ name }) => name);
    const lists = await Promise.all(
      makers.map(async (maker) => (await readdir(join(folder, maker))).map((file) => join(folder, maker, file))),
    );
    return {
      files: lists
        .flat()
        .filter((file) => /\.ya?ml$/.test(file))
        .sort(),
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const zh = `无法读取档案文件夹（${detail}）；请检查路径和权限。`;
    return { problems: [wholeFile(folder, zh, `Cannot read the folder of profiles (${detail}); check path and rights.`)] };
  }
}
