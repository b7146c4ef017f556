import type { Form } from '@yihu/device-profiles/protocols/http-event.ts';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readBody } from '../../../gateway/collect/http-event/document.ts';

const read = (body: string | Uint8Array, form: Form, type = '', charset = '') =>
  readBody(typeof body === 'string' ? Buffer.from(body) : body, { form, type, charset });
const messages = (...args: Parameters<typeof read>) => {
  const said = read(...args);
  return 'messages' in said ? said.messages : said;
};

describe('XML', () => {
  it('is its root’s content: prefixes, namespaces and the name of the root are left out', () => {
    const alert = `<?xml version="1.0" encoding="UTF-8"?>\n<!-- camera -->
      <hik:EventNotificationAlert version="2.0" xmlns:hik="http://www.hikvision.com/ver20/XMLSchema">
        <eventType>VMD</eventType><eventState>active</eventState><channelID> 1 </channelID>
        <Empty/><Region><id>1</id></Region><Region><id>2</id></Region>
        <note lang="zh">A &amp; B &#x4e2d;&#20013; <![CDATA[<raw> &amp;]]></note>
      </hik:EventNotificationAlert>\r\n\0`;
    expect(messages(alert, 'document')).toEqual([
      {
        version: '2.0',
        eventType: 'VMD',
        eventState: 'active',
        channelID: '1',
        Empty: '',
        Region: [{ id: '1' }, { id: '2' }],
        note: { lang: 'zh', '#text': 'A & B 中中 <raw> &amp;' },
      },
    ]);
  });
  it('with a bare & is taken as Hikvision writes it', () => {
    expect(messages('<a><push>PIR&&DS-2CD,1.0&copy;</push></a>', 'document')).toEqual([{ push: 'PIR&&DS-2CD,1.0&copy;' }]);
  });
  it('of a key that is a trap holds it as its own', () => {
    const [message] = messages('<a><__proto__>x</__proto__><b>1</b></a>', 'document') as [object];
    expect(Object.keys(message)).toEqual(['__proto__', 'b']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
  it.each([
    ['half', '<a><b>1</b>'],
    ['wrongly nested', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text behind', '<a/>x'],
    ['entities of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an attribute without a value', '<a b>1</a>'],
    ['an open comment', '<a><!-- </a>'],
    ['too deep', '<a>'.repeat(40) + '</a>'.repeat(40)],
    ['too many', `<a>${'<b/>'.repeat(20_001)}</a>`],
  ])('that is %s is refused', (_name, xml) => expect(messages(xml, 'document')).toEqual({ unread: 'not-xml' }));
});

describe('JSON', () => {
  it('is one message, or as many as stand in a list', () => {
    expect(messages('{"a":1}', 'document')).toEqual([{ a: 1 }]);
    expect(messages(' [{"a":1},{"a":2}]', 'document')).toEqual([{ a: 1 }, { a: 2 }]);
  });
  it('loses no digit of a long number', () =>
    expect(messages('{"n":12345678901234567890}', 'document')).toEqual([{ n: '12345678901234567890' }]));
  it('is left without the pictures in it, which are counted', () => {
    const picture = '/9j/4AAQ'.repeat(1_000);
    expect(read(JSON.stringify({ plate: '粤B12345', imageFile: picture, list: [{ big: picture }] }), 'document')).toEqual({
      messages: [{ plate: '粤B12345', list: [{}] }],
      shed: 2,
    });
  });
  it.each([
    ['half of one', '{"a":'],
    ['nested too deep', '['.repeat(40) + ']'.repeat(40)],
    ['of too many values', `[${'0,'.repeat(30_000)}0]`],
    ['a word', 'hello'],
  ])('that is %s is refused', (_name, json) => expect(messages(json, 'document')).toEqual({ unread: 'not-json' }));
});

describe('lines', () => {
  it('are read by names or by places, as the dialect has it', () => {
    const rtlog =
      'time=2017-01-10 11:49:32\tpin=1001\tcardno=0\teventaddr=1\tevent=0\tinoutstatus=0\tverifytype=15\tindex=42\r\n';
    expect(messages(rtlog + '78979877\t2026-07-11 10:15:00\t0\t1\t0\n\n', 'lines')).toEqual([
      {
        time: '2017-01-10 11:49:32',
        pin: '1001',
        cardno: '0',
        eventaddr: '1',
        event: '0',
        inoutstatus: '0',
        verifytype: '15',
        index: '42',
      },
      { columns: ['78979877', '2026-07-11 10:15:00', '0', '1', '0'] },
    ]);
  });
  it('may come as a form', () => {
    const form = 'PIN=1001&Time=2026-07-11+10%3A15%3A00&Status=0';
    expect(messages(form, 'lines', 'application/x-www-form-urlencoded')).toEqual([
      { PIN: '1001', Time: '2026-07-11 10:15:00', Status: '0' },
    ]);
  });
  it('are refused where they are more, or longer, than any device has', () => {
    expect(messages('a\n'.repeat(2_001), 'lines')).toEqual({ unread: 'too-much' });
    expect(messages('a'.repeat(9_000), 'lines')).toEqual({ unread: 'too-much' });
  });
});

describe('a list', () => {
  it('has its data as a tree, with = and ; inside of it', () => {
    const event = 'Code=CrossRegionDetection;action=Start;index=0;data={\n "Name" : "Drive; Gate",\n "Encoded" : "dGVzdA=="\n}';
    expect(messages(event, 'list')).toEqual([
      { Code: 'CrossRegionDetection', action: 'Start', index: '0', data: { Name: 'Drive; Gate', Encoded: 'dGVzdA==' } },
    ]);
  });
  it('keeps what is no tree as it stands, and leaves out what is no pair', () => {
    expect(messages('Code=VideoMotion;garbage;action=Start;data=key=value', 'list')).toEqual([
      { Code: 'VideoMotion', action: 'Start', data: 'key=value' },
    ]);
    expect(messages('Heartbeat', 'list')).toEqual([{ text: 'Heartbeat' }]);
  });
});

test('a form opens the JSON in its values', () => {
  expect(messages('event_log=%7B%22a%22%3A1%7D&x=%5Bnot', 'form')).toEqual([{ event_log: { a: 1 }, x: '[not' }]);
});

test('text is UTF-8 or GB 18030, by what is said and else by what fits', () => {
  // 门 in GB 2312 is C3 C5 (GB/T 2312-1980, row 35 column 37).
  const gb = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0xc5]), Buffer.from('"}')]);
  expect(messages(gb, 'document')).toEqual([{ name: '门' }]);
  expect(messages(gb, 'document', 'application/json', 'gb2312')).toEqual([{ name: '门' }]);
  expect(messages('{"name":"门"}', 'document', 'application/json', 'utf-8')).toEqual([{ name: '门' }]);
  expect(messages(Uint8Array.of(0xff, 0xff), 'document')).toEqual({ unread: 'not-text' });
});

