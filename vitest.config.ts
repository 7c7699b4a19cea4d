import { defineConfig } from 'vitest/config';

const SIM_TIMEOUT_MS = 300_000;

/** One project for each tier, chosen by a test's suffix; `npx vitest run --project unit` runs one of them. */
const tier = (name: string, testTimeout: number, isAlone = false) => ({
  test: {
    name,
    include: [`tests/**/*.${name}.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: !isAlone,
    sequence: { groupOrder: isAlone ? 1 : 0 },
    setupFiles: ['tests/support/bounded-shrinking.ts'],
  },
});

export default defineConfig({
  test: {
    // Every core: by default one is left free, which on two cores means one file at a time.
    maxWorkers: '100%',
    reporters: ['default', './tests/support/skip-reporter.ts'],
    projects: [
      tier('unit', 20_000),
      tier('property', 60_000),
      tier('sim', SIM_TIMEOUT_MS),
      tier('e2e', SIM_TIMEOUT_MS),
      // Tests that measure real seconds run last, and alone on the machine.
      tier('alone', SIM_TIMEOUT_MS, true),
    ],
  },
});
