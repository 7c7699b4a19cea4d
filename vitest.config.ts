import { defineConfig } from 'vitest/config';

const SIM_TIMEOUT_MS = 300_000;

/** One project a tier, chosen by a test's suffix; `npx vitest run --project unit` runs one of them. */
const tier = (name: string, testTimeout: number, parallel: boolean) => ({
  test: {
    name,
    include: [`tests/**/*.${name}.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: parallel,
    setupFiles: ['tests/support/bounded-shrinking.ts'],
  },
});

export default defineConfig({
  test: {
    projects: [
      tier('unit', 20_000, true),
      tier('property', 60_000, true),
      tier('sim', SIM_TIMEOUT_MS, true),
      tier('e2e', SIM_TIMEOUT_MS, false),
    ],
  },
});
