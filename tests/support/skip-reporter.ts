import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** The names of what was skipped: a test's own suite, if all of it was skipped, or else the test. */
const skippedOf = (module: TestModule): string[] => {
  const names = new Set<string>();
  for (const test of module.children.allTests()) {
    const suite = test.parent.type === 'suite' ? test.parent : undefined;
    const isWhole = suite?.state() === 'skipped';
    if (test.result().state === 'skipped') names.add(isWhole ? suite.fullName : test.fullName);
  }
  return [...names];
};

const LEAVES_OUT_LONG = '!long';

/**
 * Prints at the end of a run which tests were skipped (their names contain the reason), and whether the long tests were left out.
 * Prints nothing if tests were chosen by name.
 */
export default class SkipReporter implements Reporter {
  #isChosen = false;
  #hasLong = true;

  onInit(vitest: Vitest): void {
    this.#isChosen = vitest.config.testNamePattern !== undefined;
    this.#hasLong = !vitest.config.project.includes(LEAVES_OUT_LONG);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#isChosen) return;
    const lines = modules.flatMap((module) =>
      skippedOf(module).map((name) => `  ${module.relativeModuleId}: ${name}`),
    );
    if (lines.length > 0) process.stdout.write(`skipped, and why:\n${lines.sort().join('\n')}\n`);
    if (!this.#hasLong) process.stdout.write('not run: the long tests, which npm run test:long runs\n');
  }
}
