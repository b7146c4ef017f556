import { loadProfile, type ProfileProblem } from '@yihu/device-profiles/library/load.ts';
import { proveProfile } from '../prove.ts';
import { type Output, exit } from './output.ts';
import { isUnknownId, profileFile } from './profile-file.ts';

/** Runs the vectors of one profile, each with its outcome; what fails with its line. */
export async function testProfile(said: string, output: Output): Promise<void> {
  if (isUnknownId(said, output)) return;
  const file = profileFile(said);
  const [plain, proven] = [await loadProfile(file), await loadProfile(file, { prove: proveProfile })];
  const problems = 'problems' in proven ? proven.problems : [];
  if (problems.length > 0) process.exitCode = exit.problem;
  const vectors = 'problems' in plain ? [] : plain.profile.vectors;
  const rows = vectors.map(({ name, origin }, index) => {
    const failed = problems.filter(({ path }) => path.startsWith(`vectors[${index}]`));
    return { name, origin, ok: failed.length === 0, problems: failed };
  });
  const others = problems.filter(({ path }) => !rows.some(({ problems: own }) => own.some((each) => each.path === path)));
  const line = (problem: ProfileProblem) => `    ${file}:${problem.line}  ${problem.path}  ${output.say(problem)}`;
  const good = rows.filter(({ ok }) => ok).length;
  output.result({ schema: 'yihu.profile-test/1', file, ok: problems.length === 0, vectors: rows, problems: others }, [
    ...rows.flatMap(({ name, origin, ok, problems: own }) => [`${ok ? '✓' : '✗'} ${name}  (${origin})`, ...own.map(line)]),
    ...others.map((problem) => `✗ ${line(problem).trim()}`),
    output.say({ zh: `${rows.length} 个向量，${good} 个通过。`, en: `${good} of ${rows.length} vectors hold.` }),
  ]);
}
