import { describe, expect, it } from 'vitest';
import { incidentMessage } from '../../../cloud/cap/incident-message.ts';
import { capLimits } from '../../../cloud/cap/limits.ts';
import { warningOf } from '../../../cloud/cap/meaning.ts';
import type { CapMessage } from '../../../cloud/cap/message.ts';
import { readCap } from '../../../cloud/cap/read.ts';
import { targetsOf } from '../../../cloud/cap/targets.ts';
import { offsetTime, parseOffsetTime } from '../../../cloud/cap/time.ts';
import { writeCap } from '../../../cloud/cap/write.ts';
import { alertOf, areaOf, infoOf } from './documents.ts';

const read = (document: string): CapMessage => {
  const done = readCap(document);
  if ('problems' in done) throw new Error(JSON.stringify(done.problems));
  return done.message;
};
const problemsOf = (document: string) => {
  const done = readCap(document);
  return 'problems' in done ? done.problems : [];
};
const square = '39,116 39,117 40,117 40,116 39,116';

describe('a document is read', () => {
  it('with outline, circle and codes, latitude first in it and longitude first here', () => {
    const area = areaOf({ code: 'a/b', polygon: square, circle: '39.5,116.5 12.5' });
    const [info] = read(alertOf({ info: [infoOf({ area })] })).info;
    expect(info?.area).toEqual([
      {
        areaDesc: '某地',
        polygon: [
          [
            [116, 39],
            [117, 39],
            [117, 40],
            [116, 40],
          ],
        ],
        circle: [{ lat: 39.5, lon: 116.5, km: 12.5 }],
        geocode: [{ valueName: 'yihu:area', value: 'a/b' }],
      },
    ]);
  });

  it('with a prefix, with CDATA, with entities of XML, and past what is signed into it', () => {
    const document = alertOf({ info: [infoOf({ event: '<![CDATA[大风 & 沙]]>', headline: 'a &lt; b' })] })
      .replaceAll(/<(\/?)(?=[a-z])/gi, '<$1c:')
      .replace('xmlns=', 'xmlns:c=')
      .replace('</c:alert>', '<d:Signature xmlns:d="urn:d"><d:Value>x</d:Value></d:Signature></c:alert>');
    expect(read(document).info[0]).toMatchObject({ event: '大风 & 沙', headline: 'a < b' });
  });

  it('in two languages with one gravity, and its blocks that are over do not count', () => {
    const info = [
      infoOf({ language: 'zh-CN', event: '暴雨', severity: 'Red' }),
      infoOf({ language: 'en-US', event: 'Rainstorm', severity: 'Extreme', headline: 'Rain' }),
      infoOf({ language: 'zh-CN', event: '大风', severity: 'Extreme', expires: '2026-11-23T10:30:00+08:00' }),
    ];
    const at = Date.UTC(2026, 10, 23, 3);
    const warning = warningOf(read(alertOf({ info })), at);
    expect(warning).toMatchObject({ severity: 'critical', hazard: 'environment', event: { zh: '暴雨', en: 'Rainstorm' } });
    expect(warning?.until).toBe(at + capLimits.lastsMs);
  });
});

