import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer, type Pdu, type Session } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../cloud/notify/action.ts';
import { action } from '../../../cloud/notify/actions/smpp.ts';
import { segmentsOf } from '../../../cloud/notify/smpp/segments.ts';
import { describeWith } from '../../needs.ts';
import { message, openAction } from './open.ts';
import { freePort, program } from './peers.ts';

const person = { address: '+8613800000000', name: '王芳' };
const open = (port: number, receipts: Receipt[] = []) =>
  openAction(
    action,
    { host: '127.0.0.1', port, systemId: 'yihu', passwordFile: 'p', source: '10690000' },
    { secrets: { p: 'secret' }, receipts },
  );

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A message centre made of the package's own server half. */
async function centre(submit: (pdu: Pdu, session: Session) => Record<string, unknown>, bindStatus = 0): Promise<number> {
  const server = createServer((session) => {
    stops.push(() => session.destroy());
    session.on('error', () => session.destroy());
    session.on('bind_transceiver', (pdu: Pdu) => session.send(pdu.response({ command_status: bindStatus })));
    session.on('submit_sm', (pdu: Pdu) => session.send(pdu.response(submit(pdu, session))));
    session.on('unbind', (pdu: Pdu) => session.send(pdu.response()));
  });
  return listen(server);
}

describe('smpp', () => {
  it('a long Chinese message goes out in parts of 67 that belong together, with one receipt for all', async () => {
    const parts: Pdu[] = [];
    const port = await centre((pdu) => {
      parts.push(pdu);
      return { message_id: `m-${parts.length}` };
    });
    const channel = open(port);
    const sent = await channel.send(message, person);
    await channel.close();
    expect(sent).toEqual({ state: 'accepted', providerId: `m-${parts.length}`, receipt: true });
    expect(parts.length).toBe(Math.ceil(`${message.text} ${message.link}`.length / 67));
    const fields = parts.map((pdu) => pdu as unknown as Record<string, unknown>);
    expect(fields.map((each) => each['destination_addr'])).toEqual(parts.map(() => '8613800000000'));
    expect(fields.map((each) => each['registered_delivery'])).toEqual(parts.map((_, i) => (i === parts.length - 1 ? 1 : 0)));
    const text = parts.map((pdu) => String(pdu.short_message?.message)).join('');
    expect(text).toBe(`${message.text} ${message.link}`);
  });
  it.each([
    [0x14, 'try-again'],
    [0x58, 'try-again'],
    [0x0b, 'never'],
    [0x45, 'try-again'],
  ] as const)('status 0x%s is %s', async (status, state) => {
    const channel = open(await centre(() => ({ command_status: status })));
    expect(await channel.send({ ...message, text: 'hi', link: undefined }, person)).toMatchObject({ state });
    await channel.close();
  });
  it('hears what became of a message', async () => {
    const receipts: Receipt[] = [];
    const port = await centre((_pdu, session) => {
      const said = { esm_class: 4, source_addr: '8613800000000', destination_addr: '10690000' };
      const text = 'id:m-7 sub:001 dlvrd:001 submit date:2611280300 done date:2611280301 stat:DELIVRD err:000 text:';
      setTimeout(
        () => (session as unknown as { deliver_sm(fields: object): void }).deliver_sm({ ...said, short_message: text }),
        5,
      );
      return { message_id: 'm-7' };
    });
    const channel = open(port, receipts);
    await channel.send({ ...message, text: 'hi', link: undefined }, person);
    await expect.poll(() => receipts).toEqual([{ providerId: 'm-7', state: 'delivered' }]);
    await channel.close();
  });
  it('a refused bind, a deaf centre, garbage and a cut line are all tried again, and nothing hangs', async () => {
    const refused = open(await centre(() => ({}), 0x0e));
    expect(await refused.send(message, person)).toMatchObject({ state: 'try-again' });
    const garbage = createTcpServer((socket: Socket) => void socket.end(Buffer.alloc(64, 0xff)));
    const odd = open(await listen(garbage));
    expect(await odd.send(message, person)).toMatchObject({ state: 'try-again' });
    const cut = createTcpServer((socket: Socket) => void socket.destroy());
    const gone = open(await listen(cut));
    expect(await gone.send(message, person)).toMatchObject({ state: 'try-again' });
    await Promise.all([refused, odd, gone].map((channel) => channel.close()));
  });
});

describeWith(['netSmpp'], 'a message centre nobody here wrote (Net::SMPP)', () => {
  it('binds, takes every part, gives an id and says what became of it', async () => {
    const port = await freePort();
    const peer = program('/usr/bin/perl', [`${import.meta.dirname}/smpp_server.pl`, String(port)]);
    stops.push(() => void peer.stop());
    await peer.until(/^ready$/);
    const receipts: Receipt[] = [];
    const channel = open(port, receipts);
    const sent = await channel.send(message, person);
    const heard = peer.lines.slice(1).map((line) => JSON.parse(line) as { to: string; coding: number; hex: string });
    expect(sent).toEqual({ state: 'accepted', providerId: `perl-${heard.length}`, receipt: true });
    expect(heard.every(({ to, coding }) => to === '8613800000000' && coding === 8)).toBe(true);
    const text = heard.map(({ hex }) => Buffer.from(hex, 'hex').subarray(6).swap16().toString('utf16le')).join('');
    expect(text).toBe(`${message.text} ${message.link}`);
    await expect.poll(() => receipts).toEqual([{ providerId: `perl-${heard.length}`, state: 'failed', code: 'UNDELIV' }]);
    await channel.close();
  });
});

describe('segments', () => {
  it.each([
    ['a'.repeat(160), [160]],
    ['a'.repeat(161), [153, 8]],
    ['警'.repeat(70), [140]],
    ['警'.repeat(71), [134, 8]],
  ] as const)('%#', (text, sizes) => expect(segmentsOf(text, 7).map(({ bytes }) => bytes.length)).toEqual(sizes));
  it('no character is cut in two', () => {
    const parts = segmentsOf('😀'.repeat(100), 7);
    for (const { bytes } of parts) expect(Buffer.from(bytes).swap16().toString('utf16le')).not.toMatch(/\ufffd/);
    expect(parts.map(({ bytes }) => Buffer.from(bytes).swap16().toString('utf16le')).join('')).toBe('😀'.repeat(100));
  });
  it('what is too long for ten parts ends with an ellipsis', () => {
    const parts = segmentsOf('警'.repeat(5_000), 7);
    expect(parts.length).toBeLessThanOrEqual(10);
    expect(
      Buffer.from(parts.at(-1)?.bytes ?? [])
        .swap16()
        .toString('utf16le'),
    ).toMatch(/…$/);
  });
});
