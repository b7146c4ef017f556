import { roles, type Role } from '@yihu/device-profiles/vocabulary/view.ts';

/** Who may do what, by the screen's words. The golden matrix in `test/authz` is made from the routes that use these. */
/** Whoever has an account, also those who only send warnings in, and a wall. */
export const anyone: readonly Role[] = roles;

/** Every person's role. A programme only sends warnings in; a wall looks at what is made for a wall, and at nothing else. */
export const everybody: readonly Role[] = roles.filter((role) => role !== 'warner' && role !== 'wall');

/** 预警发布单位: the weather service, the fire brigade. They send in, and see nothing. */
export const warners: readonly Role[] = ['warner'];

/** Who may look at what a wall shows: the wall's own account, and those who see more than that anyhow. */
export const wallWatchers: readonly Role[] = ['admin', 'dispatcher', 'property', 'auditor', 'wall'];

/** Who hears the event stream; a wall hears what `mask.ts` leaves of it. */
export const streamHearers: readonly Role[] = ['admin', 'dispatcher', 'property', 'grid-worker', 'auditor', 'wall'];

/** Who watches alarms and incidents. */
export const watchers: readonly Role[] = ['admin', 'dispatcher', 'property', 'grid-worker', 'auditor'];

/** Who moves incidents and their steps. A grid worker moves only those it was sent to. */
export const movers: readonly Role[] = ['dispatcher', 'grid-worker'];

/** Who moves an alarm; which move is whose, `routes/alarms.ts` says. Acknowledging is the dispatcher's alone. */
export const alarmMovers: readonly Role[] = ['dispatcher', 'property', 'installer'];

export const noteTakers: readonly Role[] = ['dispatcher', 'property', 'grid-worker'];
export const managers: readonly Role[] = ['admin', 'dispatcher', 'property', 'auditor'];
export const equippers: readonly Role[] = ['admin', 'installer'];
export const deviceWatchers: readonly Role[] = ['admin', 'dispatcher', 'property', 'installer', 'auditor'];
export const administrators: readonly Role[] = ['admin'];
export const auditors: readonly Role[] = ['admin', 'auditor'];

/** Who can be sent somewhere, and so says whether they are on duty. */
export const dutyRoles: readonly Role[] = ['dispatcher', 'property', 'grid-worker'];

/** Who sends people and looks at what they did. */
export const senders: readonly Role[] = ['dispatcher', 'property'];

/** Who has a message that failed sent again; an auditor only looks. */
export const resenders: readonly Role[] = ['admin', 'dispatcher', 'property'];

/** Who sits at the desk. */
export const deskHands: readonly Role[] = ['dispatcher'];

/** Who sees whether the desk is manned: who asks, and who is asked. */
export const postWatchers: readonly Role[] = ['admin', 'auditor', 'dispatcher'];

/** Who sees the tasks of an area; those who carry them out see their own. */
export const taskWatchers: readonly Role[] = ['admin', 'dispatcher', 'property', 'auditor'];

/** Who may ask the registry of people, houses and organisations; what is masked for whom, the registry says. */
export const peopleReaders: readonly Role[] = ['admin', 'dispatcher', 'property', 'grid-worker'];

/** Who keeps it: those who meet the people. */
export const peopleKeepers: readonly Role[] = ['property', 'grid-worker'];

/** Who takes in tables, brings doubles together, and hands out or deletes what is known of somebody. */
export const registrars: readonly Role[] = ['admin', 'property'];

/** Who may look behind a mask with a reason; a dispatcher only for an open incident. */
export const revealers: readonly Role[] = ['dispatcher', 'property', 'grid-worker'];

/** Who goes to those who need help day by day. */
export const carers: readonly Role[] = ['grid-worker'];

/** Who sees the people an open incident reaches. */
export const incidentHelpers: readonly Role[] = ['dispatcher', 'grid-worker'];

/** Who needs a responder's number to call it. */
export const callers: readonly Role[] = ['admin', 'dispatcher'];

/** Who looks into a home through a camera in it: those who send help or bring it, while help is needed. */
export const homeWatchers: readonly Role[] = ['dispatcher', 'grid-worker'];

/** Who announces work, so that its alarms wake nobody; and ends it. */
export const planners: readonly Role[] = ['dispatcher', 'property'];

/** Who calls residents, and who may be the second to say yes. */
export const callMakers: readonly Role[] = ['dispatcher'];
export const callMovers: readonly Role[] = ['admin', 'dispatcher'];

/** Who looks for those who have not answered. */
export const callSeekers: readonly Role[] = ['dispatcher', 'grid-worker'];

/** Who looks at photos taken on the spot; those of homes and incidents are none of the property manager's. */
export const photoWatchers: readonly Role[] = ['dispatcher', 'property', 'grid-worker'];

/** Who sees plans of buildings: everybody at work there. Who draws them: those who put devices in their places. */
export const planWatchers: readonly Role[] = [...everybody, 'wall'];
export const planKeepers: readonly Role[] = ['admin', 'property', 'installer'];

/** Who moves the limits of rules; where lives hang on one, `equippers` alone. */
export const ruleKeepers: readonly Role[] = ['admin', 'property', 'installer'];
