import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { AreaPost, GridNotice, Post, postKind } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { gridNotice, photoType } from '../../registry/notice.ts';
import { actorOf, entryOf } from '../access.ts';
import { areaValue } from '../area-outcome.ts';
import { flag, idParams } from '../bodies.ts';
import { noticePage, noticeStyle } from '../notice-page.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, everybody } from '../roles.ts';
import { AnyId, Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';
import { areaParams } from './areas.ts';

const time = z.number().int().nonnegative();
const Phone = z.string().regex(/^\+?[0-9][0-9 -]{2,19}$/, 'must be a telephone number');
/** A JPEG or PNG in base64. */
const Photo = z.base64().max(Math.ceil(limits.photoBytes / 3) * 4);

const holder = {
  name: safeText(40),
  phone: Phone.nullable(),
  photo: Photo.nullable(),
  user: AnyId.nullable(),
  fromAt: time,
  untilAt: time.nullable(),
};
const NewPost = z.strictObject({
  area: AreaPath,
  post: Post,
  name: holder.name,
  phone: holder.phone.default(null),
  photo: holder.photo.default(null),
  user: holder.user.default(null),
  fromAt: holder.fromAt.optional(),
  untilAt: holder.untilAt.default(null),
  key: Key,
});
const PostPatch = z.strictObject({ version: z.number().int().positive(), ...z.strictObject(holder).partial().shape });

function photoFrom(text: string): Buffer {
  const photo = Buffer.from(text, 'base64');
  if (photoType(photo) !== null) return photo;
  throw new Refusal('bad-request', { issues: [{ path: '/photo', message: 'must be a JPEG or PNG' }] });
}

function checkTerm(fromAt: number | undefined, untilAt: number | null | undefined): void {
  if (fromAt === undefined || untilAt == null || fromAt < untilAt) return;
  throw new Refusal('bad-request', { issues: [{ path: '/untilAt', message: 'must be after fromAt' }] });
}

export function postRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { areas, clock } = options;

  app.route({
    method: 'GET',
    url: '/api/areas/:path/posts',
    config: { access: { roles: everybody } },
    schema: {
      params: areaParams,
      querystring: z.strictObject({ all: flag.optional() }),
      response: { 200: z.array(AreaPost), '4xx': Problem },
    },
    handler: async (request) => {
      const { scope } = entryOf(request);
      found(await areas.page(scope, request.params.path));
      return [...(await areas.posts(scope, request.params.path, request.query.all === true))];
    },
  });

  app.route({
    method: 'POST',
    url: '/api/posts',
    config: { access: { roles: administrators } },
    schema: { body: NewPost, response: { 201: AreaPost, '4xx': Problem } },
    handler: async (request, reply) => {
      const { key, photo, fromAt = clock.now(), ...post } = request.body;
      const { scope } = entryOf(request);
      const { area } = found(await areas.page(scope, post.area));
      if (!postKind(post.post).on.includes(area.kind)) {
        throw new Refusal('bad-request', { issues: [{ path: '/post', message: `is not held on a ${area.kind}` }] });
      }
      checkTerm(fromAt, post.untilAt);
      const made = { ...post, id: `post-${uuidv7()}`, fromAt, photo: photo === null ? null : photoFrom(photo) };
      const value = areaValue(await areas.addPost(scope, actorOf(request), made, key));
      request.note['post'] = value.id;
      return reply.code(201).send(value);
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/posts/:id',
    config: { access: { roles: administrators } },
    schema: { params: idParams, body: PostPatch, response: { 200: AreaPost, '4xx': Problem } },
    handler: async (request) => {
      const { version, photo, ...change } = request.body;
      request.note['changed'] = Object.keys(request.body)
        .filter((name) => name !== 'version')
        .join(',');
      checkTerm(change.fromAt, change.untilAt);
      const picture = photo === undefined ? {} : { photo: photo === null ? null : photoFrom(photo) };
      return areaValue(await areas.changePost(entryOf(request).scope, request.params.id, version, { ...change, ...picture }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/areas/:path/notice',
    config: { access: { roles: everybody } },
    schema: { params: areaParams, response: { 200: GridNotice, '4xx': Problem } },
    handler: async (request) => {
      const at = clock.now();
      return gridNotice(found(await areas.notice(entryOf(request).scope, request.params.path, at)), at);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/areas/:path/notice.html',
    config: { access: { roles: everybody } },
    schema: {
      params: areaParams,
      querystring: z.strictObject({ paper: z.enum(['a4', 'a3']).default('a4') }),
      response: { 200: { content: { 'text/html': { schema: z.string() } } }, '4xx': Problem },
    },
    handler: async (request, reply) => {
      const at = clock.now();
      const notice = gridNotice(found(await areas.notice(entryOf(request).scope, request.params.path, at)), at);
      const page = noticePage(notice, request.query.paper);
      return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').serializer(String).send(page);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/notice.css',
    config: { access: { roles: everybody } },
    schema: { response: { 200: { content: { 'text/css': { schema: z.string() } } }, '4xx': Problem } },
    handler: async (_request, reply) => reply.type('text/css; charset=utf-8').serializer(String).send(noticeStyle),
  });
}
