import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { changeCommand } from '../incident/command.ts';
import type { Desk } from './commands.ts';
import { onIncident, unknownPerson } from './incident-moves.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { responderName } from './responders.ts';

export interface CommandCommand {
  readonly version: number;
  readonly reason: string;
  /** Id of somebody the scope can send. */
  readonly commander?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly key: string;
}

/** Who commands an incident, or how grave it is, by a person's word. */
export function commandIncident(
  desk: Desk,
  scope: Scope,
  actor: Actor,
  id: string,
  { version, reason, commander: wanted, severity, key }: CommandCommand,
): Promise<Outcome<IncidentDetail>> {
  return onIncident(desk, { scope, actor, id, key, what: 'command' }, async ({ trx, work, incident, at }) => {
    const name = wanted === undefined ? null : await responderName(trx, scope, wanted);
    if (wanted !== undefined && name === null) return unknownPerson;
    const commander = wanted === undefined || name === null ? undefined : { id: wanted, name };
    const changed = changeCommand(incident, { by: actor, at, version, reason, commander, severity });
    if ('refused' in changed) return changed.refused;
    work.putIncident(changed.incident);
    for (const line of changed.lines) work.say(id, line);
    await work.flush();
    return null;
  });
}
