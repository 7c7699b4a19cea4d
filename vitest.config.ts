import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SIM_TIMEOUT_MS = 300_000;

/** Modules keep no state, so files of these tiers share what they have imported and compiled. That saves a third of their CPU time. */
const SHARED = ['unit', 'property', 'sim'];

/** One project for each tier, chosen by the suffix of a test file; `npx vitest run --project unit` runs one of them. */
const tier = (name: string, testTimeout: number, isAlone = false) => ({
  test: {
    name,
    include: [`tests/**/*.${name}.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: !isAlone,
    isolate: !SHARED.includes(name),
    sequence: { groupOrder: isAlone ? 1 : 0 },
    setupFiles: ['tests/support/bounded-shrinking.ts'],
  },
});

export default defineConfig({
  test: {
    // One more than there are cores: tests of real processes spend a third of their time waiting.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', './tests/support/skip-reporter.ts'],
    projects: [
      tier('unit', 20_000),
      tier('property', 60_000),
      tier('sim', SIM_TIMEOUT_MS),
      tier('e2e', SIM_TIMEOUT_MS),
      // Tests that measure real seconds run last, and alone on the machine.
      tier('alone', SIM_TIMEOUT_MS, true),
      // What takes long. `npm test` leaves it to `npm run test:long`, which runs every night.
      tier('long', SIM_TIMEOUT_MS),
    ],
  },
});
