import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../../gateway/collect/onvif/codec.ts';
import { readEnvelope } from '../../../gateway/collect/onvif/envelope.ts';
import { limits } from '../../../gateway/collect/onvif/limits.ts';
import { messagesIn } from '../../../gateway/collect/onvif/messages.ts';
import { referenceParameters } from '../../../gateway/collect/onvif/reference.ts';
import { byPicture, type MediaProfile, pathOf } from '../../../gateway/collect/onvif/services.ts';
import { usernameToken } from '../../../gateway/collect/onvif/token.ts';
import { at } from '../../../gateway/collect/onvif/tree.ts';
import { inEnvelope, noticeText } from '../../../gateway/simulate/wires/onvif/words.ts';
import { profile } from './rig.ts';

const [codec] = codecs;
if (codec === undefined) throw new Error('no codec');

describe('the token', () => {
  it('is that of the ONVIF Application Programmer’s Guide (§6.1.1.3)', () => {
    const nonce = Buffer.from('LKqI6G/AikKCQrN0zqZFlg==', 'base64');
    const token = usernameToken({ username: 'user', password: 'userpassword', nonce, at: Date.UTC(2010, 8, 16, 7, 50, 45) });
    expect(token).toContain('>2010-09-16T07:50:45Z</Created>');
    expect(token).toContain(
      '<Nonce EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary">LKqI6G/AikKCQrN0zqZFlg==<',
    );
    expect(token).toContain('>tuOSpGlFlIXsozq4HFNeeGeFLEI=<');
  });
});

