import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { HandClock } from '../../hand-clock.ts';
import { camera, login, motion, passing, secretFile, temporaryFolder, until, watch } from './rig.ts';

const { password } = login;

describe('a camera is told who we are', () => {
  it('by a token, with the time of its own clock', async () => {
    const cam = await camera({ login, proofs: ['token'] });
    cam.manners.clockOffMs = -3 * 3_600_000;
    cam.say(motion());
    const { messages } = await watch(cam.port, { password });
    await until(() => messages().length === 1);
    expect(cam.wrongLogins).toBe(0);
    const proofs = new Set(cam.asked.filter(({ what }) => what !== 'GetSystemDateAndTime').map(({ proof }) => proof));
    expect(proofs).toEqual(new Set(['token']));
  });

  it('by HTTP digest where it takes no token, and then not by both at once', async () => {
    const cam = await camera({ login, proofs: ['http'] });
    cam.say(motion());
    const { messages } = await watch(cam.port, { password });
    await until(() => messages().length === 1);
    const pulls = cam.asked.filter(({ what }) => what === 'PullMessages');
    expect(pulls.at(-1)).toMatchObject({ proof: 'http' });
    expect(cam.asked.filter(({ text, authorization }) => text.includes('UsernameToken') && authorization !== '')).toEqual([]);
    expect(cam.wrongLogins).toBe(0);
  });

  it('again when its clock was set meanwhile: one refusal, and no event lost', async () => {
    const cam = await camera({ login, proofs: ['token'] });
    const { messages, port } = await watch(cam.port, { password });
    await until(() => port.state().wire === 'up');
    cam.manners.clockOffMs = 7 * 86_400_000;
    cam.say(motion());
    cam.say(motion(false));
    await until(() => messages().length === 2);
    cam.say(motion());
    await until(() => messages().length === 3);
    expect(cam.wrongLogins).toBe(1);
    expect(port.counters()).toMatchObject({ reconnects: 0, subscriptions: 1 });
  });

  it('not at all where it has no login', async () => {
    const cam = await camera();
    const { port } = await watch(cam.port);
    await until(() => port.state().wire === 'up');
    expect(cam.asked.every(({ text, authorization }) => !text.includes('Security') && authorization === '')).toBe(true);
  });
});

describe('a wrong password', () => {
  it('is tried once in each way and then left alone for a quarter of an hour, or until it changes', async () => {
    const clock = new HandClock();
    const cam = await camera({ clock, login });
    const folder = temporaryFolder();
    const { fault, failures, port } = await watch(cam.port, { clock, password: 'wrong', folder });
    await until(() => failures() === 1);
    expect(fault()).toBe('wrong-login');
    expect(cam.wrongLogins).toBe(2);
    await passing(clock, () => clock.mono() >= 14 * 60_000, 2_000);
    expect(failures()).toBeGreaterThan(5);
    expect(cam.wrongLogins).toBe(2);
    expect(port.state()).toMatchObject({ wire: 'down' });
    // After a quarter of an hour the camera may have been given the old one back.
    await passing(clock, () => cam.wrongLogins >= 4, 2_000);
    expect(clock.mono()).toBeGreaterThanOrEqual(15 * 60_000);
    const wrong = cam.wrongLogins;
    secretFile(folder, password);
    await passing(clock, () => cam.countOf('PullMessages') > 0);
    expect(cam.wrongLogins).toBe(wrong);
  });

  it('of a picture is none of the events', async () => {
    const cam = await camera({ login, proofs: ['token'] });
    cam.manners.picture = 'redirect';
    const { messages, picture, port } = await watch(cam.port, { password });
    await until(() => port.state().wire === 'up');
    expect(await picture()).toMatchObject({ missing: 'not-allowed' });
    cam.say(motion());
    await until(() => messages().length === 1);
  });
});

describe('a password file', () => {
  it('that others can read is not used, and nobody is asked anything', async () => {
    const cam = await camera({ login });
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'password'), password, { mode: 0o644 });
    chmodSync(join(folder, 'password'), 0o644);
    const { failures, fault, picture } = await watch(cam.port, {
      folder,
      address: { username: 'admin', passwordFile: 'password' },
    });
    await until(() => failures() === 1);
    expect(fault()).toBe('no-password');
    expect(await picture()).toMatchObject({ missing: 'wrong-login' });
    expect(cam.asked).toEqual([]);
  });

  it('is told to nobody: not on the wire, in no address, log, exchange or state', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const cam = await camera({ login });
    const watched = await watch(cam.port, { password, log });
    await until(() => watched.port.state().wire === 'up');
    cam.say(motion());
    await until(() => watched.messages().length === 1);
    expect(await watched.picture()).toHaveProperty('bytes');
    cam.manners.pull = 'fault';
    cam.manners.picture = 'html';
    await watched.picture();
    cam.say(motion(false));
    await until(() => watched.failures() > 0);
    const { port, frames, reports } = watched;
    const said = JSON.stringify([lines, port.exchanges?.('cam-1'), port.state(), reports, frames, cam.asked]);
    const forms = [
      password,
      JSON.stringify(password).slice(1, -1),
      encodeURIComponent(password),
      Buffer.from(`admin:${password}`).toString('base64'),
    ];
    const escaped = password.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
    for (const form of [...forms, escaped, 'p@ss']) expect(said).not.toContain(form);
    // The canary sings: the name, which is no secret, is there.
    expect(said).toContain('>admin<');
    expect(cam.asked.every(({ path }) => !path.includes('admin'))).toBe(true);
  });
});
