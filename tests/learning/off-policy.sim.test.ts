import { describe, expect, it } from 'vitest';
import { coverageOf, simulateLog } from './decision-logs.ts';

const LOGS = 400;
/** If the true coverage is 95 %, 400 logs show less than 92 % about four times in 1,000. */
const LEAST = 0.92;

const logsOf = (decisions: number, exploration: number) =>
  Array.from({ length: LOGS }, (_, i) => simulateLog(100_000 + i, decisions, exploration));

describe('off-policy intervals on simulated logs', () => {
  it.each([
    [5_000, 0.2],
    [2_000, 0.3],
    [1_000, 1],
  ])(
    'contain the true value in more than 92 % of the logs, and almost no log has a warning: %i decisions, %f explored',
    (decisions, exploration) => {
      const coverage = coverageOf(logsOf(decisions, exploration));
      expect(coverage.flagged).toBeLessThan(0.02);
      expect(coverage.snips).toBeGreaterThan(LEAST);
      expect(coverage.doublyRobust).toBeGreaterThan(LEAST);
    },
  );

  it('that often miss the true value, because few decisions are explored, all have warnings', () => {
    const coverage = coverageOf(logsOf(500, 0.02));
    expect(coverage.snips).toBeLessThan(0.85);
    expect(coverage.flagged).toBe(1);
  });
});
