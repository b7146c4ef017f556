import { same } from '../harness/expect.ts';
import type { Part } from '../harness/words.ts';

/** 网关: it dies, keeps what its devices say, and comes back. */
export const part: Part = {
  steps: {
    'gateway dies': (town) => void (town.gatewayUp = false),
    'gateway returns': async (town) => {
      town.gatewayUp = true;
      await town.round();
      await town.handOver();
    },
    'expect gateway <state>': async (town, { state }) => {
      const gateways = await town.records.listGateways(town.scope);
      same('gateway', gateways.find(({ id }) => id === town.gateway)?.state, state);
    },
    'expect gateway alarm with <count> devices unknown': async (town, { count }) => {
      const { items } = await town.records.listIncidents(town.scope, { open: true });
      same('children', items.find(({ hazard }) => hazard === 'communication')?.childCount, count);
      same('unknown', (await town.records.deviceCounts(town.scope)).unknown, count);
    },
  },
};
