import { z } from 'zod';
import { checkMessages } from '../library/check-messages.ts';
import { checkIdentity, Identity } from '../library/identity.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Finding, ProblemPath } from '../library/source.ts';
import { Duration } from '../vocabulary/duration.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { Id } from '../vocabulary/text.ts';

/** `/iclock/cdata`, `/ingest/hik/{key}`: a path, with a query where we are the one who asks. */
const Path = z
  .string()
  .max(500)
  .regex(/^\/[\x21-\x7e]*$/, 'must begin with / and hold no blanks');

/** Where something stands in one message: `$.a.b[0]['c.d']`. The driver reads it before any meaning, so it is simpler than in `decode`. */
const MessagePath = z
  .string()
  .max(300)
  .regex(/^\$(\.[A-Za-z_][\w-]*|\[\d{1,4}\]|\['[^']+'\])*$/, "must be a path such as $.a.b[0]['c.d']");

/** Something that stands in a message, by its path. */
const Condition = z.union([
  z.strictObject({ path: MessagePath, equals: z.union([z.string(), z.number(), z.boolean()]) }),
  z.strictObject({ path: MessagePath, exists: z.boolean() }),
]);
export type Condition = z.output<typeof Condition>;
/** One of these, each of which may ask for several things at once. */
const Conditions = z.array(z.array(Condition).min(1)).default([]);

/** How a body is read; devices name media types as they like, so the profile says it. */
const Form = z.enum([
  /** JSON or XML, by its first character. The root element of XML is left out, so that both have the same paths. */
  'document',
  /** `a=1&b=2`, JSON inside a value is opened. */
  'form',
  /** One event a line: `pin=1⇥time=…`, or `1⇥2026-…` as `$.columns[0]`, `$.columns[1]`; or a form. */
  'lines',
  /** `Code=…;action=…;data={…}`. A body without any `=` is `$.text`. */
  'list',
]);
export type Form = z.output<typeof Form>;

const Reply = z.strictObject({
  when: Condition.optional(),
  status: z.number().int().min(200).max(299).default(200),
  type: z
    .string()
    .regex(/^[\x20-\x7e]{1,100}$/)
    .default('text/plain'),
  /** `{count}`: events taken; `{command}`: what waits for the device, else `idle`; the identity and `fill` by their names. */
  body: z.string().max(4096).default(''),
  idle: z.string().max(4096).default(''),
  /** Name → path into the message. */
  fill: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/), MessagePath).default({}),
});
export type Reply = z.output<typeof Reply>;

/** One request that the device makes of us. */
const Request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
  path: Path,
  /** What the query must say: a word, `{identity}` by its name, or `*` for anything. Other keys may be there too. */
  query: z.record(z.string().max(64), z.string().max(128)).default({}),
  form: Form.default('document'),
  /**
   * `event`: goes to `decode` under this request's name. `alive`: a sign of life, its body is thrown away unread.
   * `poll`: the same, and it asks for commands. `result`: says how a command ended.
   */
  is: z.enum(['event', 'alive', 'poll', 'result']).default('event'),
  /** `poll`: the reply waits this long for a command, for devices that ask again as soon as they are answered. */
  hold: Duration.optional(),
  /** Bytes of the longest body; pictures in parts of their own do not count. */
  longest: z
    .number()
    .int()
    .min(64)
    .max(8 * 1024 * 1024)
    .default(256 * 1024),
  /** `result`: which command, and the least code that means done. */
  result: z.strictObject({ id: MessagePath, code: MessagePath, least: z.number() }).optional(),
  /** The first whose `when` holds. Without any, an empty 200. */
  reply: z
    .union([Reply, z.array(Reply).min(1).max(8)])
    .prefault({})
    .transform((reply) => (Array.isArray(reply) ? reply : [reply])),
});
export type Request = z.output<typeof Request>;

/** A multipart answer that never ends: Hikvision's alertStream, Dahua's event manager. */
const Stream = z.strictObject({
  path: Path,
  form: Form.default('document'),
  /** The key of `decode` its messages go to. */
  channel: Id,
  /** Silence that means the wire is dead; heartbeats are no silence. */
  readTimeout: Duration.prefault('60s'),
});

