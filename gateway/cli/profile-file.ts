import { existsSync } from 'node:fs';
import { type LoadedProfile, loadProfile } from '@yihu/device-profiles/library/load.ts';
import { type Output, exit } from './output.ts';

const library = new URL('../', import.meta.resolve('@yihu/device-profiles/library/load.ts'));

/** `chint.ddsu666` is the library's file of that name; anything with a slash or an ending is a path. */
export function profileFile(said: string): string {
  const [maker = '', ...model] = said.split('.');
  const own = new URL(`${encodeURIComponent(maker)}/${encodeURIComponent(model.join('.'))}.yaml`, library).pathname;
  return /^[a-z0-9-]+\.[a-z0-9._-]+$/.test(said) && !/\.ya?ml$/.test(said) && existsSync(own) ? own : said;
}

/** The profile that was named by its file or its id; undefined where it has problems, which have been said then. */
export async function profileNamed(said: string, output: Output): Promise<LoadedProfile | undefined> {
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
