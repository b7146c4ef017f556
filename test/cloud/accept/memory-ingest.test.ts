import { createMemoryIngest } from '../../../cloud/accept/memory-ingest.ts';
import { ingestSuite } from './ingest.suite.ts';

ingestSuite('memory', async () => {
  const ingest = createMemoryIngest();
  return {
    ingest,
    gateway: 'gw-1',
    stored: async (gateway, epoch, lane) => ingest.stored(gateway, epoch, lane),
    conflicts: async (gateway) => ingest.conflicts(gateway),
    close: async () => undefined,
  };
});