/** What was missed is asked for: pages of events by serial number, each taken once. */
const Backfill = z.strictObject({
  method: z.enum(['GET', 'POST']).default('POST'),
  path: Path,
  type: z.string().max(100).default('application/json'),
  /** `{from}`, `{to}`: serial numbers; `{page}`: how many; `{search}`: a new word for each search. */
  body: z.string().max(4096).default(''),
  page: z.number().int().min(1).max(1000).default(30),
  /** The highest number the device knows, for a search without an end. */
  highest: z.number().int().positive().default(3_000_000_000),
  /** Events in the answer, and the serial number in each. */
  list: MessagePath,
  serial: MessagePath,
  /** The key of `decode` an event goes to; `as` puts what lies elsewhere than in a message under the name that is looked for. */
  channel: Id,
  as: z.record(z.string().regex(/^[A-Za-z_][\w-]{0,63}$/), MessagePath).default({}),
  /** Asked without a reason too, for devices whose pushes get lost. */
  every: Duration.optional(),
});

/** An HTTP device: it posts to us, or we hold a stream of it open; commands go to it, or wait until it asks. */
export const HttpEventTransport = z.strictObject({
  protocol: z.literal('http-event'),
  /** What the installer types in; stands in paths and queries as `{name}`. */
  identity: Identity,
  listen: z.record(Id, Request).default({}),
  stream: Stream.optional(),
  backfill: Backfill.optional(),
  /** The device's own number of an event, rising by one: a gap is filled from `backfill`. */
  serial: MessagePath.optional(),
  /** Messages that say no more than that the device is there. */
  heartbeat: Conditions,
  /** Messages that tell of what is long over: a device that repeats its memory after a break. */
  historical: Conditions,
  /** Where a still picture of now is asked for (GET, JPEG). */
  still: Path.optional(),
  /** Names of pictures that may be kept with their event; all others are dropped, and those of people always. */
  pictures: z
    .array(z.string().regex(/^[\w.-]{1,64}$/))
    .max(8)
    .default([]),
});
export type HttpEventTransport = z.output<typeof HttpEventTransport>;

const Asked = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']),
  /** Arguments by their names, escaped for where they stand. */
  path: Path,
  type: z.string().max(100).optional(),
  body: z.string().max(4096).optional(),
  /** What a good answer holds: devices that say 200 and "Error" in the same breath. */
  answer: z.string().min(1).max(200).optional(),
});
const Queued = z.strictObject({
  /** What takes the place of `{command}` in the next reply; `{id}` is the number a `result` names. */
  queue: z.string().min(1).max(4096),
});
/** A command's `do`: a request of ours, or words in a reply to one of the device's. */
export const HttpCommand = z.union([Asked, Queued]);
export type HttpCommand = z.output<typeof HttpCommand>;

/** @throws for a profile of another protocol. */
export function httpEventOf(profile: Profile): HttpEventTransport {
  if (profile.transport.protocol !== 'http-event') throw new Error(`profile ${profile.id} is not an HTTP event profile`);
  return profile.transport as HttpEventTransport;
}

/** The names in braces of a template. JSON and XML have none of their own: a brace there is followed by a quote or a blank. */
export function holesOf(template: string): string[] {
  return [...template.matchAll(/\{([A-Za-z_]\w{0,31})\}/g)].map(([, name = '']) => name);
}

/** The keys of `decode` that messages come by. */
function channelsOf({ listen, stream, backfill }: HttpEventTransport): string[] {
  const posted = Object.entries(listen).flatMap(([name, request]) => (request.is === 'event' ? [name] : []));
  return [...new Set([...posted, ...(stream ? [stream.channel] : []), ...(backfill ? [backfill.channel] : [])])];
}

export const protocol: Protocol<HttpEventTransport> = {
  name: 'http-event',
  transport: HttpEventTransport,
  values: 'messages',
  isPolled: false,
  command: HttpCommand,
  commandWords: ['id'],
  check: (profile, transport) => [
    ...checkIdentity(transport.identity),
    ...checkWays(profile, transport),
    ...Object.entries(transport.listen).flatMap(([name, request]) => checkRequest(transport, name, request)),
    ...checkBackfill(transport),
    ...checkPictures(transport),
    ...checkCommands(profile, transport),
    ...checkMessages(profile, channelsOf(transport)),
  ],
  channels: channelsOf,
  texts: ({ identity }) => [{ path: ['transport', 'identity', 'label'], text: identity.label }],
};

function checkWays(profile: Profile, transport: HttpEventTransport): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(transport.listen).length === 0 && transport.stream === undefined) {
    findings.push({
      path: ['transport'],
      zh: '至少要有一种请求（listen）或一条事件流（stream）。',
      en: 'There must be a request (listen) or a stream.',
    });
  }
  for (const channel of channelsOf(transport).filter((each) => !Object.hasOwn(profile.decode, each))) {
    findings.push({
      path: ['decode'],
      zh: `没有说明如何读 "${channel}" 的消息（decode）。`,
      en: `Nothing says how to read the messages of "${channel}" (decode).`,
    });
  }
  return findings;
}

