import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { RtspAnswers } from '../../../gateway/collect/onvif/rtsp-relay.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { describeWith } from '../../needs.ts';
import { camera, login, until, watch } from './rig.ts';
import { rtspServer } from './rtsp-server.ts';

async function withoutStills(streamUri: string, port: Record<string, unknown> = { rtsp: 'ffmpeg' }) {
  const cam = await camera({ login, streamUri });
  cam.manners.picture = 'none';
  return watch(cam.port, { password: login.password, clock: systemClock, port });
}

/** A socket that must see nothing. */
async function nobody(): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, connections: () => connections };
}

/** Command lines and environments of all processes here, as anybody may read them. */
function processes(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [`${readFileSync(`/proc/${pid}/cmdline`, 'latin1')} ${readFileSync(`/proc/${pid}/environ`, 'latin1')}`];
    } catch {
      // It has ended.
      return [];
    }
  });
}

const running = () => processes().filter((text) => text.includes('pipe,rtsp,tcp,rtp')).length;

describeWith(['ffmpeg'], 'a camera without still pictures', () => {
  it('gives one out of its video where the site wants it so', { timeout: 60_000 }, async () => {
    const rtsp = await rtspServer({ password: login.password });
    const { picture } = await withoutStills(`rtsp://127.0.0.1:${rtsp.port}/main?channel=1`);
    const taken = await picture();
    expect(taken).toHaveProperty('bytes');
    if ('bytes' in taken) expect(plainJpeg(taken.bytes)).toMatchObject({ width: 320, height: 180 });
    expect(rtsp.asked.map((line) => line.split(' ')[0])).toEqual([
      'OPTIONS',
      'DESCRIBE',
      'DESCRIBE',
      'SETUP',
      'PLAY',
      'TEARDOWN',
    ]);
    expect(rtsp.asked[1]).toContain('/main?channel=1');
  });

  it('gives none where the site does not say so', async () => {
    const other = await nobody();
    const { picture } = await withoutStills(`rtsp://127.0.0.1:${other.port}/main`, {});
    expect(await picture()).toMatchObject({ missing: 'no-source' });
    expect(other.connections()).toBe(0);
  });

  it('is watched by two programs at most, however many alarms there are', { timeout: 60_000 }, async () => {
    const rtsp = await rtspServer();
    const { picture } = await withoutStills(`rtsp://127.0.0.1:${rtsp.port}/main`);
    const taken = await Promise.all(Array.from({ length: 4 }, () => picture()));
    expect(taken.filter((each) => 'bytes' in each)).toHaveLength(4);
    expect(rtsp.mostPlayers()).toBeLessThanOrEqual(2);
  });

  it('shows its password in no list of processes, and is not waited for longer than was said', { timeout: 60_000 }, async () => {
    const rtsp = await rtspServer({ isSilent: true });
    const { picture, port } = await withoutStills(`rtsp://127.0.0.1:${rtsp.port}/main`);
    const taking = picture();
    await until(() => rtsp.asked.length > 0);
    expect(running()).toBe(1);
    const secrets = [login.password, encodeURIComponent(login.password), 'p%40ss'];
    expect(processes().filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
    await port.stop();
    expect(await taking).toMatchObject({ missing: 'no-answer' });
    await until(() => running() === 0);
  });

  it('sends nobody anywhere: a redirect ends it', { timeout: 60_000 }, async () => {
    const other = await nobody();
    const rtsp = await rtspServer({ redirect: `rtsp://127.0.0.1:${other.port}/main` });
    const { picture } = await withoutStills(`rtsp://127.0.0.1:${rtsp.port}/main`);
    expect(await picture()).toMatchObject({ missing: 'refused' });
    expect(rtsp.asked.at(-1)).toContain('DESCRIBE');
    expect(other.connections()).toBe(0);
  });

  it('names a stream on another host: its own is asked, and nobody is told its login', { timeout: 60_000 }, async () => {
    const rtsp = await rtspServer();
    const { picture } = await withoutStills(`rtsp://10.9.9.9:${rtsp.port}/main`);
    expect(await picture()).toHaveProperty('bytes');
  });

  it('names no RTSP: a file of ours is no stream', async () => {
    const { picture } = await withoutStills('file:///etc/passwd');
    expect(await picture()).toMatchObject({ missing: 'not-allowed' });
  });
});

describe('what an RTSP server sends', () => {
  const answer = (status: string, more = '') => Buffer.from(`RTSP/1.0 ${status}\r\nCSeq: 1\r\n${more}\r\n`);
  const packet = (bytes: number) => Buffer.concat([Buffer.from([0x24, 0, bytes >> 8, bytes & 255]), Buffer.alloc(bytes, 0x52)]);

  it('passes in whatever pieces it comes', () => {
    const whole = Buffer.concat([
      answer('200 OK', 'Content-Length: 5\r\n'),
      Buffer.from('v=0\r\n'),
      packet(1_400),
      answer('200 OK'),
      packet(0),
    ]);
    for (const size of [1, 3, 7, 64, whole.length]) {
      const answers = new RtspAnswers();
      for (let at = 0; at < whole.length; at += size) expect(answers.mayPass(whole.subarray(at, at + size))).toBe(true);
    }
  });

  it('ends with a redirect, however it is cut, and only at a head: what looks like one inside a picture is a picture', () => {
    const redirect = answer('302 Found', 'Location: rtsp://10.0.0.1/\r\n');
    const inside = Buffer.concat([Buffer.from([0x24, 0, 0, redirect.length]), redirect]);
    expect(new RtspAnswers().mayPass(inside)).toBe(true);
    for (const size of [1, 5, 200]) {
      const answers = new RtspAnswers();
      const whole = Buffer.concat([answer('200 OK'), packet(100), redirect]);
      let may = true;
      for (let at = 0; at < whole.length; at += size) may &&= answers.mayPass(whole.subarray(at, at + size));
      expect(may).toBe(false);
    }
  });

  it.each([
    ['a head without an end', Buffer.alloc(20_000, 0x41)],
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['a body without a measure', answer('200 OK', 'Content-Length: 999999\r\n')],
  ])('ends with %s', (_, bytes) => {
    expect(new RtspAnswers().mayPass(bytes)).toBe(false);
  });
});
