/** How exact sketches are: distinct members by HyperLogLog, and a standard error from a sample of members. */
import { squaresOf } from '#domain/experiment/squares.ts';
import { contributionOf, HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import { memberHashOf } from '#domain/metrics/member-hash.ts';
import { MAX_SAMPLED_MEMBERS, MemberSample } from '#domain/metrics/rollup/member-sample.ts';
import { drawFen, normals } from '../../experiment/population.ts';
import { seededRandom } from '../../support/random.ts';
import { COLORS, counted, type Drawn, Plot, type Point, percent, pictureOf, steps } from './plot.ts';

const SKETCHES = 8;
const MOST_MEMBERS = 100_000;
/** Looks at a sketch while its number of members grows tenfold. */
const LOOKS_A_DECADE = 12;
const HIGHEST_ERROR = 0.02;
const REGISTERS = 2 ** 15;
const STANDARD_ERROR = 1.04 / Math.sqrt(REGISTERS);

const SAMPLES = 30;
const SAMPLED_OF = 8_000;
const MEAN_FEN = 20_000;
const MEMBER_SIGMA = 0.6;
/** The share of orders after which the member orders once more. */
const AGAIN_SHARE = 0.3;

const PLACES = [...new Set(steps(1, 5, 1 / LOOKS_A_DECADE).map((power) => Math.round(10 ** power)))];

/** The relative error of one sketch after each number of distinct members. */
const errorsOf = (sketch: number): Point[] => {
  const counts = new HyperLogLog();
  let members = 0;
  return PLACES.map((place): Point => {
    for (; members < place; members++) counts.add(contributionOf(`${sketch}/${members}`));
    return [place, counts.estimate() / place - 1];
  });
};

/** The standard errors of an arm's orders and net amount from a sample of its members, divided by those from all of them. */
const ratiosOf = (arm: number): Record<'orders' | 'netFen', number> => {
  const random = seededRandom(arm);
  const normal = normals(random);
  const sample = new MemberSample();
  const total = { orders: 0, netFen: 0 };
  const squares = { orders: 0, netFen: 0 };
  for (let member = 0; member < SAMPLED_OF; member++) {
    const hash = memberHashOf(`${arm}/${member}`);
    const meanFen = MEAN_FEN * Math.exp(MEMBER_SIGMA * normal());
    const sum = { orders: 0, netFen: 0 };
    do {
      const netFen = drawFen(meanFen, random, normal);
      sample.add(hash, { orders: 1, netFen });
      sum.orders++;
      sum.netFen += netFen;
    } while (random() < AGAIN_SHARE);
    for (const figure of ['orders', 'netFen'] as const) {
      total[figure] += sum[figure];
      squares[figure] += sum[figure] ** 2;
    }
  }
  const ratio = (figure: 'orders' | 'netFen'): number =>
    Math.sqrt(squaresOf(sample.members(), figure, total[figure])! / squares[figure]);
  return { orders: ratio('orders'), netFen: ratio('netFen') };
};

export const drawSketches = (): Drawn => {
  const sketches = Array.from({ length: SKETCHES }, (_, sketch) => errorsOf(sketch));
  const counting = new Plot(
    {
      title: 'Distinct members: the error of a sketch',
      note: `${SKETCHES} sketches of 2¹⁵ registers as members come`,
      x: {
        name: 'distinct members',
        low: 10,
        high: MOST_MEMBERS,
        isLog: true,
        marks: [10, 100, 1_000, 10_000, 100_000].map((at) => [at, counted(at)]),
      },
      y: {
        name: 'estimate over truth',
        low: -HIGHEST_ERROR,
        high: HIGHEST_ERROR,
        marks: steps(-0.02, 0.02, 0.01).map((at) => [
          at,
          `${at < 0 ? '−' : at > 0 ? '+' : ''}${Math.round(Math.abs(at) * 100)} %`,
        ]),
      },
    },
    'left',
  ).band(
    [
      [10, -STANDARD_ERROR, STANDARD_ERROR],
      [MOST_MEMBERS, -STANDARD_ERROR, STANDARD_ERROR],
    ],
    COLORS.grey,
  );
  for (const points of sketches) counting.line(points, { color: COLORS.blue, width: 1 });
  counting.text([12, 0.0155], `band: one standard error, ${percent(STANDARD_ERROR, 2)}`, COLORS.grey);
  const ratios = Array.from({ length: SAMPLES }, (_, i) => ratiosOf(i + 1));
  const sampling = new Plot(
    {
      title: 'A standard error from a sample of members',
      note: `${counted(MAX_SAMPLED_MEMBERS)} of ${counted(SAMPLED_OF)} members who ordered, in ${SAMPLES} arms`,
      x: {
        name: 'arm',
        low: 0,
        high: SAMPLES + 1,
        marks: steps(0, SAMPLES, 10).map((at) => [at, String(at)]),
      },
      y: {
        name: 'estimate over truth',
        low: 0.5,
        high: 1.5,
        marks: steps(0.5, 1.5, 0.25).map((at) => [at, percent(at, 0)]),
      },
    },
    'right',
  )
    .line(
      [
        [0, 1],
        [SAMPLES + 1, 1],
      ],
      { color: COLORS.grey, width: 1.2, dash: '4 3' },
    )
    .dots(
      ratios.map(({ netFen }, i): Point => [i + 1, netFen]),
      COLORS.green,
      3.5,
    )
    .dots(
      ratios.map(({ orders }, i): Point => [i + 1, orders]),
      COLORS.blue,
      3.5,
    )
    .text([1, 1.43], 'of net amounts, with heavy tails', COLORS.green)
    .text([1, 1.35], 'of orders', COLORS.blue);
  const last = sketches.map((points) => points.at(-1)![1]);
  const rootMeanSquare = (errors: readonly number[]): number =>
    Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  const off = (figure: 'orders' | 'netFen'): number =>
    rootMeanSquare(ratios.map((ratio) => ratio[figure] - 1));
  return {
    svg: pictureOf('The errors of sketches', [counting, sampling]),
    figures: [
      `HyperLogLog, standard error ${percent(STANDARD_ERROR, 2)}: ${SKETCHES} sketches of ${counted(MOST_MEMBERS)} members are off by ${percent(rootMeanSquare(last), 2)} (root mean square)`,
      `  the worst of them by ${percent(Math.max(...last.map(Math.abs)), 2)}`,
      `bottom-k, ${counted(MAX_SAMPLED_MEMBERS)} of ${counted(SAMPLED_OF)} members, over ${SAMPLES} arms (root mean square):`,
      `  the standard error of orders is off by ${percent(off('orders'))}, that of heavy-tailed net amounts by ${percent(off('netFen'))}`,
    ],
  };
};
