import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** `npm test`: everything, in order, and one line at the end that counts. `npm test -- <path>` runs only the tests under a path. */

const root = resolve(import.meta.dirname, '..');
const only = process.argv.slice(2);

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface Tally {
  passed: number;
  failed: string[];
  skipped: string[];
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return result.status === 0;
}

function step(tally: Tally, name: string, ok: boolean): void {
  if (ok) tally.passed++;
  else tally.failed.push(name);
}

function checks(tally: Tally): void {
  step(tally, 'system packages', run('bash', ['test/system-packages.sh']));
  step(tally, 'build of the screens', run('npm', ['run', '--silent', 'build']));
  step(tally, 'types', run('npm', ['run', '--silent', 'check']));
  step(tally, 'lint and format', run('npm', ['run', '--silent', 'lint']));
}

function tests(tally: Tally): void {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-test-'));
  const file = join(folder, 'report.json');
  const ok = run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...only]);
  try {
    count(tally, JSON.parse(readFileSync(file, 'utf8')) as Report);
    // A crash outside of any test must not look like success.
    if (!ok && tally.failed.length === 0) tally.failed.push('vitest ended with an error outside of the tests');
  } catch (error) {
    tally.failed.push(`the tests left no report: ${String(error)}`);
  }
  rmSync(folder, { recursive: true, force: true });
}

function count(tally: Tally, report: Report): void {
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'))
      tally.failed.push(`${file.name}: ${file.message ?? ''}`);
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed++;
      else if (test.status === 'failed') tally.failed.push(test.fullName);
      else tally.skipped.push(test.fullName);
    }
  }
}

function summary(tally: Tally): void {
  const inCi = process.env['CI'] === 'true';
  for (const name of tally.failed) process.stdout.write(`FAILED  ${name}\n`);
  for (const name of tally.skipped) process.stdout.write(`${inCi ? 'FAILED  ' : ''}${name}\n`);
  const failed = tally.failed.length + (inCi ? tally.skipped.length : 0);
  const skipped = inCi || tally.skipped.length === 0 ? '' : `, ${tally.skipped.length} skipped`;
  process.stdout.write(`\n${tally.passed} passed, ${failed} failed${skipped}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

const tally: Tally = { passed: 0, failed: [], skipped: [] };
if (only.length === 0) checks(tally);
tests(tally);
summary(tally);
