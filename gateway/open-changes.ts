import { type ChangeState, Changes, type Planned, type Submitted } from './change/changes.ts';
import type { ChangeRequest } from './change/request.ts';
import type { TrustedClock } from './clock-trust.ts';
import type { LiveSite } from './live-site.ts';
import type { Pipeline } from './pipeline.ts';
import { type Catalog, checkSiteText, openCatalog } from './site.ts';
import type { Troubles } from './troubles.ts';

export interface ChangeParts {
  readonly pipeline: Pick<Pipeline, 'record'>;
  readonly troubles: Troubles;
}

/** Changes of the running site. */
export function openChanges(
  { clock, catalog }: { readonly clock: TrustedClock; readonly catalog?: Catalog },
  live: LiveSite,
  { pipeline, troubles }: ChangeParts,
): Changes {
  let known = catalog;
  return new Changes({
    clock,
    site: live.site,
    check: async (text) => checkSiteText(text, live.site().file, (known ??= await openCatalog())),
    take: (to, leaving) => live.take(to, leaving),
    forgetGone: () => live.forgetGone(),
    sight: () => live.sight(),
    readAnew: () => live.readAnew(),
    lastAlarm: () => live.lastAlarm(),
    record: (step) => pipeline.record([{ kind: 'change', ...clock.stamp(), ...step }], []),
    onTrouble: (zh, en, error) => troubles.add('change', zh, en, error),
  });
}

/** What may be changed of a running gateway, for the command line, the local page and the cloud alike. */
export interface SiteDoor {
  /** What another site file would change; nothing happens. */
  planChange(request: Pick<ChangeRequest, 'text'>): Promise<Planned>;
  /** Begins a change of the site; `changeState` tells how it goes on. */
  submitChange(request: ChangeRequest): Promise<Submitted>;
  /** The change under way, or the last one; null where there was none. */
  changeState(): ChangeState | null;
  /** Asks for the old site back while the new one is still being verified. False where nothing is. */
  undoChange(): boolean;
}

export function doorTo(changes: Changes): SiteDoor {
  return {
    planChange: (request) => changes.plan(request),
    submitChange: (request) => changes.submit(request),
    changeState: () => changes.state(),
    undoChange: () => changes.undo(),
  };
}
