import { readdir, readFile } from 'node:fs/promises';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { decide } from './accept/decide.ts';
import { endAck, endService, endShelf, suppress, unsuppress } from './alarm/cause.ts';
import { communityOf, floodGroups, floodLimits, isFlood, isGrouped } from './alarm/flood.ts';
import { isQuiet, withIsa } from './alarm/isa.ts';
import { causeOf, covers, refuseWindow } from './alarm/maintenance.ts';
import { applyMove } from './alarm/move.ts';
import { applyTransition } from './alarm/transition.ts';
import { absorbRaise, findIncident, groupKey, openIncident, touched } from './incident/group.ts';
import { applyIncidentMove, movesOf } from './incident/move.ts';
import { choosePlan, forceOf, moveStep, parsePlan, type Plan, startPlan } from './incident/plan.ts';
import { emptyChain, linkLine } from './incident/timeline.ts';
import { afterReceipt, noReceipt } from './notify/delivery.ts';
import { chainFor, decideStep, nextRound } from './notify/escalate.ts';
import { audienceOf, incidentMessage, livesMs } from './notify/incident-message.ts';
import { taskMessage } from './notify/task-message.ts';
import type { ChannelsFile } from './notify/channels.ts';
import type { ErrandTokens } from './task/link.ts';
import type { Rules } from './records/rules.ts';
import { registerDevice } from './registry/devices.ts';

/** The plans of `folder`, every one valid. @throws naming the first file that is not. */
export async function readPlans(folder = new URL('./incident/plans/', import.meta.url)): Promise<Plan[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(names.map(async (name) => parsePlan(await readFile(new URL(name, folder), 'utf8'), name)));
}

/** The pure stages as the records need them: here, and nowhere else, they meet. */
export function createRules(given: {
  plans: readonly Plan[];
  profiles: ReadonlyMap<string, Profile>;
  timeZone: string;
  /** Of the channels file; without them nobody is told by message. */
  ladders?: ChannelsFile['ladders'];
  publicUrl?: string | null;
  /** Signs the links by which tasks are accepted; without it whoever is asked signs in. */
  errands?: ErrandTokens | null;
}): Rules {
  const { timeZone, publicUrl = null, errands = null, ladders = { lifeSafety: [], other: [] } } = given;
  return {
    decide,
    alarm: {
      applyTransition,
      applyMove,
      endShelf,
      endAck,
      endService,
      suppress,
      unsuppress,
      covers,
      causeOf,
      refuseWindow,
      isQuiet,
      withIsa,
    },
    flood: { limits: floodLimits, communityOf, isGrouped, isFlood, groups: floodGroups },
    incident: {
      groupKey,
      findIncident,
      openIncident,
      absorbRaise,
      touched,
      applyIncidentMove,
      movesOf,
      moveStep,
      emptyChain,
      linkLine,
      planFor: (alarm, at) => {
        const plan = choosePlan(given.plans, alarm);
        return plan && { id: plan.id, version: plan.version, steps: startPlan(plan, at), force: plan.send };
      },
      forceOf,
      forceNow: (id) => given.plans.find((plan) => plan.id === id)?.send ?? [],
    },
    escalation: { chainFor, decideStep, nextRound },
    telling: {
      ladders,
      audienceOf,
      livesMs,
      incidentMessage: (incident, step, at) => incidentMessage(incident, step, at, { timeZone, publicUrl }),
      taskMessage: (task, at) => {
        const signErrand = errands === null ? null : (leg: string) => errands.sign(leg, at);
        return taskMessage(task, { timeZone, publicUrl, signErrand });
      },
      afterReceipt,
      noReceipt,
    },
    registerDevice,
    profiles: given.profiles,
    timeZone,
  };
}
