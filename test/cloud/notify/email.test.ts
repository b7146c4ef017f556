import { afterAll, beforeAll, expect, it } from 'vitest';
import { action } from '../../../cloud/notify/actions/email.ts';
import { describeWith } from '../../needs.ts';
import { message, openAction } from './open.ts';
import { freePort, program, type Program } from './peers.ts';

describeWith(['aiosmtpd'], 'e-mail to a real SMTP server', () => {
  let server: Program;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    server = program('/usr/bin/python3', [`${import.meta.dirname}/smtp_server.py`, String(port)]);
    await server.until(/^ready$/);
  });
  afterAll(() => server.stop());
  const open = (at = port) => openAction(action, { host: '127.0.0.1', port: at, tls: 'none', from: '一呼 <yihu@example.cn>' });

  it('arrives with its title, its text and its link', async () => {
    const channel = open();
    expect(await channel.send(message, { address: 'wang@example.cn', name: '王芳' })).toMatchObject({ state: 'accepted' });
    const { to, data } = JSON.parse(await server.until(/wang@/)) as { to: string[]; data: string };
    expect(to).toEqual(['wang@example.cn']);
    expect(data).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(data).toContain(`Message-ID: <${message.id}@yihu>`);
    const body = data
      .split(/\r?\n\r?\n/)
      .slice(1)
      .join('');
    const plain = /^Content-Transfer-Encoding: base64/im.test(data)
      ? Buffer.from(body, 'base64').toString('utf8')
      : decodeURIComponent(body.replaceAll(/=\r?\n/g, '').replaceAll('=', '%'));
    expect(plain).toContain('请立即处置');
    expect(plain).toContain(message.link);
    await channel.close();
  });
  it('a mailbox that does not exist is final, one that is busy is not', async () => {
    const channel = open();
    expect(await channel.send(message, { address: 'nobody@example.cn', name: '' })).toMatchObject({
      state: 'never',
      code: '550',
    });
    expect(await channel.send(message, { address: 'later@example.cn', name: '' })).toMatchObject({
      state: 'try-again',
      code: '451',
    });
    await channel.close();
  });
  it('a name cannot smuggle in a header', async () => {
    const channel = open();
    await channel.send(message, { address: 'li@example.cn', name: 'x\r\nBcc: everybody@example.cn' });
    const { to, data } = JSON.parse(await server.until(/li@/)) as { to: string[]; data: string };
    expect(to).toEqual(['li@example.cn']);
    expect(data).not.toMatch(/^Bcc:/im);
    await channel.close();
  });
  it('a server that is away is tried again', async () => {
    const channel = open(await freePort());
    expect(await channel.send(message, { address: 'a@example.cn', name: '' })).toMatchObject({ state: 'try-again' });
    await channel.close();
  });
});
