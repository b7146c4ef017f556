import { sql } from 'kysely';
import { areaReport } from './area-report.ts';
import { moveAlarm, listAlarms, readAlarm } from './alarms.ts';
import type { Desk } from './commands.ts';
import { deviceRules } from './device-rules.ts';
import { deviceDetail, listDevices } from './devices.ts';
import { falseAlarms } from './false-alarms.ts';
import { selectFloods } from './flood.ts';
import { selectGateways } from './gateway-rows.ts';
import { history } from './history.ts';
import { addNote, moveIncident, stepMove } from './incident-moves.ts';
import { listIncidents, readIncident } from './incidents.ts';
import { endWindow, listWindows, planWindow } from './maintenance.ts';
import { deviceCounts, overview, snapshot } from './overview.ts';
import type { Records } from './records.ts';
import { conservation, listAreas, putArea, putGateway, revokeGateway } from './registry.ts';
import { responders } from './responders.ts';
import { within } from './scope.ts';
import { readPicture } from './snapshot-pictures.ts';
import { latestStreamId, streamAfter } from './stream.ts';
import { sweepBeat, sweepRuns } from './sweeper.ts';
import type { StreamBell } from './wake.ts';
import { wall } from './wall.ts';

/** The records over one database. */
export function openRecords(desk: Desk, bell: StreamBell): Records {
  const { db } = desk.database;
  return {
    snapshot: (scope) => snapshot(desk, scope),
    deviceCounts: (scope) => deviceCounts(db, scope),
    overview: (scope) => overview(desk, scope),
    wall: (scope) => wall(desk, scope),
    listIncidents: (scope, filter) => listIncidents(desk, scope, filter),
    incidentDetail: (scope, id) => readIncident(desk, db, scope, id),
    moveIncident: (scope, actor, id, command) => moveIncident(desk, scope, actor, id, command),
    addNote: (scope, actor, id, note) => addNote(desk, scope, actor, id, note),
    stepMove: (scope, actor, id, step, command) => stepMove(desk, scope, actor, id, step, command),
    listAlarms: (scope, filter) => listAlarms(desk, scope, filter),
    alarm: (scope, id) => readAlarm(desk, db, scope, id),
    moveAlarm: (scope, actor, id, command) => moveAlarm(desk, scope, actor, id, command),
    listWindows: (scope, filter) => listWindows(desk, scope, filter),
    planWindow: (actor, asked) => planWindow(desk, actor, asked),
    endWindow: (scope, actor, id) => endWindow(desk, scope, actor, id),
    falseAlarms: (scope, filter) => falseAlarms(desk, scope, filter),
    areaReport: (scope, span) => areaReport(desk, scope, span),
    floods: (scope, since) => selectFloods(db, sql`${within('f.area', scope)} and coalesce(f.ended_at, ${since}) >= ${since}`),
    sweepRuns: (limit) => sweepRuns(db, limit),
    sweepBeat: () => sweepBeat(db),
    picture: (scope, id) => readPicture(db, scope, id),
    listDevices: (scope, filter) => listDevices(desk, scope, filter),
    deviceDetail: (scope, key) => deviceDetail(desk, scope, key),
    deviceRules: (scope, key) => deviceRules(desk, scope, key),
    history: (scope, key, point, span) => history(desk, scope, key, point, span),
    listAreas: (scope) => listAreas(db, scope),
    listGateways: (scope) => selectGateways(db, within('g.area', scope)),
    conservation: (scope) => conservation(db, scope),
    responders: (scope) => responders(db, scope),
    streamAfter: (scope, id, limit) => streamAfter(db, scope, id, limit),
    latestStreamId: () => latestStreamId(db),
    onStream: (wake) => bell.listen(wake),
    putArea: (area) => putArea(db, area),
    putGateway: (gateway) => putGateway(db, gateway),
    revokeGateway: (id) => revokeGateway(db, id),
  };
}
