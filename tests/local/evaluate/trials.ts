import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../support/random.ts';
import { REPOSITORY } from '../../support/run-start.ts';

/** The file of a real trial, in `shared/data` beside the repository or in the folder that ZHIHUI_DATA names. */
export const HILLSTROM = join(
  process.env.ZHIHUI_DATA ?? join(REPOSITORY, '../shared/data'),
  'hillstrom',
  'hillstrom.csv',
);
export const hasHillstrom = existsSync(HILLSTROM);

export type MadeTrial = {
  rows: number;
  seed: number;
  /** The share of rows in the control arm. */
  control?: number;
  /** By how much the treatment raises the probability of buying in segment b; it changes nothing for the others. */
  effect: number;
};

/**
 * A made-up trial with what real trials have: quoted texts with a comma, missing ages, ids, arms named by texts, an amount that
 * is known only after the outcome, and a flag that only the treated can have.
 */
export const madeTrial = ({ rows, seed, control = 0.5, effect }: MadeTrial): string => {
  const random = seededRandom(seed);
  const lines = ['id,segment,age,visits,arm,bought,amount,opened'];
  for (let i = 0; i < rows; i++) {
    const segment = random() < 0.3 ? 'b' : 'a';
    const age = random() < 0.1 ? '' : String(18 + Math.floor(60 * random()));
    const visits = Math.floor(10 * random() ** 2);
    const isTreated = random() >= control;
    const bought = random() < 0.1 + 0.02 * visits + (isTreated && segment === 'b' ? effect : 0) ? 1 : 0;
    const amount = bought === 1 ? (5 + 20 * random()).toFixed(2) : '0';
    const opened = isTreated && random() < 0.3 ? 1 : 0;
    lines.push(
      `${i + 1},"${segment}, kind",${age},${visits},${isTreated ? 'mail' : 'none'},${bought},${amount},${opened}`,
    );
  }
  return `${lines.join('\n')}\n`;
};

/** The gain for each thousand made-up members if the best 30 % are treated; treating a random 30 % gains 0.3 of that. */
export const bestPer1000 = (effect: number): number => 1_000 * 0.3 * effect;
