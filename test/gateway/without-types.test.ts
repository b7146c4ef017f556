import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Runs it in a process of its own; `strippers`: the parts of Node's type stripper that are there in the end. */
async function run(script: string): Promise<{ strippers: string[]; modules: number }> {
  const whole = `
    const { sources, loadWithoutTypes } = await import('./gateway/bin/lean.js');
    ${script}
    const strippers = process.moduleLoadList.filter((name) => name.includes('amaro'));
    process.stdout.write(JSON.stringify({ strippers, modules: sources.size }));`;
  // What Node stripped before and kept would not be stripped again.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', whole], { env });
  return JSON.parse(stdout) as { strippers: string[]; modules: number };
}

describe('the gateway that runs for years', () => {
  it('never has Node’s type stripper in its process', { timeout: 180_000 }, async () => {
    const { strippers, modules } = await run(`
      loadWithoutTypes();
      await import('./gateway/main.ts');
      await import('./gateway/cli/main.ts');
      await (await import('./gateway/drivers.ts')).loadDrivers();
      const { threadSources } = await import('./gateway/store/thread-sources.ts');
      threadSources(new URL('./gateway/store/log-worker.ts', 'file://' + process.cwd() + '/'));`);
    expect(strippers).toEqual([]);
    expect(modules).toBeGreaterThan(500);
  });

  it('loads all the same where nobody took the types out', { timeout: 60_000 }, async () => {
    const { strippers, modules } = await run(`await import('./gateway/limits.ts');`);
    expect(strippers).not.toEqual([]);
    expect(modules).toBe(0);
  });
});
