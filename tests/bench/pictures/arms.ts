/** The number of members that an arm needs, and how soon it is noticed that members are missing from an arm. */
import { boundary, TUNED_EVENTS } from '#domain/experiment/boundary.ts';
import { membersNeeded } from '#domain/experiment/members-needed.ts';
import { normalQuantile } from '#domain/experiment/normal-quantile.ts';
import { HOPED_LIFT } from '#domain/experiment/readout.ts';
import { MISMATCH_P_VALUE, sampleRatioPValue } from '#domain/experiment/sample-ratio.ts';
import { seededRandom } from '../../support/random.ts';
import { COLORS, counted, type Drawn, Plot, type Point, percent, pictureOf, steps } from './plot.ts';

const CONFIDENCE = 0.95;
const POWER = 0.8;
const SHARES = [0.7, 0.15, 0.15];
const UP_TO = [0.7, 0.85, 1];
const MEMBERS = 60_000;
const EVERY_MEMBERS = 500;
const SOUND_SEEDS = [1, 2, 3, 4, 5, 6];
/** This share of the engine's members is never counted. */
const LOST_SHARE = 0.1;
const LOST_SEED = 7;
const LISTED_RATES = [0.01, 0.1];
const LEAST_P = 1e-5;

const neededAt = (baseRate: number, criticalValue: number): number =>
  membersNeeded({ baseRate, lift: HOPED_LIFT, power: POWER }, criticalValue);
const ONE_LOOK = normalQuantile((1 + CONFIDENCE) / 2);
const ANY_LOOK = boundary(TUNED_EVENTS, CONFIDENCE);

/** The p-value after each further group of members is counted. */
const pValues = (seed: number, lostShare: number): Point[] => {
  const random = seededRandom(seed);
  const counts = SHARES.map(() => 0);
  const points: Point[] = [[0, 1]];
  for (let member = 1; member <= MEMBERS; member++) {
    const position = random();
    const arm = UP_TO.findIndex((end) => position < end);
    if (arm !== 0 || random() >= lostShare) counts[arm]!++;
    if (member % EVERY_MEMBERS !== 0) continue;
    points.push([member, sampleRatioPValue(SHARES.map((share, i) => ({ share, count: counts[i]! })))]);
  }
  return points;
};

export const drawArms = (): Drawn => {
  const rates = steps(-2.3, -0.5, 0.05).map((power) => 10 ** power);
  const needed = new Plot(
    {
      title: 'Members that an arm needs',
      note: `for +${HOPED_LIFT * 100} % with ${percent(POWER, 0)} power, a coupon for each`,
      x: {
        name: 'share that converts without the lift',
        low: 10 ** -2.3,
        high: 10 ** -0.5,
        isLog: true,
        marks: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].map((at) => [at, `${at * 100} %`]),
      },
      y: {
        name: 'members in each of two arms',
        low: 1_000,
        high: 500_000,
        isLog: true,
        marks: [1_000, 10_000, 100_000].map((at) => [at, counted(at)]),
      },
    },
    'left',
  )
    .line(
      rates.map((rate): Point => [rate, neededAt(rate, ONE_LOOK)]),
      { color: COLORS.orange },
    )
    .line(
      rates.map((rate): Point => [rate, neededAt(rate, ANY_LOOK)]),
      { color: COLORS.blue },
    )
    .text([0.03, 90_000], 'for looking at any time', COLORS.blue)
    .text([0.03, 8_000], 'for one look', COLORS.orange, 'end');
  const lost = pValues(LOST_SEED, LOST_SHARE);
  const sound = SOUND_SEEDS.map((seed) => pValues(seed, 0));
  const clipped = (points: readonly Point[]): Point[] => {
    const end = points.findIndex(([, p]) => p < LEAST_P);
    return end === -1 ? [...points] : points.slice(0, end);
  };
  const ratio = new Plot(
    {
      title: 'Are members in the arms as assigned?',
      note: `70, 15 and 15 %; one count loses ${percent(LOST_SHARE, 0)} of the first arm`,
      x: {
        name: 'members counted',
        low: 0,
        high: MEMBERS,
        marks: steps(0, MEMBERS, 20_000).map((at) => [at, counted(at)]),
      },
      y: {
        name: 'p-value at each look',
        low: LEAST_P,
        high: 1,
        isLog: true,
        marks: ['1', '0.1', '0.01', '0.001', '0.0001', '0.00001'].map((text, i) => [10 ** -i, text]),
      },
    },
    'right',
  );
  for (const points of sound) ratio.line(clipped(points), { color: COLORS.green, width: 1.2 });
  ratio
    .line(
      [
        [0, MISMATCH_P_VALUE],
        [MEMBERS, MISMATCH_P_VALUE],
      ],
      { color: COLORS.grey, width: 1.2, dash: '4 3' },
    )
    .line(clipped(lost), { color: COLORS.orange })
    .text([MEMBERS, 0.0014], 'warning below this line', COLORS.grey, 'end')
    .text([30_500, 3e-5], 'a count that loses members', COLORS.orange)
    .text([MEMBERS, 0.12], 'six sound counts', COLORS.green, 'end');
  const noticed = lost.find(([, p]) => p < MISMATCH_P_VALUE);
  const least = Math.min(...sound.flat().map(([, p]) => p));
  return {
    svg: pictureOf('How many members an experiment needs, and whether they are where they belong', [
      needed,
      ratio,
    ]),
    figures: [
      `members an arm, with a coupon each, for +${HOPED_LIFT * 100} % with ${percent(POWER, 0)} power:`,
      ...LISTED_RATES.map(
        (rate) =>
          `  where ${percent(rate, 0)} convert: ${counted(neededAt(rate, ONE_LOOK))} for one look, ${counted(neededAt(rate, ANY_LOOK))} for any`,
      ),
      `sample ratio: six sound counts of ${counted(MEMBERS)} members are never below p = ${least.toFixed(2)};`,
      `  one that loses ${percent(LOST_SHARE, 0)} of an arm is below ${MISMATCH_P_VALUE} after ${counted(noticed?.[0] ?? Number.NaN)}`,
    ],
  };
};
