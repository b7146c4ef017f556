import { httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { readBody } from './document.ts';
import { compileConditions } from './json-path.ts';
import { limits } from './limits.ts';
import { meaningOf } from './meaning.ts';
import { MultipartError, MultipartReader, parameterOf } from './multipart.ts';
import { HttpEventAddress } from './port.ts';
import { Routes } from './routes.ts';

interface Message {
  /** Null for a part of a stream, which has no request line. */
  readonly request: { readonly method: string; readonly path: string; readonly query: string } | null;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

const refusals = {
  noHead: {
    code: 'no-head',
    zh: '不是 HTTP 请求，也不是事件流的一段：应以请求行或 Content-Type 开头，空一行后是内容。',
    en: 'Neither an HTTP request nor a part of a stream: it should begin with a request line or Content-Type, and have an empty line before its body.',
  },
  noRoute: {
    code: 'no-route',
    zh: '档案里没有这种请求（listen）；请检查设备型号与档案是否一致。',
    en: 'The profile knows no such request (listen); check that device and profile are the same model.',
  },
  unread: {
    code: 'unread',
    zh: '内容读不出：不是完整的 JSON、XML 或文字。',
    en: 'The body cannot be read: it is no whole JSON, XML or text.',
  },
} as const satisfies Record<string, Refused['refused']>;

/** An HTTP request as it was sent, or a part of an event stream with its head; line ends may be LF alone. */
export const codecs: readonly Codec[] = [{ name: 'http', isText: true, explain, frames }];

function explain(bytes: Uint8Array): Explained {
  const message = messageOf(bytes);
  if (message === undefined) return { refused: refusals.noHead };
  const { request, headers, body } = message;
  const fields: CodecField[] = [];
  if (request) {
    fields.push({ name: 'method', value: request.method }, { name: 'path', value: request.path });
    if (request.query !== '') fields.push({ name: 'query', value: request.query });
  }
  for (const [name, value] of headers) if (name !== 'authorization') fields.push({ name, value });
  return { fields: [...fields, { name: 'body', value: `${body.length} B` }] };
}

function frames(profile: Profile, bytes: Uint8Array): { readonly bodies: readonly FrameBody[] } | Refused {
  const message = messageOf(bytes);
  if (message === undefined) return { refused: refusals.noHead };
  const way = wayOf(profile, message);
  if (way === undefined) return { refused: refusals.noRoute };
  if (way.form === null) return { bodies: [{ kind: 'alive' }] };
  const parts = bodiesOf(message);
  if (parts === undefined) return { refused: refusals.unread };
  const reads = parts.map(({ type, charset, body }) => readBody(body, { form: way.form, type, charset }));
  const read = reads.flatMap((each) => ('messages' in each ? each.messages : []));
  if (reads.some((each) => 'unread' in each)) return { refused: refusals.unread };
  const isHeartbeat = compileConditions(httpEventOf(profile).heartbeat);
  const bodies = read.map((fields): FrameBody =>
    isHeartbeat(fields) ? { kind: 'alive' } : { kind: 'fields', channel: way.channel, fields },
  );
  return { bodies: bodies.length > 0 ? bodies : [{ kind: 'alive' }] };
}

type Form = NonNullable<ReturnType<typeof meaningOf>['transport']['stream']>['form'];

/** Which channel it belongs to, and how its body is read; null: not at all. */
function wayOf(profile: Profile, { request }: Message): { channel: string; form: Form } | { form: null } | undefined {
  const { stream } = meaningOf(profile).transport;
  if (request === null) return stream && { channel: stream.channel, form: stream.form };
  const device = { id: 'codec', profile, address: HttpEventAddress.parse({}) };
  const route = new Routes([device]).match(request.method, request.path, new URLSearchParams(request.query))[0]?.route;
  if (route === undefined) return undefined;
  return route.request.is === 'event' ? { channel: route.name, form: route.request.form } : { form: null };
}

function messageOf(bytes: Uint8Array): Message | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = /\r?\n\r?\n/.exec(buffer.toString('latin1', 0, limits.headBytes));
  const whole = found === null ? buffer.toString('latin1', 0, limits.headBytes) : buffer.toString('latin1', 0, found.index);
  const lines = whole.split('\n').map((line) => line.replace(/\r$/, ''));
  const asked = /^(GET|POST|PUT) (\/[^ ?]*)\??(\S*) HTTP\/1\.[01]$/.exec(lines[0] ?? '');
  const headers = new Map<string, string>();
  for (const line of asked ? lines.slice(1) : lines) {
    const header = /^([A-Za-z][A-Za-z0-9-]{0,63}):\s*(.*)$/.exec(line);
    if (!header && !line.startsWith('--')) return undefined;
    if (header) headers.set((header[1] ?? '').toLowerCase(), (header[2] ?? '').trim());
  }
  if (!asked && headers.size === 0) return undefined;
  const [, method = '', path = '', query = ''] = asked ?? [];
  const body = found === null ? Buffer.alloc(0) : buffer.subarray(found.index + found[0].length);
  return { request: asked ? { method, path, query } : null, headers, body };
}

/** Undefined: the body says that it has parts, and has none. */
function bodiesOf({ headers, body }: Message): { type: string; charset: string; body: Uint8Array }[] | undefined {
  const contentType = headers.get('content-type') ?? '';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (!type.startsWith('multipart/')) return [{ type, charset: parameterOf(contentType, 'charset') ?? '', body }];
  const reader = new MultipartReader(parameterOf(contentType, 'boundary') ?? null, (head) =>
    head.type.startsWith('image/') ? 0 : limits.textBytes,
  );
  try {
    return reader.push(body).flatMap(({ head, body: own }) => (own === null ? [] : [{ ...head, body: own }]));
  } catch (error) {
    if (error instanceof MultipartError) return undefined;
    throw error;
  }
}