describe('an answer', () => {
  const fault = (code: string, reason: string) =>
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault>${code}${reason}</s:Fault></s:Body></s:Envelope>`;

  it.each([
    [
      'SOAP 1.2',
      fault(
        '<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>',
        '<s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason>',
      ),
      'NotAuthorized',
      'Sender not Authorized',
    ],
    [
      'two subcodes',
      fault(
        '<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode><s:Value>ter:NoProfile</s:Value></s:Subcode></s:Subcode></s:Code>',
        '',
      ),
      'NoProfile',
      '',
    ],
    ['SOAP 1.1', fault('<faultcode>SOAP-ENV:Client</faultcode>', '<faultstring>no</faultstring>'), 'Client', 'no'],
    ['nothing in it', fault('', ''), 'unknown', ''],
  ])('that is a fault: %s', (_, text, code, reason) => {
    expect(readEnvelope(text)).toEqual({ fault: { code, reason } });
  });

  it.each([
    ['empty', ''],
    ['malformed', '<html><body>Please log in<br></body></html>'],
    ['no-envelope', '<html><body/></html>'],
    ['dtd', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['malformed', '<s:Envelope xmlns:s="x"><s:Body><a>'],
    ['too-deep', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['too-many', `<Envelope><Body>${'<a/>'.repeat(limits.elements)}</Body></Envelope>`],
  ])('that is none: %s', (unread, text) => {
    expect(readEnvelope(text)).toEqual({ unread });
  });

  it('of any text is one of the three, and no text makes it throw', () => {
    const piece = fc.constantFrom(
      '<s:Envelope>',
      '</s:Envelope>',
      '<s:Body>',
      '</s:Body>',
      '<s:Fault>',
      '</s:Fault>',
      '<Code>',
      '</Code>',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '"',
      '<a b="c"/>',
      'x',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const read = readEnvelope(text);
          expect(Number('body' in read) + Number('fault' in read) + Number('unread' in read)).toBe(1);
        },
      ),
    );
  });
});

describe('messages', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/);
  const value = fc.stringMatching(/^[^<>&"'\p{C}]{0,40}$/u);

  it('are read as they were meant, whatever the names and values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 6 }),
        fc.constantFrom('Initialized' as const, 'Changed' as const, undefined),
        (pairs, operation) => {
          const data = Object.fromEntries(pairs);
          const notice = { topic: 'RuleEngine/X', data, source: { S: '1' }, ...(operation && { operation }) };
          const read = readEnvelope(inEnvelope(`<tev:PullMessagesResponse>${noticeText(notice, 0)}</tev:PullMessagesResponse>`));
          const [message] = 'body' in read ? messagesIn(at(read.body, 'PullMessagesResponse')) : [];
          const trimmed = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, text.trim()]));
          expect(message).toEqual({
            topic: 'RuleEngine/X',
            operation: operation ?? '',
            source: { S: '1' },
            data: trimmed,
            utcTime: '1970-01-01T00:00:00Z',
          });
        },
      ),
    );
  });

  it('with the names of an object’s own things are fields like others', () => {
    const notice = {
      topic: 'RuleEngine/X',
      data: Object.fromEntries([
        ['constructor', 'a'],
        ['__proto__', 'b'],
        ['toString', 'c'],
      ]),
    };
    const explained = codec.explain(
      Buffer.from(inEnvelope(`<tev:PullMessagesResponse>${noticeText(notice, 0)}</tev:PullMessagesResponse>`)),
    );
    expect(explained).toMatchObject({ fields: expect.arrayContaining([{ name: 'Data __proto__', value: 'b' }]) });
    expect(Object.hasOwn({}, 'b')).toBe(false);
  });

  it('have measure: items, lengths and levels of a topic', () => {
    const items = Array.from({ length: 1_000 }, (_, nth) => `<tt:SimpleItem Name="n${nth}" Value="${'v'.repeat(1_000)}"/>`).join(
      '',
    );
    const text = inEnvelope(
      `<tev:PullMessagesResponse><wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/${'x/'.repeat(1_000)}</wsnt:Topic><wsnt:Message><tt:Message><tt:Data>${items}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></tev:PullMessagesResponse>`,
    );
    const read = codec.frames?.(profile, Buffer.from(text));
    const body = read !== undefined && 'bodies' in read ? read.bodies[0] : undefined;
    const fields = body?.kind === 'fields' ? (body.fields as { topic: string; data: Record<string, string> }) : undefined;
    expect(fields?.topic.length).toBe(limits.topicChars);
    expect(Object.keys(fields?.data ?? {})).toHaveLength(limits.items);
    expect(fields?.data['n0']).toHaveLength(limits.textChars);
  });

  it('of any bytes: the codec reads or refuses, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(codec.explain(bytes)).toHaveProperty('refused');
        expect(codec.frames?.(profile, bytes)).toHaveProperty('refused');
      }),
    );
  });
});

describe('reference parameters', () => {
  const answer = (inside: string, more = '') =>
    `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://www.w3.org/2005/08/addressing" xmlns:v="urn:v" ${more}><e:Body><w:Address>x</w:Address><w:ReferenceParameters>${inside}</w:ReferenceParameters></e:Body></e:Envelope>`;

  it.each([
    ['nothing', '', ''],
    ['one that declares its own', '<d:Id xmlns:d="urn:d">1</d:Id>', '<d:Id xmlns:d="urn:d">1</d:Id>'],
    ['a prefix of the envelope', '<v:Id>1</v:Id>', '<v:Id xmlns:v="urn:v">1</v:Id>'],
    ['a prefix of an attribute', '<Id v:a="1"/>', '<Id xmlns:v="urn:v" v:a="1"/>'],
    ['children and brothers', '<v:A><v:B/></v:A><v:C/>', '<v:A xmlns:v="urn:v"><v:B/></v:A><v:C xmlns:v="urn:v"/>'],
    ['what does not nest', '<v:A></v:B>', ''],
    ['more than is sent back', `<v:A>${'x'.repeat(limits.referenceChars)}</v:A>`, ''],
    ['a document type', '<!DOCTYPE x><v:A/>', ''],
  ])('%s', (_, inside, expected) => {
    expect(referenceParameters(answer(inside))).toBe(expected);
  });

  it('what is sent back is well-formed, whatever came', () => {
    const piece = fc.constantFrom(
      '<v:A>',
      '</v:A>',
      '<b:B c:d="e">',
      '</b:B>',
      '<C/>',
      '<!--',
      '-->',
      'x',
      '&lt;',
      '"',
      "'",
      '<w:ReferenceParameters>',
      '</w:ReferenceParameters>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (parts) => {
        const back = referenceParameters(answer(parts.join('')));
        expect(readEnvelope(`<Envelope><Body>${back}<x/></Body></Envelope>`)).toHaveProperty('body');
      }),
    );
  });

  it('a thousand prefixes in a megabyte are not looked for', () => {
    const inside = Array.from({ length: 400 }, (_, nth) => `<p${nth}:a/>`).join('');
    expect(referenceParameters(answer(inside, `x="${'y'.repeat(1_000_000)}"`))).toBe('');
  });
});

describe('which profile is asked for a picture', () => {
  it('the largest up to 720p first, what is unknown before what is larger', () => {
    const profileOf = (token: string, width: number, height: number): MediaProfile => ({
      token,
      width,
      height,
      service: 'media',
    });
    const list = [
      profileOf('4k', 3840, 2160),
      profileOf('unknown', 0, 0),
      profileOf('cif', 352, 288),
      profileOf('hd', 1280, 720),
      profileOf('full', 1920, 1080),
    ];
    expect(byPicture(list).map(({ token }) => token)).toEqual(['hd', 'cif', 'unknown', 'full', '4k']);
  });

  it('an address is a path: of any text, a path or nothing', () => {
    expect(pathOf('http://10.0.0.1:80/onvif/media?a=b#c')).toBe('/onvif/media?a=b');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ size: 'small' })), (text) => {
        expect(pathOf(text) ?? '/').toMatch(/^\/[\x21-\x7e]*$/);
      }),
    );
  });
});
