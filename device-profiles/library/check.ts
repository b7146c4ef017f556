import type { Profile } from '../vocabulary/profile.ts';
import { checkAlarms } from './check-alarms.ts';
import { checkAvailability } from './check-availability.ts';
import { checkChildren } from './check-children.ts';
import { checkCommands } from './check-commands.ts';
import { checkNames } from './check-names.ts';
import { checkParamRules } from './check-params.ts';
import { checkPoints } from './check-points.ts';
import { checkProbes } from './check-probes.ts';
import { checkVectors } from './check-vectors.ts';
import { isZone } from './zone.ts';
import { protocolOf } from './protocols.ts';
import type { Finding, ProblemPath } from './source.ts';

/** Everything about a profile that its schema cannot see. `expectedId` comes from the file's name. */
export function checkProfile(profile: Profile, expectedId: string): Finding[] {
  return [
    ...checkId(profile, expectedId),
    ...checkNames(profile),
    ...checkPoints(profile),
    ...protocolOf(profile).check(profile, profile.transport),
    ...checkAvailability(profile),
    ...checkAlarms(profile),
    ...checkCommands(profile),
    ...checkParamRules(profile),
    ...checkChildren(profile),
    ...checkProbes(profile),
    ...checkZones(profile),
    ...checkVectors(profile),
  ];
}

function checkId({ id }: Profile, expectedId: string): Finding[] {
  if (id === expectedId) return [];
  return [
    {
      path: ['id'],
      zh: `编号应与文件夹和文件名一致：${expectedId}。`,
      en: `The id must match folder and file name: ${expectedId}.`,
    },
  ];
}

function checkZones({ zone, time, decode }: Profile): Finding[] {
  const branches = Object.entries(decode).flatMap(([channel, list]) =>
    list.map((branch, index) => ({ branch, at: ['decode', channel, index] })),
  );
  const named: { path: ProblemPath; zone: string | undefined }[] = [
    { path: ['zone'], zone },
    { path: ['time', 'zone'], zone: time?.zone },
    ...branches.flatMap(({ branch, at }) =>
      [branch.each ?? []].flat().map((each) => ({ path: [...at, 'each', 'time', 'zone'], zone: each.time?.zone })),
    ),
  ];
  return named
    .filter((each) => each.zone !== undefined && !isZone(each.zone))
    .map(({ path, zone: unknown }) => ({
      path,
      zh: `没有时区 "${unknown}"；请写 +08:00 或 Asia/Shanghai 这样的名称。`,
      en: `There is no time zone "${unknown}"; write +08:00 or a name such as Asia/Shanghai.`,
    }));
}
