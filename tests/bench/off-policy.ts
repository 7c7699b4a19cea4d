/**
 * Whether the intervals of `npm run offpolicy` are reliable: `npm run node -- tests/bench/off-policy.ts [logs]` (default 1,000
 * logs of each kind). A kind is a number of decisions and the share of them that explores. `flagged` is the share of logs that
 * the command says not to rely on. `ips`, `snips` and `doublyRobust` are the shares of the other logs whose interval by that
 * estimator holds the truth, and `flagged: snips` and `flagged: doublyRobust` are the same shares of the flagged logs.
 */
import { coverageOf, simulateLog } from '../learning/decision-logs.ts';

const [logs = 1_000] = process.argv.slice(2).map(Number);
const KINDS = [
  [5_000, 0.5],
  [5_000, 0.2],
  [2_000, 0.3],
  [2_000, 0.1],
  [1_000, 1],
  [1_000, 0.1],
  [500, 0.5],
  [500, 0.1],
  [500, 0.02],
  [200, 0.02],
  [2_000, 0.004],
] as const;

console.table(
  KINDS.map(([decisions, exploration], kind) => {
    const all = Array.from({ length: logs }, (_, i) =>
      simulateLog(1 + i + kind * 1_000_000, decisions, exploration),
    );
    const trusted = all.filter(({ result }) => result.warnings.length === 0);
    const distrusted = all.filter(({ result }) => result.warnings.length > 0);
    const percent = (share: number) => (Number.isNaN(share) ? '' : `${(100 * share).toFixed(1)} %`);
    const [of, without] = [coverageOf(trusted), coverageOf(distrusted)];
    return {
      decisions,
      exploration,
      flagged: percent(distrusted.length / all.length),
      ips: percent(of.ips),
      snips: percent(of.snips),
      doublyRobust: percent(of.doublyRobust),
      'flagged: snips': percent(without.snips),
      'flagged: doublyRobust': percent(without.doublyRobust),
    };
  }),
);
