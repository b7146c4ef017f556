import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { limits } from '../../../gateway/collect/listening/limits.ts';
import { HandClock } from '../../hand-clock.ts';
import { authority, type Issued } from './certificates.ts';
import { dial, Dialled, until } from './rig.ts';
import { toyPort } from './toy.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function secured(port: number | null, options: ConnectionOptions): Dialled {
  const socket = connect({ host: '127.0.0.1', port: port as number, ...options });
  onTestFinished(() => void socket.destroy());
  return new Dialled(socket);
}

const ours = await authority('ours');
const theirs = await authority('theirs');
const server = await ours.issue('gateway');
const files = { 'cert.pem': server.cert, 'key.pem': server.key, 'ca.pem': ours.ca };
const tls = { cert: 'cert.pem', key: 'key.pem' };
const asClient = ({ cert, key }: Issued) => ({ ca: ours.ca, cert, key });

describe('a port with TLS', () => {
  it('serves a device that speaks it', async () => {
    const { port } = await toyPort(systemClock, { tls }, { folder: folderWith(files) });
    const device = secured(port.listensOn, { ca: ours.ca });
    device.send('a:hello\n');
    await until(() => device.heard.toString() === '+hello\n', 'the ack');
    expect(port.counters()['connections']).toBe(1);
    device.socket.destroy();
    await until(() => port.counters()['connections'] === 0, 'its place is free');
    expect(port.state().refused).toEqual([]);
  });

  it('asks for a certificate where an authority is named, and takes no other', async () => {
    const { port } = await toyPort(systemClock, { tls: { ...tls, clientCa: 'ca.pem' } }, { folder: folderWith(files) });
    const known = secured(port.listensOn, asClient(await ours.issue('panel')));
    known.send('a:hello\n');
    await until(() => known.heard.toString() === '+hello\n', 'the ack');
    for (const stranger of [
      secured(port.listensOn, asClient(await theirs.issue('panel'))),
      secured(port.listensOn, { ca: ours.ca }),
    ]) {
      stranger.send('b:hello\n');
      await stranger.closes();
      expect(stranger.heard.length).toBe(0);
    }
    await until(() => port.counters()['strangers_refused'] === 2, 'both are refused');
    for (const { what, why } of port.state().refused ?? [])
      expect([what, why]).toEqual(['127.0.0.1', expect.stringContaining('TLS failed')]);
  });

  it('counts a connection from its first byte, and lets go of one that never shakes hands', { timeout: 20_000 }, async () => {
    const { port } = await toyPort(systemClock, { tls, connections: 1 }, { folder: folderWith(files) });
    const mute = await dial(port.listensOn);
    await until(() => port.counters()['connections'] === 1, 'it is counted');
    const second = await dial(port.listensOn);
    await second.closes();
    expect(mute.closed).toBe(false);
    await until(() => mute.closed, 'the handshake ran out of time', limits.tlsHandshakeMs * 3);
    await until(() => port.counters()['connections'] === 0, 'its place is free');
  });

  it('says which file is missing, and comes up when it is there', async () => {
    const folder = folderWith({ 'cert.pem': server.cert });
    const clock = new HandClock();
    const { port } = await toyPort(clock, { tls }, { folder });
    expect(port.state()).toMatchObject({ wire: 'down', reason: { en: expect.stringContaining('key.pem') as string } });
    writeFileSync(join(folder, 'key.pem'), server.key);
    await clock.advance(limits.restartFirstMs);
    await until(() => port.state().wire === 'up', 'it is up');
  });

  it('says that certificate and key do not belong together', async () => {
    const other = await theirs.issue('gateway');
    const { port } = await toyPort(new HandClock(), { tls }, { folder: folderWith({ ...files, 'key.pem': other.key }) });
    expect(port.state()).toMatchObject({ wire: 'down', reason: { zh: expect.stringContaining('证书或私钥') as string } });
  });
});
