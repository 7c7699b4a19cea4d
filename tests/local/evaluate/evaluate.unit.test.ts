import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '#local/evaluate/evaluate.ts';
import { type Figures, figuresOf } from '#local/evaluate/figures.ts';
import { type EvaluateOptions, parseEvaluateOptions } from '#local/evaluate/options.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { bestPer1000, madeTrial } from './trials.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const optionsOf = (train: string, ...args: string[]): EvaluateOptions => {
  const parsed = parseEvaluateOptions([
    ...[
      '--train',
      train,
      '--treatment',
      'arm',
      '--control',
      'none',
      '--outcome',
      'bought',
      '--folds',
      '4',
      ...args,
    ],
  ]);
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.options;
};

const run = async (options: EvaluateOptions) => {
  const evaluation = await evaluate(options, { onReading: () => {}, onFold: () => {} });
  return { evaluation, figures: figuresOf(evaluation, options), notes: evaluation.notes.join('\n') };
};

const EFFECT = 0.2;
const trial = directory.write('trial.csv', madeTrial({ rows: 8_000, seed: 1, effect: EFFECT }));

const holds = ({ low, high }: { low: number; high: number }, truth: number): boolean =>
  low <= truth && truth <= high;

describe('an evaluation of a trial whose effects are known', () => {
  it('finds whom the treatment moves and says how much that gains', async () => {
    const { figures } = await run(optionsOf(trial));
    expect(holds(figures.policy.incrementalPer1000, bestPer1000(EFFECT))).toBe(true);
    expect(holds(figures.random.incrementalPer1000, 0.3 * bestPer1000(EFFECT))).toBe(true);
    expect(figures.policyOverRandom.low).toBeGreaterThan(2);
    expect(figures.qini.low).toBeGreaterThan(0);
    expect(figures.policy.treatedShare).toBeCloseTo(0.3, 2);
  });

  it('learns from nothing that came after the treatment, and says so', async () => {
    const { evaluation, notes } = await run(optionsOf(trial));
    expect(evaluation.columns).toEqual(['segment', 'age', 'visits']);
    expect(notes).toMatch(/"id": it looks like an id/);
    expect(notes).toMatch(/"opened": the arms differ in it/);
  });

  it('keeps a suspicious column that it is told to keep', async () => {
    const { evaluation } = await run(optionsOf(trial, '--keep', 'id'));
    expect(evaluation.columns).toContain('id');
  });

  it('weighs arms of 85 and 15 % by their shares', async () => {
    const unbalanced = directory.write(
      'unbalanced.csv',
      madeTrial({ rows: 10_000, seed: 2, control: 0.15, effect: EFFECT }),
    );
    const { figures } = await run(optionsOf(unbalanced));
    expect(holds(figures.policy.incrementalPer1000, bestPer1000(EFFECT))).toBe(true);
    expect(figures.policyOverRandom.low).toBeGreaterThan(1.5);
  });

  it('treats nobody whose treatment costs more than it gains', async () => {
    const { figures } = await run(optionsOf(trial, '--budget', '1', '--value', '10', '--cost', '1'));
    expect(figures.policy.treatedShare).toBeLessThan(0.5);
    expect(figures.policy.netPer1000.low).toBeGreaterThan(0);
    expect(figures.random.netPer1000.estimate).toBeCloseTo(10 * figures.everybodyPer1000.estimate - 1_000, 6);
  });

  it('judges on another file, which has its own order of rows and its own dictionary of texts', async () => {
    const other = madeTrial({ rows: 6_000, seed: 3, effect: EFFECT }).split('\n');
    const test = directory.write('test.csv', [other[0], ...other.slice(1, -1).toReversed(), ''].join('\n'));
    const parsed = parseEvaluateOptions([
      '--train',
      trial,
      '--test',
      test,
      '--treatment',
      'arm',
      '--control',
      'none',
      '--outcome',
      'bought',
    ]);
    const { figures } = await run((parsed as { options: EvaluateOptions }).options);
    expect(figures).toMatchObject({ judgedRows: 6_000, trainRows: 8_000 });
    expect(holds(figures.policy.incrementalPer1000, bestPer1000(EFFECT))).toBe(true);
  });

  it('learns one outcome and is judged on another', async () => {
    const { figures } = await run({ ...optionsOf(trial, '--train-outcome', 'bought'), outcome: 'amount' });
    // An amount is 15 on average.
    expect(holds(figures.policy.incrementalPer1000, 15 * bestPer1000(EFFECT))).toBe(true);
    expect(figures.policyOverRandom.low).toBeGreaterThan(1.5);
  });

  it('shows no gain if there is none', async () => {
    const none = directory.write('none.csv', madeTrial({ rows: 4_000, seed: 4, effect: 0 }));
    const { figures, notes } = await run(optionsOf(none));
    expect(notes).toMatch(/"amount": it determines the outcome/);
    expect(holds(figures.policyLessRandomPer1000, 0)).toBe(true);
    expect(holds(figures.qini, 0)).toBe(true);
    expect(figures.policyOverRandom.low).toBeUndefined();
  });

  it('gives the same figures for the same seed, and different ones for another seed', async () => {
    const small = directory.write('small.csv', madeTrial({ rows: 1_000, seed: 5, effect: EFFECT }));
    const figuresWith = async (seed: string): Promise<Figures> =>
      (await run(optionsOf(small, '--seed', seed))).figures;
    const first = await figuresWith('7');
    expect(await figuresWith('7')).toEqual(first);
    expect((await figuresWith('8')).policy).not.toEqual(first.policy);
  });

  it('reads gzip, semicolons, a byte order mark, CRLF and arms that are numbers', async () => {
    const text = madeTrial({ rows: 2_000, seed: 6, effect: EFFECT });
    const plain = await run(optionsOf(directory.write('plain.csv', text)));
    const exotic = text
      .replace(/"(\w), kind",/g, '"$1; kind",')
      .replace(/,(?! )/g, ';')
      .replaceAll('mail', '1.0')
      .replaceAll('none', '0.0')
      .replaceAll('\n', '\r\n');
    const file = directory.write('exotic.csv.gz', gzipSync(`\uFEFF${exotic}`));
    const { figures } = await run({ ...optionsOf(file), control: '0' });
    expect(figures).toEqual(plain.figures);
  });
});

