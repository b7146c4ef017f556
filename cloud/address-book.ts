import type { Kysely } from 'kysely';
import type { AddressBook } from './delivering.ts';
import type { Recipient } from './notify/action.ts';
import type { Channels } from './notify/channels.ts';
import { postAddresses, userAddresses } from './records/addresses.ts';
import { whoKey } from './records/deliveries.ts';
import type { Tables } from './records/tables.ts';
import { internationalPhone, type Reach } from './registry/reach.ts';

/**
 * Where each kind of recipient is reached: staff by their contacts, holders of a post by its telephone, people by what the
 * registry knows, a target by what its channel's settings name.
 */
export function addressBook(db: Kysely<Tables>, channels: Channels, people?: Reach): AddressBook {
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
    const ids = (wanted: string) => who.filter(({ kind }) => kind === wanted).map(({ id }) => id);
    for (const [id, addresses] of await userAddresses(db, ids('user'), reach)) found.set(whoKey('user', id), addresses);
    if (reach !== 'phone') return found;
    for (const [id, { name, phone }] of (await people?.(ids('person'))) ?? []) {
      const address = phone === null ? null : internationalPhone(phone);
      if (address !== null) found.set(whoKey('person', id), [{ address, name }]);
    }
    for (const { id, name, phone } of await postAddresses(db, ids('post'))) {
      const address = internationalPhone(phone.replaceAll(/[ -]/g, '').replace(/^\+86/, ''));
      if (address !== null) found.set(whoKey('post', id), [{ address, name }]);
    }
    return found;
  };
}
