import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { ActionContext, Channel, Message, Receipt, ReceiptCall, Received, Recipient, Reply, Sent } from './action.ts';
import { type HttpAnswer, sentOfFailure, sentOfStatus } from './http-client.ts';
import { jsonOf } from './json-of.ts';

/**
 * A provider spoken to over HTTP, described as data: what to ask, how to tell yes from no, which codes are worth another
 * try, how its receipts and replies look. SMS and voice share it; a new provider is a section of the channels file.
 */
const Path = z.array(z.union([z.string().min(1).max(64), z.number().int().min(0).max(1_000)])).max(8);
const code = z.union([z.string(), z.number(), z.boolean()]);

const Listen = z.strictObject({
  /** Where the list of reports stands in the provider's call; empty: the call is one report. */
  list: Path.default([]),
  id: Path,
  /** Receipts: where the state stands, and what it may be. */
  state: Path.optional(),
  delivered: z.array(code).default([]),
  read: z.array(code).default([]),
  failed: z.array(code).default([]),
  /** Replies: who sent it, and what. */
  from: Path.optional(),
  text: Path.optional(),
});

export const ProviderSettings = z.strictObject({
  request: z.strictObject({
    url: z.string().regex(/^https?:\/\//),
    method: z.enum(['POST', 'GET', 'PUT']).default('POST'),
    headers: z.record(z.string(), z.string()).default({}),
    /** `{phone} {number} {text} {title} {link} {id} {secret}`, escaped by the content type. `{number}` has no +86 in front. */
    body: z.string().max(8_000).optional(),
  }),
  /** Its content stands for `{secret}`. */
  secretFile: z.string().optional(),
  /** What the answer's body says where it was taken; without it a 2xx is enough. */
  success: z.strictObject({ path: Path, equals: code }).optional(),
  codePath: Path.optional(),
  /** Codes that will be another tomorrow: rate limits, a busy line. All others are final. */
  tryAgain: z.array(code).default([]),
  idPath: Path.optional(),
  /** The provider calls `/api/receipts/<channel>?token=…`: what it says there. The token's SHA-256 is kept, in hex. */
  receipts: z
    .strictObject({
      tokenFile: z.string(),
      format: z.enum(['json', 'form']).default('json'),
      receipt: Listen.optional(),
      reply: Listen.optional(),
      answer: z
        .strictObject({ type: z.string().default('application/json'), body: z.string().default('{"code":0}') })
        .prefault({}),
    })
    .optional(),
});
export type ProviderSettings = z.output<typeof ProviderSettings>;

export function openProvider(settings: ProviderSettings, { http, secret }: ActionContext): Channel {
  const own = settings.secretFile === undefined ? '' : secret(settings.secretFile);
  const token = settings.receipts === undefined ? undefined : digest(secret(settings.receipts.tokenFile));
  return {
    async send(message, to) {
      const answer = await http.request(requestOf(settings, { message, to, secret: own }));
      return 'failed' in answer ? sentOfFailure(answer) : judge(settings, answer);
    },
    ...(settings.receipts === undefined || token === undefined ? {} : { receive: listener(settings.receipts, token) }),
    close: () => Promise.resolve(),
  };
}

interface Filling {
  readonly message: Message;
  readonly to: Recipient;
  readonly secret: string;
}

function requestOf({ request: { url, method, headers, body } }: ProviderSettings, filling: Filling) {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/json';
  const escapeBody = type.includes('json') ? inJson : type.includes('urlencoded') ? encodeURIComponent : (text: string) => text;
  return {
    url: fill(url, filling, encodeURIComponent),
    method,
    headers: {
      'content-type': type,
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, filling, inHeader)])),
    },
    ...(body === undefined ? {} : { body: fill(body, filling, escapeBody) }),
  };
}

