import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { camera, part, searching } from './camera.ts';
import { acsEvent, device, httpPort, post, profileOf, secretFile, secretOf, temporaryFolder, terminal } from './rig.ts';

/** Words that must be seen nowhere but in the events themselves. */
const canaries = {
  card: 'CARD-0123456789',
  person: '张三丰',
  plate: '粤BCANARY',
  devicePassword: 'canary password',
  loginPassword: 'canary login',
  key: secretOf('door-1'),
  argument: 'canary argument',
  inReply: 'CANARY-IN-REPLY',
};

test('cards, names, plates, keys and passwords are in no log, state, counter, exchange, outcome or memory of ours', async () => {
  const lines: string[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()) }),
  );
  const folder = temporaryFolder();
  secretFile(folder, canaries.devicePassword);
  secretFile(folder, canaries.loginPassword, 'login');
  const personal = { name: canaries.person, cardNo: canaries.card, employeeNoString: canaries.person };
  const found = { serialNo: 2, time: acsEvent(2).dateTime, ...personal };
  const cam = await camera({ password: canaries.devicePassword, answer: searching(() => [found]) });
  const profile = {
    ...terminal,
    dedupe: { key: ['$.AccessControllerEvent.cardNo', '$.AccessControllerEvent.serialNo'], window: 604_800_000 },
  };
  const plate = profileOf(
    {
      listen: {
        plate: {
          path: '/lpr/{sn}',
          reply: { type: 'application/json', body: '{"a":{{command}},"plate":"{p}"}', idle: '', fill: { p: '$.license' } },
        },
      },
    },
    {
      commands: {
        show: { name: { zh: '显示' }, args: { text: { name: { zh: '字' }, type: 'text' } }, do: { queue: '"t":"{text}"' } },
      },
    },
  );
  const address = { host: '127.0.0.1', port: cam.port, username: 'admin', passwordFile: 'password' };
  const login = { username: 'lpr', passwordFile: 'login' };
  const { port, kept, url } = await httpPort(
    [device('door-1', profile, address), device('lpr-1', plate, { identity: 'L1', key: undefined, login })],
    { folder, log },
  );
  const ingest = `${url}/ingest/hik/${canaries.key}`;
  await kept.until(() => port.counters()['streams_up'] === 1);
  cam.latest().write(part(acsEvent(1, personal)));
  await kept.until(() => kept.messages().length === 1);
  await post(ingest, acsEvent(3, personal));
  await kept.until(() => kept.messages().length === 3);
  // Bad ways: a wrong key, half an event, a nonsense path, a wrong login, a broken body, a device that says no.
  await post(`${url}/ingest/hik/${canaries.key}x`, acsEvent(4, personal));
  await post(ingest, JSON.stringify(acsEvent(5, personal)).slice(0, -5));
  await post(`${url}/${canaries.key}/${canaries.card}-and-more`, {});
  const basic = `Basic ${Buffer.from(`lpr:${canaries.loginPassword}`).toString('base64')}`;
  await post(`${url}/lpr/L1?plate=${canaries.plate}`, { license: canaries.plate }, { authorization: basic });
  kept.emit = () => Promise.reject(new Error('disk full'));
  await post(ingest, acsEvent(6, personal));
  kept.emit = () => Promise.resolve();
  cam.latest().write(part(`{"name":"${canaries.person}"`));
  cam.manners.answer = (_heard, response) => (response.writeHead(400).end(canaries.inReply), true);
  cam.latest().end();
  await kept.until(() => port.state().devices['door-1']?.fault === 'stream: http-400');
  const spec = plate.commands['show'];
  if (!spec) throw new Error('no command');
  const outcome = await port.act({
    id: '1',
    device: 'lpr-1',
    command: 'show',
    spec,
    args: { text: canaries.argument },
    deadlineMono: systemClock.mono() + 50,
  });
  const shown = JSON.stringify([
    port.state(),
    port.counters(),
    port.exchanges('door-1'),
    port.exchanges('lpr-1'),
    outcome,
    kept.reports,
    [...kept.memory],
    lines,
  ]);
  expect(port.exchanges('door-1').length).toBeGreaterThan(3);
  expect(kept.messages()).toHaveLength(3);
  for (const [name, canary] of Object.entries(canaries)) {
    expect(shown, name).not.toContain(canary);
    expect(shown, `${name} in base64`).not.toContain(Buffer.from(canary).toString('base64').slice(0, 12));
  }
});
