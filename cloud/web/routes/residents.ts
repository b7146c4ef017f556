import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ReportKind, ReportPlace } from '@yihu/device-profiles/vocabulary/resident.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { answerStyle } from '../answer-page.ts';
import { photoOf } from '../photo-body.ts';
import { addForms, goTo, html, linkDoor, show } from '../link-pages.ts';
import { Refusal } from '../problem.ts';
import {
  homePage,
  noticeReadPage,
  pathOf,
  type Reading,
  reportedPage,
  reportPage,
  type ReportTyped,
  residentProblem,
  residentStyle,
  sosAskPage,
  sosPage,
} from '../resident-page.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

/** What stands around a photo in a form. */
const envelopeBytes = 16 * 1024;

const pages = { 200: html, 404: html, '4xx': Problem };
const moves = { 303: z.string(), 404: html, '4xx': Problem };
const token = z.string().max(64);
const homeParams = z.strictObject({ token });
const partParams = z.strictObject({ token, id: AnyId });
/** Unknown words in a link somebody passed on must not keep anybody from help. */
const Query = z.object({ lang: z.string().max(8).optional(), large: z.string().max(8).optional() });
const Place = z.strictObject({
  lon: z.number().min(-180).max(180),
  lat: z.number().min(-90).max(90),
  accuracyM: z.number().min(0).max(100_000),
});
const Report = z.object({ kind: ReportKind, place: ReportPlace, text: safeText(300), key: Key });

const pageScript = readFileSync(new URL('../resident-page.js', import.meta.url), 'utf8');

/**
 * 住户页面. Public: the link is the key, signed for one home, until it is replaced. It shows what this home itself sent and what
 * it is told, and nobody's name. A call for help never waits for a limit.
 */
