import type { CapEntry, Geocode } from '@yihu/device-profiles/vocabulary/cap.ts';
import { readCap } from '../cap/read.ts';
import type { CapProblem } from '../cap/tree.ts';
import { listGeocodes, setGeocodes } from './cap-areas.ts';
import { type CapTaken, receiveCap } from './cap-in.ts';
import { capDocument, capFeed, type CapOfIncident, capOfIncident, type CapSender, listCap } from './cap-out.ts';
import type { Desk } from './commands.ts';
import type { Actor, Scope } from './records.ts';

/** 预警互通: warnings in and out by CAP 1.2, and the codes others know our areas by. */
export interface CapDesk {
  /** `problems`: it is no CAP 1.2 document, with every place that is wrong. */
  receive(scope: Scope, actor: Actor, document: string): Promise<CapTaken | { readonly problems: readonly CapProblem[] }>;
  ofIncident(scope: Scope, id: string): Promise<CapOfIncident | null>;
  feed(scope: Scope, base: string): Promise<string>;
  list(scope: Scope): Promise<CapEntry[]>;
  document(scope: Scope, identifier: string): Promise<string | null>;
  geocodes(scope: Scope, area: string): Promise<Geocode[] | null>;
  setGeocodes(scope: Scope, area: string, codes: readonly Geocode[]): Promise<Geocode[] | null | { readonly taken: Geocode }>;
}

export function openCapDesk(desk: Desk, from: CapSender): CapDesk {
  const { db } = desk.database;
  return {
    receive: async (scope, actor, document) => {
      const read = readCap(document);
      return 'problems' in read ? read : receiveCap(desk, scope, actor, read.message, document);
    },
    ofIncident: (scope, id) => capOfIncident(desk, from, scope, id),
    feed: (scope, base) => capFeed(desk, from, scope, base),
    list: (scope) => listCap(db, scope),
    document: (scope, identifier) => capDocument(db, scope, identifier),
    geocodes: (scope, area) => listGeocodes(db, scope, area),
    setGeocodes: (scope, area, codes) => setGeocodes(db, scope, area, codes),
  };
}