describe('what is wrong with one is said with its place', () => {
  const storm = (area: string) => alertOf({ info: [infoOf({ area })] });
  it.each<[string, string, string, RegExp]>([
    ['nothing', '', '/', /empty|not well-formed/],
    ['no XML', 'hello', '/', /not well-formed/],
    ['half of one', alertOf({ info: [infoOf()] }).slice(0, 300), '/', /not well-formed/],
    ['a document type', `<!DOCTYPE alert SYSTEM "file:///etc/passwd">${alertOf({})}`.replace(/<\?.*?\?>/, ''), '/', /DOCTYPE/],
    [
      'a bomb of entities',
      `<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">&c;</alert>`,
      '/',
      /DOCTYPE/,
    ],
    ['an entity nobody declared', alertOf({ identifier: '&xxe;', info: [infoOf()] }), '/', /not well-formed/],
    ['version 1.1', alertOf({ info: [infoOf()] }).replace('cap:1.2', 'cap:1.1'), '/alert', /cap:1\.1/],
    ['no namespace', alertOf({ info: [infoOf()] }).replace(/ xmlns="[^"]*"/, ''), '/alert', /namespace ""/],
    ['another root', '<feed xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>', '/', /<feed>/],
    ['depth', '<a xmlns="urn:oasis:names:tc:emergency:cap:1.2">'.repeat(40).replace('<a', '<alert'), '/', /deeper/],
    [
      'an element of its own',
      alertOf({ info: [infoOf()] }).replace('<scope>', '<colour>red</colour><scope>'),
      '/alert/colour',
      /not an element/,
    ],
    ['one twice', alertOf({ info: [infoOf()] }).replace('<scope>', '<scope>Public</scope><scope>'), '/alert/scope', /twice/],
    ['no block', alertOf({}), '/alert/info', /needed/],
    ['no references', alertOf({ msgType: 'Update', info: [infoOf()] }), '/alert/references', /needed/],
    ['references of something else', alertOf({ msgType: 'Cancel', references: 'a,b' }), '/alert/references/0/sent', /YYYY/],
    ['a comma in an identifier', alertOf({ identifier: 'a,b', info: [infoOf()] }), '/alert/identifier', /commas/],
    ['"Z"', alertOf({ sent: '2026-11-23T10:00:00Z', info: [infoOf()] }), '/alert/sent', /not Z/],
    ['the 31st of April', alertOf({ sent: '2026-04-31T10:00:00+08:00', info: [infoOf()] }), '/alert/sent', /calendar/],
    ['a severity of its own', alertOf({ info: [infoOf({ severity: 'Awful' })] }), '/alert/info/0/severity', /Extreme/],
    [
      'a polygon that is open',
      storm(areaOf({ polygon: '39,116 39,117 40,117 40,116' })),
      '/alert/info/0/area/0/polygon/0',
      /four points/,
    ],
    [
      'one that crosses itself',
      storm(areaOf({ polygon: '39,116 40,117 39,117 40,116 39,116' })),
      '/alert/info/0/area/0/polygon/0',
      /crosses/,
    ],
    ['one off the earth', storm(areaOf({ polygon: '39,116 99,117 40,117 39,116' })), '/alert/info/0/area/0/polygon/0', /degrees/],
    ['one of words', storm(areaOf({ polygon: 'north east south west north' })), '/alert/info/0/area/0/polygon/0', /degrees|four/],
    ['one of too many points', storm(areaOf({ polygon: '1,1 '.repeat(5000) })), '/alert/info/0/area/0/polygon/0', /too many/],
    ['a circle without a radius', storm(areaOf({ circle: '39,116' })), '/alert/info/0/area/0/circle/0', /radius/],
    ['an area without a name', storm('<area><polygon>1,1 1,2 2,2 1,1</polygon></area>'), '/alert/info/0/area/0/areaDesc', /./],
  ])('%s', (_what, document, path, sentence) => {
    const problems = problemsOf(document);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.find((problem) => problem.path === path)?.message).toMatch(sentence);
  });

  it('a document of the largest size is judged at once, whatever it is made of', () => {
    const started = process.hrtime.bigint();
    problemsOf(`<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">${'<code>x</code>'.repeat(18_000)}</alert>`);
    problemsOf(storm(areaOf({ polygon: Array.from({ length: 1000 }, (_, nth) => `${nth % 80},${nth % 170}`).join(' ') })));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(5000);
  });
});

describe('a message is written', () => {
  const incident = {
    id: 'inc-1',
    number: '20261123-07',
    hazard: 'fire' as const,
    severity: 'critical' as const,
    state: 'confirmed' as const,
    openedAt: Date.UTC(2026, 10, 23, 2),
    alarmCount: 2,
    disposition: 'unknown' as const,
    version: 3,
  };
  const area = {
    areaDesc: '幸福街道 幸福里 <3号楼> & 院',
    polygon: [
      [
        [116, 39],
        [117, 39],
        [117, 40],
      ] as [number, number][],
    ],
    circle: [],
    geocode: [],
  };
  const telling = {
    incident,
    area,
    sender: 'yihu@example.org',
    senderName: 'Yihu',
    timeZone: 'Asia/Shanghai',
    at: Date.UTC(2026, 10, 23, 2, 5),
    before: [],
  };

  it('and read again it is the same, in both languages', () => {
    const message = incidentMessage(telling);
    expect(read(writeCap(message))).toEqual(message);
    expect(message).toMatchObject({ identifier: 'yihu.inc-1.1', sent: '2026-11-23T10:05:00+08:00', msgType: 'Alert' });
    expect(message.info.map(({ language, severity, certainty, urgency }) => [language, severity, certainty, urgency])).toEqual([
      ['zh-CN', 'Extreme', 'Observed', 'Immediate'],
      ['en', 'Extreme', 'Observed', 'Immediate'],
    ]);
  });

  it.each([
    ['critical', 'Extreme'],
    ['major', 'Severe'],
    ['minor', 'Moderate'],
    ['warning', 'Minor'],
  ] as const)('level %s is %s', (severity, word) => {
    expect(incidentMessage({ ...telling, incident: { ...incident, severity } }).info[0]?.severity).toBe(word);
  });

  it('what an alarm alone says is possible; a false one is taken back and refers to all that was sent', () => {
    expect(incidentMessage({ ...telling, incident: { ...incident, state: 'open' } }).info[0]?.certainty).toBe('Possible');
    const before = [1, 2].map((nth) => ({
      sender: 'yihu@example.org',
      identifier: `yihu.inc-1.${nth}`,
      sent: '2026-11-23T10:05:00+08:00',
    }));
    const cancel = incidentMessage({ ...telling, before, incident: { ...incident, state: 'false-alarm' } });
    expect(cancel).toMatchObject({ identifier: 'yihu.inc-1.3', msgType: 'Cancel', references: before });
    expect(writeCap(cancel)).toContain(
      '<references>yihu@example.org,yihu.inc-1.1,2026-11-23T10:05:00+08:00 yihu@example.org,yihu.inc-1.2,2026-11-23T10:05:00+08:00</references>',
    );
  });

  it('a drill says that it is one', () => {
    expect(incidentMessage({ ...telling, incident: { ...incident, disposition: 'drill' } }).status).toBe('Exercise');
  });
});

