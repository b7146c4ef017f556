import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Listens on a socket and starts nothing until a test asks for a database.
    globalSetup: ['test/cloud/shared-servers.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One more than the two cores it is made for: many tests wait for a program or a wire.
    maxWorkers: 3,
  },
});
