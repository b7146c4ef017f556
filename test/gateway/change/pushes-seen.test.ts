import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedBytes } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { expect, it, onTestFinished } from 'vitest';
import { Pushes, type PushHands } from '../../../gateway/change/pushes.ts';
import type { Site } from '../../../gateway/config.ts';
import { HandClock } from '../../hand-clock.ts';

const pair = generateKeyPairSync('ed25519');
const running = 'schema: yihu-site/1\n';

/** A push that would be taken, had nothing been dealt with before. */
function pushed(clock: HandClock): Buffer {
  const base = createHash('sha256').update(running).digest('hex');
  const expiresAt = clock.now() + 60_000;
  const named = { schema: 'yihu-site-push/1', gateway: 'gw-1', version: 4, by: 'somebody' };
  const text = JSON.stringify({ ...named, base, text: `${running}# new\n`, profiles: [], withinMs: 120_000, expiresAt });
  const signature = sign(null, signedBytes(text), pair.privateKey).toString('base64');
  return Buffer.from(JSON.stringify({ push: text, signature }));
}

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-pushes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, running);
  const clock = new HandClock();
  const told = { submitted: 0, troubles: [] as unknown[] };
  const hands: PushHands = {
    clock,
    site: () => ({ gateway: { id: 'gw-1' }, data: folder, file, text: running }) as Site,
    siteKey: () => Promise.resolve(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    submit: () => {
      told.submitted += 1;
      return Promise.resolve({ refused: { zh: '试', en: 'Tried' } });
    },
    changeState: () => null,
    record: () => Promise.resolve(),
    connection: () => null,
    say: () => true,
    onTrouble: (_sentence, error) => void told.troubles.push(error),
  };
  return { folder, clock, told, hands };
}

it('a push is taken where none was before', async () => {
  const { clock, told, hands } = bench();
  const pushes = new Pushes(hands).start();
  pushes.hear(pushed(clock));
  await expect.poll(() => told.submitted, { timeout: 20_000 }).toBe(1);
  await pushes.stop();
  expect(told.troubles).toEqual([]);
});

it('where the version dealt with last cannot be read, none is taken: it could be an old one', async () => {
  const { folder, clock, told, hands } = bench();
  const file = join(folder, 'pushed.json');
  writeFileSync(file, '{"version":');
  const pushes = new Pushes(hands).start();
  pushes.hear(pushed(clock));
  await expect.poll(() => told.troubles, { timeout: 20_000 }).toHaveLength(2);
  for (const trouble of told.troubles) expect(String(trouble)).toContain(file);
  expect(told.submitted).toBe(0);
  // Mended while the gateway runs, it counts again.
  writeFileSync(file, '{"version":3}');
  pushes.hear(pushed(clock));
  await expect.poll(() => told.submitted, { timeout: 20_000 }).toBe(1);
  await pushes.stop();
});
