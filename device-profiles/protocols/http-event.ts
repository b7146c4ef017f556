import { z } from 'zod';
import { checkIdentity, checkMessages, Identity } from '../library/check-messages.ts';
import type { Protocol } from '../library/protocol.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** A device that posts its events to the gateway over HTTP. */
export const HttpEventTransport = z.strictObject({
  protocol: z.literal('http-event'),
  identity: Identity,
  listen: z.string().startsWith('/'),
  accept: z.array(z.enum(['application/json', 'application/xml', 'multipart/form-data'])).min(1),
  reply: z
    .strictObject({ status: z.number().int(), type: z.string().optional(), body: z.string().optional() })
    .prefault({ status: 200 }),
});
export type HttpEventTransport = z.output<typeof HttpEventTransport>;

/** @throws for a profile of another protocol. */
export function httpEventOf(profile: Profile): HttpEventTransport {
  if (profile.transport.protocol !== 'http-event') throw new Error(`profile ${profile.id} is not an HTTP event profile`);
  return profile.transport as HttpEventTransport;
}

export const protocol: Protocol<HttpEventTransport> = {
  name: 'http-event',
  transport: HttpEventTransport,
  values: 'messages',
  isPolled: false,
  check: (profile, { identity, listen }) => [
    ...checkIdentity(identity),
    ...(listen.includes(`{${identity.name}}`)
      ? []
      : [
          {
            path: ['transport', 'listen'],
            zh: `地址里缺少 {${identity.name}}。`,
            en: `{${identity.name}} is missing in the address.`,
          },
        ]),
    ...checkMessages(profile),
  ],
  texts: ({ identity }) => [{ path: ['transport', 'identity', 'label'], text: identity.label }],
};