test('an empty body says nothing, and that is no fault', () => {
  for (const form of ['document', 'form', 'lines', 'list'] as const)
    expect(read(' \r\n', form)).toEqual({ messages: [], shed: 0 });
});

test('no bytes crash a reader or hold it up', () => {
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<',
    '>',
    '&',
    ';',
    '=',
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    '\t',
    '\n',
    'x',
    '<!--',
    '-->',
    "b='",
    '<![CDATA[',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.string({ unit: piece, maxLength: 200 }).map((each) => Buffer.from(each)),
  );
  const forms = fc.constantFrom<Form>('document', 'form', 'lines', 'list');
  fc.assert(
    fc.property(bytes, forms, (body, form) => {
      const said = read(body, form, 'application/x-www-form-urlencoded');
      if ('messages' in said) expect(JSON.stringify(said.messages)).toBeTypeOf('string');
    }),
    { numRuns: 2_000 },
  );
  for (const evil of [';', '<', '&', '<a ', "<a b='", '<!---->', '=', '\t', ' ', '{"a":', '<a>', '=;', '={;', '&#1'])
    for (const form of ['document', 'form', 'lines', 'list'] as const) read(evil.repeat(250_000 / evil.length), form);
  read(`<a/>${' '.repeat(250_000)}`, 'document');
});
