import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { systemClock } from '../../../gateway/clock.ts';
import type { Act } from '../../../gateway/collect/driver.ts';
import { camera, type Heard } from './camera.ts';
import { device, httpPort, post, profileOf, secretFile, secretOf, temporaryFolder } from './rig.ts';

const commands = {
  open: {
    name: { zh: '开门', en: 'Open' },
    args: { door: { name: { zh: '门' } }, by: { name: { zh: '谁' }, type: 'text' } },
    do: {
      method: 'PUT',
      path: '/ISAPI/AccessControl/RemoteControl/door/{door}',
      type: 'application/xml',
      body: '<RemoteControlDoor><cmd>open</cmd><by>{by}</by></RemoteControlDoor>',
    },
  },
  relay: { name: { zh: '继电器' }, do: { method: 'GET', path: '/cgi-bin/accessControl.cgi?action=openDoor', answer: 'OK' } },
};
const terminal = profileOf({ stream: { path: '/stream', channel: 'stream' } }, { commands });

let acts = 0;
function actOf(profile: Profile, command: string, args: Act['args'] = {}, ttlMs = 5_000): Act {
  const spec = profile.commands[command];
  if (!spec) throw new Error(`no command ${command}`);
  return { id: `act-${++acts}`, device: 'd', command, spec, args, deadlineMono: systemClock.mono() + ttlMs };
}

/** A device that is gone to, with what it says to a command. */
async function asked(answer: (heard: Heard) => { status: number; body?: string } | 'silent' | 'cut') {
  const cam = await camera({
    password: 'p',
    answer: (heard, response) => {
      if (heard.url === '/stream') return false;
      const said = answer(heard);
      if (said === 'cut') response.destroy();
      else if (said !== 'silent') response.writeHead(said.status).end(said.body ?? '');
      return true;
    },
  });
  const folder = temporaryFolder();
  secretFile(folder, 'p');
  const address = { host: '127.0.0.1', port: cam.port, username: 'admin', passwordFile: 'password', key: undefined };
  const { port } = await httpPort([device('d', terminal, address)], { folder, port: { listen: undefined } });
  return {
    cam,
    port,
    done: () => cam.heard.filter(({ url, authorization }) => url !== '/stream' && authorization !== undefined),
  };
}

describe('a command that goes out', () => {
  it('is a request with its arguments where they belong, and nothing of them breaks out', async () => {
    const { port, done } = await asked(() => ({ status: 200 }));
    expect(await port.act(actOf(terminal, 'open', { door: 1, by: '<cmd>close</cmd>&"' }))).toEqual({ state: 'sent' });
    expect(done()).toMatchObject([
      {
        method: 'PUT',
        url: '/ISAPI/AccessControl/RemoteControl/door/1',
        body: '<RemoteControlDoor><cmd>open</cmd><by>&lt;cmd&gt;close&lt;/cmd&gt;&amp;&quot;</by></RemoteControlDoor>',
      },
    ]);
    expect(await port.act(actOf(terminal, 'open', { door: '../../System/reboot', by: 'x' }))).toEqual({ state: 'sent' });
    expect(done()[1]?.url).toBe('/ISAPI/AccessControl/RemoteControl/door/..%2F..%2FSystem%2Freboot');
    expect(port.counters()['commands_sent']).toBe(2);
    const shown = JSON.stringify(port.exchanges('d'));
    expect(shown).toContain('PUT /ISAPI/AccessControl/RemoteControl/door/{door} (open)');
    expect(shown).not.toContain('reboot');
  });

  it('ends as what is known: refused where the device says no, unknown where nobody can tell', async () => {
    const answers: [Parameters<typeof asked>[0], string, string][] = [
      [() => ({ status: 403 }), 'refused', 'device-http-403'],
      [() => ({ status: 500 }), 'unknown', 'device-http-500'],
      [() => 'cut', 'unknown', 'broken-off'],
      [() => ({ status: 302 }), 'refused', 'redirect'],
    ];
    for (const [answer, state, code] of answers) {
      const { port } = await asked(answer);
      expect(await port.act(actOf(terminal, 'open', { door: 1, by: 'x' }))).toMatchObject({ state, code });
    }
  });

  it('that is answered 200 and "Error" was not done as far as anybody knows', async () => {
    let body = 'Error';
    const { port } = await asked(() => ({ status: 200, body }));
    expect(await port.act(actOf(terminal, 'relay'))).toMatchObject({ state: 'unknown' });
    body = 'OK';
    expect(await port.act(actOf(terminal, 'relay'))).toEqual({ state: 'sent' });
  });

  it('that gets no answer in its time is unknown; one that is too old never leaves', async () => {
    const { port, done } = await asked(() => 'silent');
    expect(await port.act(actOf(terminal, 'relay', {}, 400))).toMatchObject({ state: 'unknown', code: 'no-answer' });
    const before = done().length;
    expect(await port.act(actOf(terminal, 'relay', {}, -1))).toMatchObject({ state: 'expired' });
    expect(done()).toHaveLength(before);
  });

  it('to a device that cannot be reached, or may not be, is refused', async () => {
    const away = { host: '127.0.0.1', port: 1, key: undefined };
    const { port } = await httpPort([device('d', terminal, away)], { port: { listen: undefined } });
    expect(await port.act(actOf(terminal, 'relay'))).toMatchObject({ state: 'refused', code: 'unreachable' });
    const { port: closed } = await httpPort([device('d', terminal, away)], { port: { listen: undefined }, egress: null });
    expect(await closed.act(actOf(terminal, 'relay'))).toMatchObject({ state: 'refused', code: 'not-allowed' });
  });
});

