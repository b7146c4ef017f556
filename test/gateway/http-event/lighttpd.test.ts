import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../../needs.ts';
import { acsEvent, device, httpPort, profileOf, secretFile, temporaryFolder, terminal } from './rig.ts';

const password = 'pass word!';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** lighttpd with a digest login in front of two programs: a stream that drips, and a search. */
async function lighttpd(algorithm: 'MD5' | 'SHA-256') {
  const folder = temporaryFolder();
  const port = await freePort();
  const hash = createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(`admin:cam:${password}`)
    .digest('hex');
  writeFileSync(join(folder, 'users'), `admin:cam:${hash}\n`);
  const xml = (n: number) =>
    `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><eventType>VMD</eventType><channelID>${n}</channelID></EventNotificationAlert>`;
  const part = (n: number) =>
    `--MIME_boundary\\r\\nContent-Type: application/xml; charset="UTF-8"\\r\\nContent-Length: ${xml(n).length}\\r\\n\\r\\n`;
  writeFileSync(
    join(folder, 'stream.cgi'),
    `printf 'Content-Type: multipart/mixed; boundary=MIME_boundary\\r\\n\\r\\n'
printf -- '${part(1)}'; printf '${xml(1).slice(0, 40)}'; sleep 0.3; printf '${xml(1).slice(40)}'
while [ ! -e ${folder}/go ]; do sleep 0.1; done
printf -- '\\r\\n${part(2)}${xml(2)}\\r\\n'; sleep 60\n`,
  );
  const found = { major: 5, minor: 38, time: acsEvent(6).dateTime, serialNo: 6 };
  const answer = JSON.stringify({ AcsEvent: { responseStatusStrg: 'OK', InfoList: [found] } });
  writeFileSync(
    join(folder, 'search.cgi'),
    `cat > ${folder}/asked\nprintf 'Content-Type: application/json\\r\\n\\r\\n'\necho '${answer}'\n`,
  );
  writeFileSync(
    join(folder, 'lighttpd.conf'),
    `server.modules = ("mod_auth", "mod_authn_file", "mod_cgi")
server.document-root = "${folder}"
server.port = ${port}
server.bind = "127.0.0.1"
server.stream-response-body = 2
cgi.assign = (".cgi" => "/bin/sh")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "${folder}/users"
auth.require = ("/" => ("method" => "digest", "algorithm" => "${algorithm}", "realm" => "cam", "require" => "valid-user"))\n`,
  );
  const child: ChildProcess = spawn('/usr/sbin/lighttpd', ['-D', '-f', join(folder, 'lighttpd.conf')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { port, folder, ended };
}

const watched = profileOf({ stream: { path: '/stream.cgi', channel: 'stream', readTimeout: '20s' } });

describeWith(['lighttpd'], 'lighttpd', () => {
  it.each(['MD5', 'SHA-256'] as const)(
    'lets us in with a digest of %s, and its stream is heard as it drips',
    async (algorithm) => {
      const { port: tcp, folder } = await lighttpd(algorithm);
      secretFile(folder, password);
      const login = { host: '127.0.0.1', port: tcp, username: 'admin', passwordFile: 'password', key: undefined };
      const { kept, port } = await httpPort([device('cam-1', watched, login)], { folder, port: { listen: undefined } });
      await kept.until(() => kept.messages().length === 1);
      expect(kept.messages()).toMatchObject([{ eventType: 'VMD', channelID: '1' }]);
      writeFileSync(join(folder, 'go'), '');
      await kept.until(() => kept.messages().length === 2);
      expect(kept.messages()[1]).toMatchObject({ channelID: '2' });
      expect(port.state()).toMatchObject({ wire: 'up', devices: { 'cam-1': { failures: 0 } } });
    },
  );

  it('that goes away and comes back is found again, and a wrong password is told', async () => {
    const { port: tcp, folder } = await lighttpd('MD5');
    secretFile(folder, 'guess');
    const login = { host: '127.0.0.1', port: tcp, username: 'admin', passwordFile: 'password', key: undefined };
    const { kept, port } = await httpPort([device('cam-1', watched, login)], { folder, port: { listen: undefined } });
    await kept.until(() => port.state().devices['cam-1']?.fault === 'stream: wrong-login');
    secretFile(folder, password);
    await kept.until(() => kept.messages().length === 1);
  });

  it('is asked for what was missed, with the body that the profile says', async () => {
    const { port: tcp, folder } = await lighttpd('SHA-256');
    secretFile(folder, password);
    const profile = {
      ...terminal,
      transport: {
        ...terminal.transport,
        stream: undefined,
        backfill: { ...(terminal.transport['backfill'] as object), path: '/search.cgi?format=json' },
      },
    };
    const login = { host: '127.0.0.1', port: tcp, username: 'admin', passwordFile: 'password' };
    const memory = new Map([['serials/door-1', JSON.stringify({ last: 5, newestAt: null, missing: [] })]]);
    const { kept } = await httpPort([device('door-1', profile, login)], { folder, memory });
    await kept.until(() => kept.messages().length === 1);
    expect(kept.messages()).toMatchObject([{ serialNo: 6, AccessControllerEvent: { major: 5, minor: 38 } }]);
  });
});