function fill(template: string, { message, to, secret }: Filling, escape: (text: string) => string): string {
  const values: Readonly<Record<string, string>> = {
    phone: to.address,
    number: to.address.replace(/^\+86/, ''),
    text: message.link === undefined ? message.text : `${message.text} ${message.link}`,
    title: message.title,
    link: message.link ?? '',
    id: message.id,
    secret,
  };
  return template.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : escape(value);
  });
}

/** Stands between the quotes of the template. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inHeader(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e]/g, '?');
}

function judge({ success, codePath, tryAgain, idPath, receipts }: ProviderSettings, answer: HttpAnswer): Sent {
  const byStatus = sentOfStatus(answer);
  const body = jsonOf(answer.body);
  const said = codePath === undefined ? undefined : follow(body, codePath);
  const isTaken = byStatus === undefined && (success === undefined || follow(body, success.path) === success.equals);
  if (isTaken) {
    const id = idPath === undefined ? undefined : follow(body, idPath);
    const providerId = typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 128) : undefined;
    return { state: 'accepted', providerId, receipt: receipts?.receipt !== undefined && providerId !== undefined };
  }
  if (byStatus?.state === 'try-again') return byStatus;
  const known = wordOf(said) ?? (byStatus?.state === 'never' ? byStatus.code : 'refused');
  const reason = { zh: `服务商拒绝（${known}）`, en: `The provider refuses it (${known})` };
  const again = tryAgain.some((each) => each === said);
  return { state: again ? 'try-again' : 'never', code: known, reason };
}

function listener(
  { format, receipt, reply, answer }: NonNullable<ProviderSettings['receipts']>,
  token: Buffer,
): (call: ReceiptCall) => Received | { refused: string } {
  return ({ query, body }) => {
    if (!timingSafeEqual(digest(query['token'] ?? ''), token)) return { refused: 'token' };
    const said = format === 'form' ? Object.fromEntries(new URLSearchParams(body)) : jsonOf(body);
    if (said === undefined) return { refused: 'body' };
    return {
      receipts: receipt === undefined ? [] : listed(said, receipt.list).flatMap((each) => receiptOf(each, receipt)),
      replies: reply === undefined ? [] : listed(said, reply.list).flatMap((each) => replyOf(each, reply)),
      answer: { status: 200, ...answer },
    };
  };
}

/** So many reports in one call, at most. */
const mostReports = 1_000;

function listed(said: unknown, path: z.output<typeof Path>): unknown[] {
  const found = follow(said, path);
  return (Array.isArray(found) ? found : [found]).slice(0, mostReports);
}

function receiptOf(report: unknown, { id, state, delivered, read, failed }: z.output<typeof Listen>): Receipt[] {
  const providerId = wordOf(follow(report, id));
  const said = state === undefined ? undefined : follow(report, state);
  const has = (list: readonly (string | number | boolean)[]) => list.some((each) => each === said);
  const became = has(delivered) ? 'delivered' : has(read) ? 'read' : has(failed) ? 'failed' : undefined;
  if (providerId === undefined || became === undefined) return [];
  return [{ providerId, state: became, ...(became === 'failed' && { code: wordOf(said) }) }];
}

function replyOf(report: unknown, { id, from = [], text = [] }: z.output<typeof Listen>): Reply[] {
  const [providerId, sender, words] = [wordOf(follow(report, id)), wordOf(follow(report, from)), wordOf(follow(report, text))];
  if (providerId === undefined || sender === undefined || words === undefined) return [];
  return [{ providerId, from: e164(sender), text: words.slice(0, 500) }];
}

/** Chinese mobile numbers as people and providers write them; everything else is left as it came. */
function e164(number: string): string {
  const digits = number.replaceAll(/[\s-]/g, '');
  if (digits.startsWith('+')) return digits;
  if (/^1\d{10}$/.test(digits)) return `+86${digits}`;
  return /^(0086|86)1\d{10}$/.test(digits) ? `+86${digits.slice(-11)}` : digits;
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).slice(0, 512)
    : undefined;
}

function follow(value: unknown, path: z.output<typeof Path>): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
