import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { confirmByOther } from './fixture-api.ts';
import { summaryOf } from './fixture-incidents.ts';
import type { FixtureServer } from './fixture-server.ts';
import { longWallStates } from './long-states.ts';
import { crowd, killStream, type ScreenState } from './states.ts';

const wall = { path: '/wall/', as: 'wall' } as const;

function endAll(server: FixtureServer, which: (detail: IncidentDetail) => boolean): void {
  const { details } = server.world;
  for (const [id, detail] of details) if (which(detail)) details.set(id, { ...detail, ...summaryOf(detail), state: 'closed' });
  // The wall's reading holds what is open, as the cloud's does.
  for (const [id, detail] of details) if (detail.state === 'closed') details.delete(id);
}

const withoutFire = (server: FixtureServer) => endAll(server, ({ severity }) => severity === 'critical');
const calling = (server: FixtureServer) => void (server.world.calling = true);

export function allWell(server: FixtureServer): void {
  endAll(server, () => true);
  server.world.devices = server.world.devices.map((one) => ({ ...one, availability: 'online', activeAlarms: 0, worst: null }));
  server.world.gateways = server.world.gateways.map((one) => ({ ...one, state: 'online' }));
}

/** The wall in every state. Its canvas is its own: one picture at the size of each of the three usual walls. */
export const wallStates: ScreenState[] = [
  ...longWallStates,
  { ...wall, name: 'wall-takeover', ready: '.takeover.unconfirmed' },
  {
    ...wall,
    name: 'wall-takeover-confirmed',
    given: (server) => confirmByOther(server.world, 'i-fire'),
    ready: '.takeover:not(.unconfirmed)',
  },
  { ...wall, name: 'wall-takeover-calling', given: calling, ready: '.call-tile' },
  { ...wall, name: 'wall-incidents', given: withoutFire, ready: '.queue-rows' },
  {
    ...wall,
    name: 'wall-calling',
    given: (server) => {
      withoutFire(server);
      calling(server);
    },
    ready: '.call-tile',
  },
  { ...wall, name: 'wall-calm', given: allWell, ready: '.calm' },
  { ...wall, name: 'wall-crowd', given: crowd, ready: '.takeover' },
  { ...wall, name: 'wall-stale', ready: '.wall-stale', act: killStream },
  { ...wall, name: 'wall-failed', given: (server) => void (server.faults.refuse = { '/api/wall': 500 }), ready: '.panel-state' },
  {
    ...wall,
    name: 'wall-forbidden',
    given: (server) => void (server.faults.refuse = { '/api/wall': 404 }),
    ready: '.panel-state',
  },
  { ...wall, name: 'wall-loading', given: (server) => void server.faults.stall.push('/api/wall'), ready: '[aria-busy]' },
];
