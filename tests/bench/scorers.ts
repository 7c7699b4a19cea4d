/**
 * How many rows one core scores in a second, with a model of 300 trees of depth 6 unless the arguments say otherwise:
 * `npm run node -- tests/bench/scorers.ts [trees] [depth]`. Processor time is counted, so other work on the machine makes no
 * difference.
 */
import { loadScorer } from '#domain/learning/load-scorer.ts';
import { randomForest } from '../learning/forests.ts';
import { seededRandom } from '../support/random.ts';

const [trees = 300, depth = 6] = process.argv.slice(2).map(Number);
const FEATURES = 24;
const ROWS = 1_000;
const SECONDS = 3;

const scorer = loadScorer(
  randomForest(1, { trees, depth, features: FEATURES, objective: 'binary:logistic', baseScore: '[5E-1]' }),
);
const random = seededRandom(2);
const rows = Array.from({ length: ROWS }, () =>
  Float32Array.from({ length: FEATURES }, () => 2 * random() - 1),
);

const round = (): number => rows.reduce((sum, row) => sum + scorer.score(row), 0);
round();
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const startedMs = cpuMs();
let rounds = 0;
let checksum = 0;
while (cpuMs() - startedMs < SECONDS * 1_000) {
  checksum += round();
  rounds += 1;
}
const seconds = (cpuMs() - startedMs) / 1_000;
console.log(
  `${Math.round((rounds * ROWS) / seconds).toLocaleString('en')} scorings a second, ` +
    `${trees} trees of depth ${depth}, mean score ${(checksum / rounds / ROWS).toFixed(4)}`,
);