const reader = profileOf(
  {
    listen: {
      poll: {
        method: 'GET',
        path: '/iclock/getrequest',
        query: { SN: '{sn}' },
        is: 'poll',
        reply: { body: '{command}', idle: 'OK' },
      },
      result: {
        path: '/iclock/devicecmd',
        query: { SN: '{sn}' },
        is: 'result',
        form: 'form',
        result: { id: '$.ID', code: '$.Return', least: 0 },
        reply: { body: 'OK' },
      },
    },
  },
  {
    commands: {
      open: {
        name: { zh: '开门' },
        args: { door: { name: { zh: '门' } }, note: { name: { zh: '备注' }, type: 'text' } },
        do: { queue: 'C:{id}:CONTROL DEVICE 01{door}0105 {note}' },
      },
    },
  },
);

describe('a command that waits until the device asks', () => {
  const start = async () => {
    const here = device('d', reader, { identity: 'SN1', key: undefined, from: ['127.0.0.1'] });
    const started = await httpPort([here], { port: { senders: 'pinned' } });
    const poll = async () => (await fetch(`${started.url}/iclock/getrequest?SN=SN1`)).text();
    const tell = (body: string) =>
      post(`${started.url}/iclock/devicecmd?SN=SN1`, body, { 'content-type': 'application/x-www-form-urlencoded' });
    return { ...started, poll, tell };
  };

  it('is handed out once, and done when the device says so', async () => {
    const { port, poll, tell } = await start();
    expect(await poll()).toBe('OK');
    const acted = port.act(actOf(reader, 'open', { door: '01', note: '' }));
    const words = await poll();
    expect(words).toMatch(/^C:\d+:CONTROL DEVICE 01010105 $/);
    expect(await poll()).toBe('OK');
    const id = words.split(':')[1];
    await tell(`ID=${Number(id) + 1}&Return=0&CMD=CONTROL`);
    await tell(`ID=${id}&Return=0&CMD=CONTROL`);
    expect(await acted).toEqual({ state: 'sent' });
  });

  it('that the device could not do is refused', async () => {
    const { port, poll, tell } = await start();
    const acted = port.act(actOf(reader, 'open', { door: '01', note: '' }));
    await tell(`ID=${(await poll()).split(':')[1]}&Return=-13`);
    expect(await acted).toMatchObject({ state: 'refused', code: 'device--13' });
  });

  it('that nobody asks for is never sent', async () => {
    const { port, poll } = await start();
    expect(await port.act(actOf(reader, 'open', { door: '01', note: '' }, 100))).toMatchObject({
      state: 'expired',
      code: 'not-asked-for',
    });
    expect(await poll()).toBe('OK');
  });

  it('whose argument would begin another command is refused', async () => {
    const { port, poll } = await start();
    const evil = actOf(reader, 'open', { door: '01', note: 'x\nC:9:REBOOT' });
    expect(await port.act(evil)).toMatchObject({ state: 'refused', code: 'unfit-argument' });
    expect(await poll()).toBe('OK');
  });

  it('does not pile up, and a stop leaves nobody waiting', async () => {
    const { port } = await start();
    const many = Array.from({ length: 17 }, () => port.act(actOf(reader, 'open', { door: '01', note: '' })));
    expect(await many[16]).toMatchObject({ state: 'refused', code: 'too-many' });
    await port.stop();
    expect(new Set((await Promise.all(many.slice(0, 16))).map(({ state }) => state))).toEqual(new Set(['expired']));
  });

  it('may be carried by the reply to an event, which says so when it has left', async () => {
    const plate = profileOf(
      {
        listen: {
          plate: {
            path: '/lpr/{key}',
            reply: {
              type: 'application/json',
              body: '{"Response_AlarmInfoPlate":{{command}}}',
              idle: '"info":"no","content":"retransfer_stop"',
            },
          },
        },
      },
      { commands: { open: { name: { zh: '抬杆' }, do: { queue: '"info":"ok","content":"retransfer_stop"' } } } },
    );
    const { port, url } = await httpPort([device('d', plate)]);
    const push = async () => (await post(`${url}/lpr/${secretOf('d')}`, { license: 'x' })).json();
    expect(await push()).toEqual({ Response_AlarmInfoPlate: { info: 'no', content: 'retransfer_stop' } });
    const acted = port.act(actOf(plate, 'open'));
    expect(await push()).toEqual({ Response_AlarmInfoPlate: { info: 'ok', content: 'retransfer_stop' } });
    expect(await acted).toEqual({ state: 'sent' });
    expect(await push()).toEqual({ Response_AlarmInfoPlate: { info: 'no', content: 'retransfer_stop' } });
  });

  it('is not waited for with the next turn where the device’s question is held', async () => {
    const held = profileOf(
      { listen: { comet: { path: '/lpr/{key}/comet', is: 'poll', hold: '20s', reply: { body: '{command}', idle: '-' } } } },
      { commands: { open: { name: { zh: '抬杆' }, do: { queue: 'open' } } } },
    );
    const { port, url } = await httpPort([device('d', held)]);
    const asked = fetch(`${url}/lpr/${secretOf('d')}/comet`, { method: 'POST' }).then((reply) => reply.text());
    await expect.poll(() => port.state().devices['d']?.heardAt ?? null).not.toBeNull();
    expect(await port.act(actOf(held, 'open'))).toEqual({ state: 'sent' });
    expect(await asked).toBe('open');
    // One that goes away while it waits takes nothing with it.
    const gone = new AbortController();
    const left = fetch(`${url}/lpr/${secretOf('d')}/comet`, { method: 'POST', signal: gone.signal }).catch(() => 'gone');
    await expect.poll(() => port.counters()['connections']).toBeGreaterThan(0);
    gone.abort();
    expect(await left).toBe('gone');
  });

  it('under whose reply the connection broke is unknown', async () => {
    const { port, url, kept } = await start();
    let commit = () => undefined as void;
    const poll = `GET /iclock/getrequest?SN=SN1 HTTP/1.1\r\nHost: x\r\n\r\n`;
    kept.emit = () => new Promise((resolve) => (commit = resolve));
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    const acted = port.act(actOf(reader, 'open', { door: '01', note: '' }, 3_000));
    // The device asks and is gone before it has read a byte of the answer.
    socket.write(poll);
    socket.resetAndDestroy();
    const outcome = await acted;
    commit();
    expect(['expired', 'unknown']).toContain(outcome.state);
  });
});
