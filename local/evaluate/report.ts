/** The report of an evaluation, as text and as JSON. */
import { formatCount, formatTable } from '#local/console/format.ts';
import type { Evaluation, FoldModel } from './evaluate.ts';
import type { Figures, PolicyFigures } from './figures.ts';
import type { Estimate, Ratio } from './measures.ts';
import type { EvaluateOptions } from './options.ts';

const DIGITS = 4;
const NAMES_SHOWN = 20;

/** 1234.5678 → `1,235`; 0.0123456 → `0.01235`. */
const number = (value: number): string => {
  if (Math.abs(value) >= 10 ** (DIGITS - 1)) {
    return `${value < 0 ? '-' : ''}${formatCount(Math.round(Math.abs(value)))}`;
  }
  return String(Number(value.toPrecision(DIGITS)));
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const interval = ({ estimate, low, high }: Estimate): string[] => [
  number(estimate),
  `${number(low)} to ${number(high)}`,
];

const ratio = ({ estimate, low, high }: Ratio): string[] => [
  estimate.toFixed(2),
  low === undefined || high === undefined
    ? 'no bounds: the divisor may be 0'
    : `${low.toFixed(2)} to ${high.toFixed(2)}`,
];

const policyRow = (name: string, figures: PolicyFigures): string[] => [
  name,
  percent(figures.treatedShare),
  ...interval(figures.incrementalPer1000),
  ...interval(figures.incrementalTotal),
  ...interval(figures.netPer1000),
  ...interval(figures.netTotal),
];

const POLICY_HEADER = [
  '',
  'treated',
  'incremental / 1,000',
  '95 %',
  'total',
  '95 %',
  'net value / 1,000',
  '95 %',
  'total',
  '95 %',
];

const LEARNERS: Readonly<Record<FoldModel['learner'], string>> = {
  R: 'R-learner',
  RP: 'R-learner along the expected outcome',
  T: 'T-learner',
};

/** `7 × R-learner, main features, strength 0.3`. */
const modelLines = (models: readonly FoldModel[]): string[] => {
  const groups = Map.groupBy(
    models,
    ({ learner, set, strength }) => `${LEARNERS[learner]}, ${set} features, strength ${strength}`,
  );
  return [...groups]
    .sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .map(([name, { length }]) => `  ${length} × ${name}`);
};

const verdict = ({ policyLessRandomPer1000: { low, high } }: Figures): string => {
  if (low > 0) return 'The policy gains more than the best single arm at random with the same budget.';
  if (high < 0) return 'The policy gains LESS than the best single arm at random with the same budget.';
  return 'It is not shown that the policy gains more than the best single arm at random with the same budget.';
};

const listed = (names: readonly string[]): string =>
  names.slice(0, NAMES_SHOWN).join(', ') +
  (names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '');

/** The figures in words and tables, as lines. */
export const reportLines = (evaluation: Evaluation, figures: Figures, options: EvaluateOptions): string[] => {
  const { arms, models, columns, notes } = evaluation;
  const bestArms = [...new Set(models.map(({ bestArm }) => bestArm))].map((arm) => JSON.stringify(arm));
  const judged = options.test === undefined ? `on ${options.folds} held-out folds` : `on ${options.test}`;
  return [
    ...notes.map((note) => `note: ${note}`),
    ...(notes.length > 0 ? [''] : []),
    `Judged ${judged}: ${formatCount(figures.judgedRows)} rows. Learned from ${columns.length} columns: ${listed(columns)}.`,
    ...(options.trainOutcome === options.outcome
      ? []
      : [`Learned ${JSON.stringify(options.trainOutcome)}, judged on ${JSON.stringify(options.outcome)}.`]),
    '',
    ...formatTable([
      ['arm', 'rows', `mean ${options.outcome}`],
      ...arms.map(({ arm, rows, meanOutcome }) => [arm, formatCount(rows), number(meanOutcome)]),
    ]),
    '',
    `Incremental ${options.outcome}, with at most ${percent(options.budget)} of the members treated:`,
    ...formatTable([
      POLICY_HEADER,
      policyRow('policy', figures.policy),
      policyRow(`${bestArms.join(' or ')} at random`, figures.random),
      policyRow('response model', figures.response),
    ]),
    '',
    ...formatTable([
      ['', '', '95 %'],
      ['policy / random', ...ratio(figures.policyOverRandom)],
      ['policy / response model', ...ratio(figures.policyOverResponse)],
      ['response model / random', ...ratio(figures.responseOverRandom)],
      ['policy − random, / 1,000', ...interval(figures.policyLessRandomPer1000)],
      ['policy − response model, / 1,000', ...interval(figures.policyLessResponsePer1000)],
      ['Qini of the policy, / 1,000', ...interval(figures.qini)],
      ['Qini of the response model, / 1,000', ...interval(figures.responseQini)],
      ['AUUC of the policy, / 1,000', ...interval(figures.auuc)],
      ['everybody treated, / 1,000', ...interval(figures.everybodyPer1000)],
    ]),
    '',
    verdict(figures),
    '',
    'AUUC: the area under U(s), the incremental outcome with the share s treated, from s = 0 to 1.',
    'Qini: that area less the one under the line of the best single arm at random.',
    'Chosen on folds of the training rows:',
    ...modelLines(models),
  ];
};

/** The whole evaluation as JSON, for a file. */
export const reportJson = (evaluation: Evaluation, figures: Figures, options: EvaluateOptions): string => {
  const { arms, models, columns, notes } = evaluation;
  return `${JSON.stringify({ options, notes, columns, arms, figures, models }, undefined, 2)}\n`;
};