export function residentRoutes(instance: FastifyInstance, { residents, clock }: WebOptions): void {
  addForms(instance);
  instance.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: limits.wholePhotoBytes + envelopeBytes },
    (_request, body, done) => done(null, body),
  );
  const { config, holdBack, isOurs } = linkDoor(clock, (key) => residents.isToken(key));
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const notOurs = (request: FastifyRequest, reply: FastifyReply) => show(reply.code(404), residentProblem(readingOf(request)));

  for (const [url, type, body] of [
    ['/h/style.css', 'text/css', answerStyle + residentStyle],
    ['/h/page.js', 'text/javascript', pageScript],
  ] as const)
    app.route({
      method: 'GET',
      url,
      config: { access: 'public' },
      schema: { response: { 200: { content: { [type]: { schema: z.string() } } }, '4xx': Problem } },
      handler: async (_request, reply) =>
        reply.type(`${type}; charset=utf-8`).header('cache-control', 'public, max-age=3600').serializer(String).send(body),
    });

  app.route({
    method: 'GET',
    url: '/h/:token',
    config,
    schema: { params: homeParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const home = await residents.view(request.params.token);
      if (home === null) return notOurs(request, reply);
      holdBack(reply, request.params.token);
      return show(reply, homePage(readingOf(request), home, { sos: randomUUID() }));
    },
  });

  app.route({
    method: 'GET',
    url: '/h/:token/report',
    config,
    schema: { params: homeParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const home = await residents.view(request.params.token);
      if (home === null) return notOurs(request, reply);
      holdBack(reply, request.params.token);
      return show(reply, reportPage(readingOf(request), home.label, randomUUID()));
    },
  });

  let uploads = 0;
  app.route({
    method: 'POST',
    url: '/h/:token/report',
    config,
    bodyLimit: limits.wholePhotoBytes + envelopeBytes,
    // Before a byte of it is read: nobody without a link makes us hold a photo, and only so many are held at once.
    onRequest: async (request, reply) => {
      if (!isOurs(request)) throw new Refusal('not-found');
      if (uploads >= limits.uploadsAtOnce) {
        void reply.header('retry-after', '5');
        throw new Refusal('too-many');
      }
      uploads += 1;
      reply.raw.once('close', () => (uploads -= 1));
    },
    schema: {
      description: 'multipart/form-data: kind, place, text, key, photo (JPEG, 12 MB at most).',
      params: homeParams,
      querystring: Query,
      response: { ...moves, 200: html, 422: html },
    },
    handler: async (request, reply) => {
      const reading = readingOf(request);
      holdBack(reply, reading.token);
      const form = await formOf(request);
      const again = async (problem: ReportTyped['problem']) => {
        const home = await residents.view(reading.token);
        if (home === null) return notOurs(request, reply);
        const typed = { kind: form.kind, place: form.place, text: form.text, problem };
        return show(reply.code(422), reportPage(reading, home.label, randomUUID(), typed));
      };
      const said = Report.safeParse(form);
      if (!said.success) return again('noText');
      const picture = pictureOf(form.photo);
      if (picture === 'bad') return again('badPhoto');
      const made = await residents.report(reading.token, { ...said.data, picture });
      if (made === null) return notOurs(request, reply);
      if (made.number === null) return again('tooMany');
      return goTo(reply, pathOf(reading, `/reports/${made.number}`));
    },
  });

  app.route({
    method: 'GET',
    url: '/h/:token/reports/:id',
    config,
    schema: { params: partParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const home = await residents.view(request.params.token);
      const report = home?.reports.find(({ number }) => number === request.params.id);
      if (!home || report === undefined) return notOurs(request, reply);
      holdBack(reply, request.params.token);
      return show(reply, reportedPage(readingOf(request), home.label, report));
    },
  });

  app.route({
    method: 'GET',
    url: '/h/:token/notices/:id',
    config,
    schema: { params: partParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const home = await residents.view(request.params.token);
      const notice = home?.notices.find(({ id }) => id === request.params.id);
      if (notice === undefined) return notOurs(request, reply);
      holdBack(reply, request.params.token);
      return show(reply, noticeReadPage(readingOf(request), notice));
    },
  });

  app.route({
    method: 'POST',
    url: '/h/:token/notices/:id',
    config,
    schema: { params: partParams, querystring: Query, response: moves },
    handler: async (request, reply) => {
      const { token: link, id } = request.params;
      if (!isOurs(request)) return notOurs(request, reply);
      holdBack(reply, link);
      if ((await residents.receive(link, id)) !== true) return notOurs(request, reply);
      return goTo(reply, pathOf(readingOf(request), `/notices/${id}`));
    },
  });

  app.route({
    method: 'GET',
    url: '/h/:token/sos',
    config,
    schema: { params: homeParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const home = await residents.view(request.params.token);
      if (home === null) return notOurs(request, reply);
      return show(reply, sosAskPage(readingOf(request), home.label, randomUUID()));
    },
  });

  app.route({
    method: 'POST',
    url: '/h/:token/sos',
    config,
    schema: { params: homeParams, querystring: Query, body: z.strictObject({ key: Key }), response: moves },
    handler: async (request, reply) => {
      const id = await residents.pressSos(request.params.token, request.body.key);
      if (id === null) return notOurs(request, reply);
      return goTo(reply, pathOf(readingOf(request), `/sos/${id}`));
    },
  });

  app.route({
    method: 'GET',
    url: '/h/:token/sos/:id',
    config,
    schema: { params: partParams, querystring: Query, response: pages },
    handler: async (request, reply) => {
      const found = await residents.sos(request.params.token, request.params.id);
      if (!found?.sos) return notOurs(request, reply);
      return show(reply, sosPage(readingOf(request), found.label, found.sos, clock.now()));
    },
  });

  app.route({
    method: 'POST',
    url: '/h/:token/sos/:id/undo',
    config,
    schema: { params: partParams, querystring: Query, response: moves },
    handler: async (request, reply) => {
      const { token: link, id } = request.params;
      if ((await residents.takeBackSos(link, id)) === null) return notOurs(request, reply);
      return goTo(reply, pathOf(readingOf(request), `/sos/${id}`));
    },
  });

  app.route({
    method: 'POST',
    url: '/h/:token/sos/:id/place',
    config,
    schema: {
      params: partParams,
      querystring: Query,
      body: Place,
      response: { 200: z.strictObject({ kept: z.literal(true) }), '4xx': Problem },
    },
    handler: async (request) => {
      const { token: link, id } = request.params;
      if ((await residents.placeSos(link, id, request.body)) !== true) throw new Refusal('not-found');
      return { kept: true as const };
    },
  });
}

function readingOf(request: FastifyRequest): Reading {
  const { token: link } = request.params as { token: string };
  const { lang, large } = request.query as z.infer<typeof Query>;
  return { token: link, language: lang === 'en' ? 'en' : 'zh', large: large === 'yes' };
}

interface ReportForm {
  readonly kind?: string;
  readonly place?: string;
  readonly text?: string;
  readonly key?: string;
  readonly photo?: Buffer;
}

/** The fields of a form as text, and its photo as bytes; a form that cannot be read has none. */
async function formOf(request: FastifyRequest): Promise<ReportForm> {
  if (!Buffer.isBuffer(request.body)) return {};
  const type = request.headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(request.body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => null);
  const word = (name: string) => {
    const value = form?.get(name);
    return typeof value === 'string' ? { [name]: value } : {};
  };
  const photo = form?.get('photo');
  const bytes = photo !== null && typeof photo === 'object' ? Buffer.from(await photo.arrayBuffer()) : undefined;
  return {
    ...word('kind'),
    ...word('place'),
    ...word('text'),
    ...word('key'),
    ...(bytes === undefined || bytes.length === 0 ? {} : { photo: bytes }),
  };
}

/** Null where none was sent. */
function pictureOf(photo: Buffer | undefined): Buffer | null | 'bad' {
  if (photo === undefined) return null;
  try {
    return photoOf(photo, limits.wholePhotoBytes);
  } catch (error) {
    if (error instanceof Refusal) return 'bad';
    throw error;
  }
}
