import { Alarm, AlarmMove, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { Problem, type Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { testAlarmId } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actorOf, actsAs, entryOf, scopeWithin } from '../access.ts';
import { AlarmConflict, alarmParams, flag, pageBody, pageOf, paging } from '../bodies.ts';
import { given } from '../given.ts';
import { isFirstAnswer, valueOf } from '../outcome.ts';
import { found, Refusal } from '../problem.ts';
import { alarmMovers, watchers } from '../roles.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const AlarmMoveBody = z.strictObject({
  move: AlarmMove,
  version: z.number().int().nonnegative(),
  reason: safeText(500).optional(),
  /** ack, shelve, out-of-service: its end, ms since 1970 UTC. */
  until: z.number().int().optional(),
  /** shelve: until it clears, where that is earlier. */
  once: z.boolean().optional(),
  /** judge */
  disposition: Disposition.optional(),
  key: Key,
});

/** Who makes which move; whoever sends help decides what people must hear of. */
const moveRoles: Record<AlarmMove, readonly Role[]> = {
  ack: ['dispatcher'],
  unack: ['dispatcher'],
  reset: ['dispatcher'],
  judge: ['dispatcher', 'property'],
  shelve: ['dispatcher', 'property'],
  unshelve: ['dispatcher', 'property'],
  'out-of-service': ['property', 'installer'],
  'in-service': ['property', 'installer'],
};

export function alarmRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records, witness } = options;

  app.route({
    method: 'GET',
    url: '/api/alarms',
    config: { access: { roles: watchers, scope: 'alarms:read' } },
    schema: {
      querystring: z.strictObject({
        active: flag.optional(),
        open: flag.optional(),
        shelved: flag.optional(),
        /** `gateway/device`, or a device id alone. */
        device: z.string().max(130).optional(),
        area: z.string().max(300).optional(),
        ...paging,
      }),
      response: { 200: pageOf(Alarm), '4xx': Problem },
    },
    handler: async (request) => {
      const { area, device, ...rest } = request.query;
      const [gateway, id] = device?.includes('/') ? device.split('/', 2) : [undefined, device];
      return pageBody(await records.listAlarms(scopeWithin(request, area), given({ ...rest, gateway, device: id })));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/alarms/:id/moves',
    config: { access: { roles: alarmMovers }, lifeSafety: isFirstAnswer },
    schema: { params: alarmParams, body: AlarmMoveBody, response: { 200: Alarm, 409: AlarmConflict, '4xx': Problem } },
    handler: async (request) => {
      const { id } = request.params;
      const { scope } = entryOf(request);
      request.note['move'] = request.body.move;
      const alarm = found(await records.alarm(scope, id));
      if (!actsAs(request, moveRoles[request.body.move], alarm.area)) throw new Refusal('not-yours');
      const moved = valueOf(await records.moveAlarm(scope, actorOf(request), id, request.body));
      if (request.body.move === 'ack' && alarm.alarm === testAlarmId) witness(alarm, 'answered', actorOf(request).name);
      return moved;
    },
  });
}
