import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Listens on a socket and starts nothing until a test asks for a database.
    globalSetup: ['test/cloud/shared-servers.ts'],
    testTimeout: 90_000,
    hookTimeout: 240_000,
    // What is waited for comes when it comes; the usual second is a race on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Tests of wires and of time go wrong where more run than there are cores.
    maxWorkers: 2,
  },
});
