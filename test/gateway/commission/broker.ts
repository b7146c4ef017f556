import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../demo/ports.ts';

/** A Mosquitto of the test's own on loopback; its port. */
export async function broker(): Promise<number> {
  const port = await freePort(0);
  const folder = mkdtempSync(join(tmpdir(), 'yihu-broker-'));
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const child = spawn('/usr/sbin/mosquitto', ['-c', file], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const end = performance.now() + 20_000;
  for (;;) {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 }).catch(() => null);
    if (client) return client.endAsync().then(() => port);
    if (performance.now() > end) throw new Error('mosquitto did not come up');
    await new Promise((done) => setTimeout(done, 50));
  }
}