/** Devices give up an unanswered request after half a minute or so. */
const longestHoldMs = 25_000;

function checkRequest({ identity }: HttpEventTransport, name: string, request: Request): Finding[] {
  const at = ['transport', 'listen', name];
  const findings = [
    ...unknownHoles(request.path, ['key', identity.name], [...at, 'path']),
    ...Object.entries(request.query).flatMap(([key, text]) => unknownHoles(text, [identity.name], [...at, 'query', key])),
    ...request.reply.flatMap(({ body, fill }, index) =>
      unknownHoles(body, ['count', 'command', identity.name, ...Object.keys(fill)], [...at, 'reply', index, 'body']),
    ),
  ];
  if (request.path.includes('?'))
    findings.push({ path: [...at, 'path'], zh: '参数写在 query 里。', en: 'What comes after ? belongs into query.' });
  if (request.hold !== undefined && (request.is !== 'poll' || request.hold > longestHoldMs)) {
    findings.push({
      path: [...at, 'hold'],
      zh: '只有 is: poll 的请求可以等待，且不超过 25 秒。',
      en: 'Only a request with is: poll may wait, and for 25s at most.',
    });
  }
  if ((request.is === 'result') !== (request.result !== undefined)) {
    findings.push({
      path: [...at, 'result'],
      zh: 'is: result 要有 result，其他请求不能有。',
      en: 'is: result needs result, and no other request has it.',
    });
  }
  return findings;
}

function checkBackfill({ backfill, serial, identity }: HttpEventTransport): Finding[] {
  if (backfill === undefined) return [];
  const at = ['transport', 'backfill'];
  const known = ['from', 'to', 'page', 'search', identity.name];
  const findings = [
    ...unknownHoles(backfill.body, known, [...at, 'body']),
    ...unknownHoles(backfill.path, known, [...at, 'path']),
  ];
  if (serial === undefined)
    findings.push({
      path: ['transport', 'serial'],
      zh: '补数要知道消息里的流水号在哪里（serial）。',
      en: 'Back-fill needs to know where the serial number of a message stands (serial).',
    });
  if (!holesOf(backfill.body + backfill.path).includes('from'))
    findings.push({ path: at, zh: '补数请求里缺少 {from}。', en: '{from} is missing in the back-fill request.' });
  return findings;
}

/** 生物特征: words in the names of pictures that are of a person. */
const bodily = /face|head|finger|palm|iris|eye|vein|portrait|people|person|human|bio/i;

/** Pictures of faces, fingers and palms are never kept, whatever a profile says. */
export function isBodily(name: string): boolean {
  return bodily.test(name);
}

function checkPictures({ pictures }: HttpEventTransport): Finding[] {
  return pictures.flatMap((name, index) =>
    isBodily(name)
      ? [
          {
            path: ['transport', 'pictures', index],
            zh: '人脸、指纹、掌纹等生物特征图片一律不保存。',
            en: 'Pictures of faces, fingers or palms are never kept.',
          },
        ]
      : [],
  );
}

function checkCommands({ commands }: Profile, { listen, identity }: HttpEventTransport): Finding[] {
  const canQueue = Object.values(listen).some(({ reply }) => reply.some(({ body }) => holesOf(body).includes('command')));
  return Object.entries(commands).flatMap(([id, command]): Finding[] => {
    const parsed = HttpCommand.safeParse(command.do);
    if (!parsed.success) return [];
    const path = ['commands', id, 'do'];
    const known = [identity.name, ...Object.keys(command.args)];
    if ('path' in parsed.data) return unknownHoles(parsed.data.path + (parsed.data.body ?? ''), known, path);
    const findings = unknownHoles(parsed.data.queue, [...known, 'id'], path);
    if (canQueue) return findings;
    return [...findings, { path, zh: '没有任何应答能带命令（{command}）。', en: 'No reply can carry a command ({command}).' }];
  });
}

function unknownHoles(template: string, known: readonly string[], path: ProblemPath): Finding[] {
  const stranger = holesOf(template).find((name) => !known.includes(name));
  return stranger === undefined ? [] : [{ path, zh: `不认识 {${stranger}}。`, en: `{${stranger}} is not known.` }];
}
