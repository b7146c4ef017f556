import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { testAlarmId } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, entryOf } from '../access.ts';
import { alarmParams, nothing } from '../bodies.ts';
import { found, Refusal } from '../problem.ts';
import type { WebOptions } from '../server.ts';

/** 告警试验: the screen of somebody on duty says that it shows an installer's test alarm, and the gateway hears of it. */
export function alarmTestRoutes(instance: FastifyInstance, { records, witness }: WebOptions): void {
  instance.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    url: '/api/alarms/:id/shown',
    config: { access: { roles: ['dispatcher'] } },
    schema: { params: alarmParams, body: z.strictObject({}), response: { 204: nothing, '4xx': Problem } },
    handler: async (request, reply) => {
      const alarm = found(await records.alarm(entryOf(request).scope, request.params.id));
      if (alarm.alarm !== testAlarmId) throw new Refusal('not-found');
      witness(alarm, 'shown', actorOf(request).name);
      return reply.code(204).send(null);
    },
  });
}