describe('times', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-23T10:00:00+08:00'],
    ['UTC', '2026-11-23T02:00:00-00:00'],
    ['America/St_Johns', '2026-11-22T22:30:00-03:30'],
  ])('by the clocks of %s', (zone, written) => {
    expect(offsetTime(Date.UTC(2026, 10, 23, 2), zone)).toBe(written);
    expect(parseOffsetTime(written)).toBe(Date.UTC(2026, 10, 23, 2));
  });
});

describe('the areas a message means', () => {
  const box = (lon: number, lat: number, size: number): [number, number][] => [
    [lon, lat],
    [lon + size, lat],
    [lon + size, lat + size],
    [lon, lat + size],
  ];
  const candidates = [
    { path: 's', ring: box(116, 39, 1), codes: [{ scheme: 'division', code: '110105001000' }] },
    { path: 's/a', ring: box(116, 39, 0.4), codes: [{ scheme: 'division', code: '110105001001' }] },
    { path: 's/b', ring: box(116.5, 39.5, 0.4), codes: [{ scheme: 'division', code: '110105001002' }] },
    { path: 't', ring: null, codes: [{ scheme: 'division', code: '110106001000' }] },
  ];
  const targets = (area: string) => targetsOf(read(alertOf({ info: [infoOf({ area })] })), candidates);
  const coded = (code: string) =>
    `<area><areaDesc>x</areaDesc><geocode><valueName>division</valueName><value>${code}</value></geocode></area>`;
  it.each<[string, string, string[]]>([
    ['by our own path', areaOf({ code: 's/a' }), ['s/a']],
    ['by its code', coded('110105001002'), ['s/b']],
    ['by the code of the district above', coded('110105'), ['s']],
    ['by the code of the city, padded', coded('110100000000'), ['s', 't']],
    ['by nobody’s code', coded('310000'), []],
    ['by an outline round all of it', areaOf({ polygon: '38,115 38,118 41,118 41,115 38,115' }), ['s']],
    [
      'by an outline that touches one part',
      areaOf({ polygon: '39.1,116.1 39.1,116.2 39.2,116.2 39.2,116.1 39.1,116.1' }),
      ['s/a'],
    ],
    ['by an outline between the parts', areaOf({ polygon: '39.42,116.42 39.42,116.45 39.45,116.45 39.42,116.42' }), ['s']],
    ['by a circle', areaOf({ circle: '39.7,116.7 1' }), ['s/b']],
    ['by a circle of nothing', areaOf({ circle: '39.7,116.7 0' }), ['s/b']],
    ['by an outline elsewhere', areaOf({ polygon: '10,10 10,11 11,11 10,10' }), []],
  ])('%s', (_how, area, paths) => expect(targets(area)).toEqual(paths));

  it('many are taken together one level higher', () => {
    const many = Array.from({ length: 30 }, (_, nth) => ({
      path: `s/c${nth % 2}/g${nth}`,
      ring: null,
      codes: [{ scheme: 'x', code: 'y' }],
    }));
    const area = '<area><areaDesc>x</areaDesc><geocode><valueName>x</valueName><value>y</value></geocode></area>';
    expect(targetsOf(read(alertOf({ info: [infoOf({ area })] })), many)).toEqual(['s/c0', 's/c1']);
  });
});
