import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWith } from '../../needs.ts';
import { selfSigned } from './certificate.ts';
import { acsEvent, device, httpPort, profileOf, secretFile, secretOf, temporaryFolder } from './rig.ts';

const run = promisify(execFile);

/** curl as it is, with its status on the last line. */
async function curl(...args: string[]): Promise<{ status: string; body: string; heard: string }> {
  const { stdout, stderr } = await run('curl', ['-s', '-v', '--max-time', '20', '-w', '\n%{http_code}', ...args]);
  const cut = stdout.lastIndexOf('\n');
  return { status: stdout.slice(cut + 1), body: stdout.slice(0, cut), heard: stderr };
}

const open = profileOf({
  listen: { event: { path: '/e/{sn}', reply: { type: 'text/plain', body: 'OK' } } },
  pictures: ['scene'],
  serial: '$.no',
});

describeWith(['curl'], 'curl', () => {
  it('sends parts: text is heard, the picture that may be kept is handed on, the others are not', async () => {
    const { kept, url, folder } = await httpPort([device('a', open, { identity: 'A1' })], { keepsPictures: true });
    const picture = join(folder, 'scene.jpg');
    writeFileSync(picture, Buffer.alloc(200_000, 0xd8));
    const said = await curl(
      '-F',
      `event_log=${JSON.stringify(acsEvent(5))};type=application/json`,
      '-F',
      `scene=@${picture};type=image/jpeg`,
      '-F',
      `FacePicture=@${picture};type=image/jpeg`,
      '-F',
      `dump=@${picture};type=application/octet-stream`,
      '-H',
      `X-Device-Key: ${secretOf('a')}`,
      `${url}/e/A1`,
    );
    expect([said.status, said.body]).toEqual(['200', 'OK']);
    expect(kept.messages()).toEqual([acsEvent(5)]);
    expect(kept.snapshots.map(({ name, bytes }) => [name, bytes.length])).toEqual([['scene', 200_000]]);
  });

  it('logs in with a digest, and is turned away with a wrong password, or with the right one in clear', async () => {
    const folder = temporaryFolder();
    secretFile(folder, 'pass "word"');
    const login = { username: 'door', passwordFile: 'password' };
    const { kept, url, port } = await httpPort([device('a', open, { identity: 'A1', key: undefined, login })], { folder });
    const body = ['-d', '{"no":1}', '-H', 'Content-Type: application/json', `${url}/e/A1`];
    const right = await curl('--digest', '-u', 'door:pass "word"', ...body);
    expect([right.status, right.body]).toEqual(['200', 'OK']);
    expect(right.heard).toMatch(/> Authorization: Digest .*algorithm=SHA-256/);
    const wrong = await curl('--digest', '-u', 'door:guess', ...body);
    expect(wrong.status).toBe('401');
    expect((await curl(...body)).status).toBe('401');
    expect((await curl('--basic', '-u', 'door:pass "word"', ...body)).status).toBe('401');
    expect(kept.messages()).toEqual([{ no: 1 }]);
    expect(port.counters()['senders_refused']).toBe(2);
  });

  it('a login that somebody recorded is not good a second time', async () => {
    const folder = temporaryFolder();
    secretFile(folder, 'p');
    const login = { username: 'door', passwordFile: 'password' };
    const { kept, url } = await httpPort([device('a', open, { identity: 'A1', key: undefined, login })], { folder });
    const body = ['-d', '{"no":1}', `${url}/e/A1`];
    const { heard } = await curl('--digest', '-u', 'door:p', ...body);
    const recorded = /> (Authorization: Digest [^\r\n]*)/.exec(heard)?.[1] ?? '';
    expect((await curl('-H', recorded, ...body)).heard).toContain('stale=true');
    expect((await curl('-H', recorded, ...body)).status).toBe('401');
    expect(kept.messages()).toHaveLength(1);
  });

  it('logs in with a key as its password, over TLS too', async () => {
    const folder = temporaryFolder();
    const { key, cert } = await selfSigned();
    writeFileSync(join(folder, 'key.pem'), key);
    writeFileSync(join(folder, 'cert.pem'), cert);
    const tls = { certFile: 'cert.pem', keyFile: 'key.pem' };
    const { kept, url } = await httpPort([device('a', open, { identity: 'A1' })], { folder, port: { tls } });
    const said = await curl(
      '-k',
      '--basic',
      '-u',
      `any:${secretOf('a')}`,
      '-d',
      '{"no":2}',
      `${url.replace('http:', 'https:')}/e/A1`,
    );
    expect(said.status).toBe('200');
    expect(kept.messages()).toEqual([{ no: 2 }]);
  });

  it('a body it announces first (Expect: 100-continue) is waited for, one in chunks is read', async () => {
    const { kept, url } = await httpPort([device('a', open, { identity: 'A1' })]);
    const file = join(temporaryFolder(), 'body.json');
    writeFileSync(file, JSON.stringify({ no: 3, text: 'x'.repeat(3_000) }));
    const to = ['-H', `X-Device-Key: ${secretOf('a')}`, '--data-binary', `@${file}`, `${url}/e/A1`];
    expect((await curl('-H', 'Expect: 100-continue', ...to)).status).toBe('200');
    expect((await curl('-H', 'Transfer-Encoding: chunked', ...to)).status).toBe('200');
    expect(kept.messages()).toHaveLength(2);
  });
});
