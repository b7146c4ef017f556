import { existsSync } from 'node:fs';
import { type LoadedProfile, loadProfile } from '@yihu/device-profiles/library/load.ts';
import { type Output, exit } from './output.ts';

const library = new URL('../', import.meta.resolve('@yihu/device-profiles/library/load.ts'));

const named = /^[a-z0-9-]+(?:[./][a-z0-9._-]+)?$/;

/** `chint.ddsu666`, also written `chint/ddsu666`, is the library's file of that name; what ends in .yaml is a path. */
export function profileFile(said: string): string {
  if (!named.test(said) || /\.ya?ml$/.test(said)) return said;
  const [maker = '', ...model] = said.replace('/', '.').split('.');
  const own = new URL(`${maker}/${model.join('.')}.yaml`, library).pathname;
  return existsSync(own) ? own : said;
}

/** Whether an id was meant and the library has none of that name, which has been said then. */
export function isUnknownId(said: string, output: Output): boolean {
  if (!named.test(said) || /\.ya?ml$/.test(said) || existsSync(profileFile(said))) return false;
  output.fail(exit.problem, {
    zh: `档案库里没有档案 ${said}，这里也没有这个文件。列出全部：yihu-gateway profile list`,
    en: `There is no profile ${said} in the library, and no such file here. See them all: yihu-gateway profile list`,
  });
  return true;
}

/** The profile that was named by its file or its id; undefined where it has problems, which have been said then. */
export async function profileNamed(said: string, output: Output): Promise<LoadedProfile | undefined> {
  if (isUnknownId(said, output)) return undefined;
  const file = profileFile(said);
  const loaded = await loadProfile(file);
  if (!('problems' in loaded)) return loaded;
  const { problems } = loaded;
  const [first] = problems;
  output.fail(
    exit.problem,
    {
      zh: `档案有 ${problems.length} 个问题，第一个：${first?.zh ?? ''} 运行：yihu-gateway profile check ${file}`,
      en: `The profile has ${problems.length} problem${problems.length === 1 ? '' : 's'}, the first: ${first?.en ?? ''} Run: yihu-gateway profile check ${file}`,
    },
    { problems },
  );
  return undefined;
}
