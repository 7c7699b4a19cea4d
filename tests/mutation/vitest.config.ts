import { defineConfig } from 'vitest/config';
import { AREAS } from './areas.ts';

const { judges = [] } = AREAS.find(({ name }) => name === process.env.MUTATION_AREA) ?? {};

/** The unit and property tests that judge the area that the environment names. */
export default defineConfig({
  test: {
    include: judges.flatMap((judge) =>
      judge.endsWith('.ts') ? [`tests/${judge}`] : [`tests/${judge}/**/*.{unit,property}.test.ts`],
    ),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['tests/support/bounded-shrinking.ts', 'tests/mutation/same-cases.ts'],
    // With isolation, each test file would load everything anew: half a second of CPU, most of what a mutant costs.
    isolate: false,
    fsModuleCache: true,
  },
});
