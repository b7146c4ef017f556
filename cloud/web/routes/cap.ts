import { CapEntry, CapReceipt, Geocode } from '@yihu/device-profiles/vocabulary/cap.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, entryOf } from '../access.ts';
import { idParams } from '../bodies.ts';
import type { CapDesk } from '../needs.ts';
import { found, type ProblemCode, Refusal } from '../problem.ts';
import { administrators, managers, warners } from '../roles.ts';
import type { WebOptions } from '../server.ts';
import { areaParams } from './areas.ts';

const capType = 'application/cap+xml';
const document = (type: string) => ({
  200: { description: 'The document', content: { [type]: { schema: z.string() } } },
  '4xx': Problem,
});
/** The sender's own words, which may be any printable ones but blanks, commas, `<` and `&`. */
const identifierParams = z.strictObject({
  identifier: z.string().regex(/^[^\s,<&]{1,200}$/, 'must be the identifier of a message'),
});

/** Which problem a refusal is; what is not listed is a rule that says no: 422. */
const codes: Readonly<Record<string, ProblemCode>> = {
  'identifier-taken': 'already-there',
  'already-cancelled': 'wrong-state',
  'not-yours': 'not-yours',
};

/** Warnings in and out by the Common Alerting Protocol 1.2 (OASIS). */
export function capRoutes(instance: FastifyInstance, { cap, publicOrigin }: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const xml = (reply: FastifyReply, type: string, text: string) =>
    reply.type(`${type}; charset=utf-8`).serializer(String).send(text);

  app.route({
    method: 'GET',
    url: '/api/incidents/:id/cap',
    config: { access: { roles: managers }, audited: true },
    schema: { params: idParams, response: document(capType) },
    handler: async (request, reply) => {
      const told = found(await cap.ofIncident(entryOf(request).scope, request.params.id));
      if ('neverSent' in told) throw new Refusal('wrong-state', { named: 'never-sent', sentence: neverSent });
      return xml(reply, capType, told.document);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cap/feed',
    config: { access: { roles: managers, scope: 'warnings:read' }, audited: true },
    schema: { response: document('application/atom+xml') },
    handler: async (request, reply) => {
      const base = publicOrigin ?? `${request.protocol}://${request.host}`;
      return xml(reply, 'application/atom+xml', await cap.feed(entryOf(request).scope, base));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cap/messages/:identifier',
    config: { access: { roles: managers, scope: 'warnings:read' } },
    schema: { params: identifierParams, response: document(capType) },
    handler: async (request, reply) =>
      xml(reply, capType, found(await cap.document(entryOf(request).scope, request.params.identifier))),
  });

  app.route({
    method: 'GET',
    url: '/api/cap',
    config: { access: { roles: managers, scope: 'warnings:read' } },
    schema: { response: { 200: z.array(CapEntry), '4xx': Problem } },
    handler: async (request) => cap.list(entryOf(request).scope),
  });

  app.route({
    method: 'GET',
    url: '/api/areas/:path/geocodes',
    config: { access: { roles: administrators } },
    schema: { params: areaParams, response: { 200: z.array(Geocode), '4xx': Problem } },
    handler: async (request) => found(await cap.geocodes(entryOf(request).scope, request.params.path)),
  });

  app.route({
    method: 'PUT',
    url: '/api/areas/:path/geocodes',
    config: { access: { roles: administrators } },
    schema: {
      params: areaParams,
      body: z.strictObject({ codes: z.array(Geocode).max(50) }),
      response: { 200: z.array(Geocode), '4xx': Problem },
    },
    handler: async (request) => {
      const done = found(await cap.setGeocodes(entryOf(request).scope, request.params.path, request.body.codes));
      if (Array.isArray(done)) return done;
      const { scheme, code } = (done as { taken: Geocode }).taken;
      throw new Refusal('already-there', { issues: [{ path: '/codes', message: `${scheme} ${code} is another area's code` }] });
    },
  });

  void instance.register(async (inner) => comingIn(inner, cap));
}

const neverSent = {
  zh: '事件在对外通报前已结束，没有可撤销的消息。',
  en: 'The incident was over before anybody outside was told; there is nothing to take back.',
};

/** The one route that reads XML, in a place of its own so that no other route does. */
function comingIn(instance: FastifyInstance, cap: CapDesk): void {
  instance.removeAllContentTypeParsers();
  const types = ['application/cap+xml', 'application/xml', 'text/xml'];
  instance.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => {
    const text = textOf(Buffer.from(body));
    return text === null ? done(wrong([{ path: '/', message: 'is not UTF-8' }])) : done(null, text);
  });
  instance.addContentTypeParser('*', (_request, _payload, done) => done(new Refusal('media-type', { sentence: sendXml })));
  instance.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/api/cap',
    config: { access: { roles: warners }, lifeSafety: () => true },
    schema: {
      body: z.string(),
      consumes: types,
      response: { 200: CapReceipt, 201: CapReceipt, '4xx': Problem },
    },
    handler: async (request: FastifyRequest, reply) => {
      const done = await cap.receive(
        entryOf(request).scope,
        actorOf(request),
        typeof request.body === 'string' ? request.body : '',
      );
      if ('problems' in done) throw wrong([...done.problems]);
      if (!done.ok) {
        const { code, path, message } = done.refused;
        throw new Refusal(codes[code] ?? 'refused', {
          named: code,
          sentence: message,
          issues: [{ path, message: message.en ?? message.zh }],
        });
      }
      request.note['identifier'] = done.value.identifier.slice(0, 120);
      request.note['effect'] = done.value.effect;
      return reply.code(done.value.repeated ? 200 : 201).send(done.value);
    },
  });
}

const sendXml = { zh: '请用 application/cap+xml 发送 CAP 1.2 文档。', en: 'Send a CAP 1.2 document as application/cap+xml.' };

function wrong(issues: { path: string; message: string }[]): Refusal {
  const sentence = {
    zh: '不是有效的 CAP 1.2 文档，请看列出的位置。',
    en: 'This is not a valid CAP 1.2 document; see the places listed.',
  };
  return new Refusal('bad-request', { named: 'bad-cap', sentence, issues });
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no UTF-8; the sender is told so.
    return null;
  }
}
