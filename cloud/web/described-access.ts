import type { SwaggerTransform } from '@fastify/swagger';
import type { Access } from '../registry/rights.ts';

/** How one comes in, for the description: the browser's session, or an API key. */
export const securitySchemes = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-yihu',
    description: 'Of `POST /api/session`; over plain HTTP its name is `yihu-plain`. Commands carry `x-csrf-token` besides.',
  },
  key: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (`POST /api/keys`), where a route lists the scope it needs; every other route refuses keys.',
  },
} as const;

/** Says on each route who may come in: the same declaration that the guard enforces. */
export function describeAccess(transform: SwaggerTransform): SwaggerTransform {
  return (given) => {
    const done = transform(given);
    const access = given.route.config?.access;
    if (typeof access !== 'object') return done;
    return { ...done, schema: { ...done.schema, ...described(access, done.schema.description) } };
  };
}

function described({ roles, scope }: Exclude<Access, string>, said: string | undefined) {
  const who = `Roles: ${[...roles].sort().join(', ')}.${scope === undefined ? '' : ` API keys with the scope \`${scope}\`.`}`;
  return {
    description: said === undefined ? who : `${said}\n\n${who}`,
    security: [{ session: [] }, ...(scope === undefined ? [] : [{ key: [scope] }])],
  };
}
