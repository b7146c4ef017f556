import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';

export interface RtspManners {
  password?: string;
  /** DESCRIBE is answered with this address instead (RFC 2326 §10.11). */
  redirect?: string;
  isSilent?: boolean;
  /** Seconds from one key frame to the next. */
  keySeconds?: number;
}

/**
 * An RTSP server that speaks for itself and lets ffmpeg make the video: H.264 as RTP, which it puts between its own answers
 * (RFC 2326 §10.12).
 */
export async function rtspServer(manners: RtspManners = {}) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const players = new Set<Socket>();
  let most = 0;
  const video = await videoSource(manners.keySeconds ?? 1, (channel, packet) => {
    const head = Buffer.from([0x24, channel, 0, 0]);
    head.writeUInt16BE(packet.length, 2);
    for (const player of players) player.write(Buffer.concat([head, packet]));
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      players.delete(socket);
    });
    let held = '';
    socket.on('data', (chunk: Buffer) => {
      held += chunk.toString('latin1');
      for (let end = held.indexOf('\r\n\r\n'); end !== -1; end = held.indexOf('\r\n\r\n')) {
        const head = held.slice(0, end);
        held = held.slice(end + 4);
        // What ffmpeg reports of its reception stands between its questions.
        const start = head.search(/[A-Z]+ rtsp:/);
        if (start !== -1) answer(socket, head.slice(start));
      }
    });
  });
  function answer(socket: Socket, head: string) {
    const [method = '', uri = ''] = head.split(' ');
    asked.push(`${method} ${uri}`);
    if (manners.isSilent) return;
    const sequence = /CSeq: *(\d+)/i.exec(head)?.[1] ?? '0';
    const reply = (status: string, lines: readonly string[] = [], body = '') =>
      socket.write([`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...lines, '', body].join('\r\n'));
    if (manners.redirect !== undefined && method === 'DESCRIBE')
      return reply('302 Moved Temporarily', [`Location: ${manners.redirect}`]);
    if (method !== 'OPTIONS' && manners.password !== undefined && !isGood(head, method, manners.password))
      return reply('401 Unauthorized', ['WWW-Authenticate: Digest realm="cam", nonce="4e6f6e6365"']);
    switch (method) {
      case 'DESCRIBE':
        return reply('200 OK', ['Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(video.sdp)}`], video.sdp);
      case 'SETUP':
        return reply('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1', 'Session: 7']);
      case 'PLAY':
        reply('200 OK', ['Session: 7']);
        players.add(socket);
        most = Math.max(most, players.size);
        return;
      default:
        return reply('200 OK', ['Session: 7', 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
    }
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await video.stop();
  });
  const { port } = server.address() as AddressInfo;
  return { port, asked, mostPlayers: () => most };
}

/** RFC 2069, as cameras still do it. */
function isGood(head: string, method: string, password: string): boolean {
  const said = (name: string) => new RegExp(`[ ,]${name}="([^"]*)"`).exec(head)?.[1] ?? '';
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  return said('response') === md5(`${md5(`admin:cam:${password}`)}:${said('nonce')}:${md5(`${method}:${said('uri')}`)}`);
}

async function videoSource(keySeconds: number, take: (channel: number, packet: Buffer) => void) {
  const [media, control] = [createSocket('udp4'), createSocket('udp4')];
  const folder = mkdtempSync(join(tmpdir(), 'yihu-rtsp-'));
  media.on('message', (packet) => take(0, packet));
  control.on('message', (packet) => take(1, packet));
  media.bind(0, '127.0.0.1');
  control.bind(0, '127.0.0.1');
  await Promise.all([once(media, 'listening'), once(control, 'listening')]);
  const sdpFile = join(folder, 'video.sdp');
  const to = `rtp://127.0.0.1:${media.address().port}?rtcpport=${control.address().port}`;
  const frames = String(keySeconds * 10);
  const ffmpeg: ChildProcess = spawn(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=10', '-pix_fmt', 'yuv420p',
     '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', frames, '-keyint_min', frames, '-threads', '1',
     '-sdp_file', sdpFile, '-f', 'rtp', to],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  ); // prettier-ignore
  let sdp = '';
  while (!sdp.includes('a=fmtp')) {
    await systemClock.sleep(20);
    sdp = read(sdpFile);
  }
  return {
    sdp: sdp.replace(/^SDP:\s*/, '').replaceAll(/^m=video \d+/gm, 'm=video 0'),
    stop: async () => {
      const ended = once(ffmpeg, 'exit');
      ffmpeg.kill('SIGKILL');
      await ended;
      media.close();
      control.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not written yet.
    return '';
  }
}
