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

/**
 * Prints at the end of a run which tests were skipped; their names contain the reason. Prints nothing if tests were chosen by
 * name.
 */
export default class SkipReporter implements Reporter {
  #isChosen = false;

  onInit(vitest: Vitest): void {
    this.#isChosen = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#isChosen) return;
    const lines = modules.flatMap((module) =>
      skippedOf(module).map((name) => `  ${module.relativeModuleId}: ${name}`),
    );
    if (lines.length > 0) process.stdout.write(`skipped, and why:\n${lines.sort().join('\n')}\n`);
  }
}
