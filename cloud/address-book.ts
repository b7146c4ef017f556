import type { Kysely } from 'kysely';
import type { AddressBook } from './delivering.ts';
import type { Recipient } from './notify/action.ts';
import type { Channels } from './notify/channels.ts';
import { userAddresses } from './records/addresses.ts';
import { whoKey } from './records/deliveries.ts';
import type { Tables } from './records/tables.ts';

/** Where each kind of recipient is reached: staff by their contacts, a target by what its channel's settings name. */
export function addressBook(db: Kysely<Tables>, channels: Channels): AddressBook {
  return async (who, reach) => {
    const found = new Map<string, readonly Recipient[]>();
    for (const { kind, id } of who) {
      if (reach === 'group') found.set(whoKey(kind, id), [{ address: '', name: '' }]);
      else if (kind === 'target') {
        const test = channels.all.get(id)?.test;
        if (test) found.set(whoKey(kind, id), [test]);
      }
    }
    if (reach === 'group') return found;
    const users = await userAddresses(
      db,
      who.filter(({ kind }) => kind === 'user').map(({ id }) => id),
      reach,
    );
    for (const [id, addresses] of users) found.set(whoKey('user', id), addresses);
    return found;
  };
}
