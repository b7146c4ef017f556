import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartProblem } from '../../../cloud/start-problem.ts';
import { openWorld, type World } from '../web/world.ts';

describe('a cloud whose key of the personal data is not as it should be', () => {
  let world: World;
  let file: string;
  beforeEach(async () => {
    world = await openWorld();
    file = path.join(world.folder, 'people.key');
    await world.cloud.stop();
  });
  afterEach(() => world.close());

  const refusal = async () => {
    const problem: unknown = await world.restart().then(
      () => null,
      (error: unknown) => error,
    );
    if (!(problem instanceof StartProblem)) throw new Error(`started, or failed otherwise: ${String(problem)}`);
    return problem;
  };

  it('made it at the first start, closed to everybody else, and starts with it again', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await world.restart();
  });

  it('does not start while others can read it, and says what to do', async () => {
    chmodSync(file, 0o644);
    const { code, sentence } = await refusal();
    expect(code).toBe('people-key-open-to-others');
    expect(sentence.zh).toContain(`chmod 600 ${file}`);
    expect(sentence.en).toContain('can be read by others');
    chmodSync(file, 0o600);
    await world.restart();
  });

  it('does not start without it, and makes no new one that would lock the old values in', async () => {
    rmSync(file);
    const { code, sentence } = await refusal();
    expect(code).toBe('people-key-missing');
    expect(sentence.zh).toContain('从备份恢复');
    expect(sentence.en).toContain('--people-key-file');
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('does not start with a broken one', async () => {
    writeFileSync(file, '{"schema":"yihu-keys/1"}');
    expect((await refusal()).code).toBe('people-key-not-a-key-file');
  });
});
