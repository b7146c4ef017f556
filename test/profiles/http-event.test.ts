import { describe, expect, it } from 'vitest';
import { loadText } from '@yihu/device-profiles/library/load.ts';
import { proveProfile } from '../../gateway/prove.ts';

const profile = `schema: yihu-profile/1
id: acme.terminal
version: 1.0.0
name: {zh: 门禁, en: Terminal}
maker: {zh: 示例, en: Acme}
model: T1
category: access.controller
sources: [made for this test]
confidence: normalised
transport:
  protocol: http-event
  identity: {name: sn, pattern: "^[A-Z0-9]{1,20}$", label: {zh: 序列号, en: serial number}}
  listen:
    event:
      path: "/iclock/cdata"
      query: {SN: "{sn}", table: rtlog}
      form: lines
      reply: {type: text/plain, body: "OK: {count}"}
    poll: {method: GET, path: /iclock/getrequest, query: {SN: "{sn}"}, is: poll, reply: {body: "{command}", idle: OK}}
    done:
      path: /iclock/devicecmd
      query: {SN: "{sn}"}
      form: form
      is: result
      result: {id: $.ID, code: $.Return, least: 0}
  backfill:
    path: /search
    body: '{"from":{from},"to":{to}}'
    list: $.events
    serial: $.index
    channel: history
  serial: $.index
  pictures: [Scene]
availability: {offlineAfter: 5m}
points: {}
decode:
  event: [{event: {type: door.opened}}]
  history: [{event: {type: door.opened}}]
events: {door.opened: {zh: 门打开, en: Door opened}}
commands:
  open: {name: {zh: 开门, en: Open}, args: {door: {name: {zh: 门, en: Door}, min: 1, max: 4}}, do: {queue: "C:{id}:OPEN {door}"}}
vectors:
  - name: a line
    origin: synthetic
    given: {wire: http, text: "POST /iclock/cdata?SN=A1&table=rtlog HTTP/1.1\\n\\nindex=1\\tpin=2\\n"}
    events: [{type: door.opened}]
  - name: another table is not ours
    origin: synthetic
    given: {wire: http, text: "POST /iclock/cdata?SN=A1&table=USERINFO HTTP/1.1\\n\\npin=2\\n"}
    refuse: true
`;

const problemsOf = (text: string) => {
  const loaded = loadText(text, 'acme/terminal.yaml', { prove: proveProfile });
  return 'problems' in loaded ? loaded.problems.map(({ path, en }) => `${path}: ${en}`) : [];
};

describe('a profile of an HTTP device', () => {
  it('that is in order loads, its vectors through the driver’s own codec', () => expect(problemsOf(profile)).toEqual([]));

  it.each<[what: string, from: string, to: string, problem: string]>([
    [
      'has a name in a path that nobody fills',
      'path: "/iclock/cdata"',
      'path: "/{where}/cdata"',
      'transport.listen.event.path: {where} is not known.',
    ],
    [
      'has its query in the path',
      'path: "/iclock/cdata"',
      'path: "/iclock/cdata?a=b"',
      'transport.listen.event.path: What comes after ? belongs into query.',
    ],
    [
      'has a name in a reply that nobody fills',
      'OK: {count}',
      'OK: {number}',
      'transport.listen.event.reply[0].body: {number} is not known.',
    ],
    [
      'has a result that says nothing',
      '      result: {id: $.ID, code: $.Return, least: 0}\n',
      '',
      'transport.listen.done.result: is: result needs result, and no other request has it.',
    ],
    [
      'has commands that no reply can carry',
      'body: "{command}", idle: OK',
      'body: OK',
      'commands.open.do: No reply can carry a command ({command}).',
    ],
    ['has an argument that it does not ask for', 'OPEN {door}', 'OPEN {gate}', 'commands.open.do: {gate} is not known.'],
    [
      'searches without saying from where',
      '"from":{from},',
      '',
      'transport.backfill: {from} is missing in the back-fill request.',
    ],
    [
      'searches without numbers in its messages',
      '\n  serial: $.index\n  pictures',
      '\n  pictures',
      'transport.serial: Back-fill needs to know where the serial number of a message stands (serial).',
    ],
    [
      'keeps faces',
      'pictures: [Scene]',
      'pictures: [FaceScene]',
      'transport.pictures[0]: Pictures of faces, fingers or palms are never kept.',
    ],
    [
      'does not say how to read what is posted',
      '  event: [{event: {type: door.opened}}]\n',
      '',
      'decode: Nothing says how to read the messages of "event" (decode).',
    ],
    [
      'has a vector that proves the wrong thing',
      '    events: [{type: door.opened}]',
      '    events: [{type: door.closed}]',
      'vectors[0].events: ',
    ],
  ])('that %s is refused', (_what, from, to, problem) => {
    expect(profile).toContain(from);
    const problems = problemsOf(profile.replace(from, to));
    expect(
      problems.some((each) => each.startsWith(problem)),
      problems.join('\n'),
    ).toBe(true);
  });

  it('that neither hears nor goes anywhere is refused', () => {
    const mute = profile.replace(/ {2}listen:[\s\S]*? {2}backfill:/, '  backfill:');
    expect(problemsOf(mute)).toContain('transport: There must be a request (listen) or a stream.');
  });
});