describe('a trial that cannot be evaluated', () => {
  const file = (name: string, change: (text: string) => string): string =>
    directory.write(name, change(madeTrial({ rows: 400, seed: 9, effect: 0 })));

  it.each<[string, () => EvaluateOptions]>([
    [
      '--control: expected a value of column "arm" ("mail", "none"), got "nobody"',
      () => ({ ...optionsOf(trial), control: 'nobody' }),
    ],
    ['--outcome: expected a column of --train', () => ({ ...optionsOf(trial), outcome: 'spent' })],
    ['--ignore: expected a column of --train', () => optionsOf(trial, '--ignore', 'colour')],
    [
      '--outcome: expected numbers in column "segment"',
      () => ({ ...optionsOf(trial), outcome: 'segment', trainOutcome: 'segment' }),
    ],
    [
      '--arms: expected at least 100 rows an arm, got 0 of "phone"',
      () => optionsOf(trial, '--arms', 'mail,phone'),
    ],
    ['--train: expected a file that can be read, got nowhere.csv', () => optionsOf('nowhere.csv')],
    ['--train: expected a header and rows', () => optionsOf(directory.write('empty.csv', 'id,arm,bought\n'))],
    [
      '--train: expected a CSV file with rows of one length',
      () => optionsOf(file('ragged.csv', (text) => `${text}1,2\n`)),
    ],
    [
      '--train: expected columns of different names, got "age" twice',
      () => optionsOf(file('twice.csv', (text) => text.replace('visits', 'age'))),
    ],
    [
      '--treatment: expected a column of at most 50 different values',
      () => ({ ...optionsOf(trial), treatment: 'id' }),
    ],
    [
      '--folds: expected at least 5 rows of each arm a fold',
      () =>
        optionsOf(
          file('few.csv', (text) => text),
          '--folds',
          '100',
        ),
    ],
  ])('is refused: %s', async (message, options) => {
    // Called here, so that a case writes its files and parses its options within its own test.
    const attempt = (async () => run(options()))();
    await expect(attempt).rejects.toThrow(message);
  });
});
