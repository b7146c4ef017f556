import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { mostSiteProblems, type SiteProblem } from '@yihu/device-profiles/vocabulary/site-change.ts';

const program = path.resolve(import.meta.dirname, '../gateway/bin/yihu-gateway.js');

const Said = z.object({
  ok: z.boolean(),
  problems: z.array(z.object({ file: z.string(), line: z.number(), path: z.string(), zh: z.string(), en: z.string() })),
});

/** Checked by the gateway's own program, in a process that may take its time and ends with it. */
const patienceMs = 60_000;

export interface SiteFiles {
  readonly text: string;
  readonly profiles: readonly { readonly path: string; readonly text: string }[];
}

/** Every problem that a gateway would find in the file; none: it would take it. @throws where the checker does not run. */
export async function checkSiteFiles({ text, profiles }: SiteFiles): Promise<SiteProblem[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yihu-site-'));
  try {
    const file = path.join(folder, 'gateway.yaml');
    await writeFile(file, text, { mode: 0o600 });
    for (const profile of profiles) {
      const at = path.join(folder, profile.path);
      await mkdir(path.dirname(at), { recursive: true, mode: 0o700 });
      await writeFile(at, profile.text, { mode: 0o600 });
    }
    const { problems } = Said.parse(JSON.parse(await run([program, 'check', file, '--json'])));
    return problems.slice(0, mostSiteProblems).map(({ file: at, line, path: where, zh, en }) => ({
      line,
      path: (at.endsWith('gateway.yaml') ? where : `${path.relative(folder, at)} ${where}`).slice(0, 300),
      zh: zh.replaceAll(folder, '').slice(0, 600),
      en: en.replaceAll(folder, '').slice(0, 600),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What it says on stdout; a file with problems is no failure. */
function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--max-old-space-size=512', ...args],
      { timeout: patienceMs, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout) => {
        if (stdout.trimStart().startsWith('{')) resolve(stdout);
        else reject(new Error('the checker of site files did not run', { cause: error }));
      },
    );
  });
}
