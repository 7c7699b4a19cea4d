import { describe, expect, it } from 'vitest';
import { parseEvaluateOptions } from '#local/evaluate/options.ts';

const NEEDED = ['--train', 'a.csv', '--treatment', 'arm', '--control', '0', '--outcome', 'y'];

const messageOf = (...args: string[]): string => {
  const parsed = parseEvaluateOptions(args);
  if (parsed.kind !== 'mistake') throw new Error(`expected a mistake, got ${parsed.kind}`);
  return parsed.message;
};

describe('options of npm run evaluate', () => {
  it('default to ten folds, a budget of 30 % and learning from the outcome itself', () => {
    expect(parseEvaluateOptions(NEEDED)).toMatchObject({
      kind: 'run',
      options: {
        folds: 10,
        budget: 0.3,
        value: 1,
        cost: 0,
        trainOutcome: 'y',
        seed: 1,
        ignore: [],
        arms: undefined,
      },
    });
  });

  it('take lists with commas and quotes, also from an option that is repeated', () => {
    const parsed = parseEvaluateOptions([
      ...NEEDED,
      '--ignore',
      'a, b',
      '--ignore',
      'c',
      '--arms',
      '"x, y",z',
    ]);
    expect(parsed).toMatchObject({ options: { ignore: ['a', 'b', 'c'], arms: ['x, y', 'z'] } });
  });

  it('take an empty text as the control', () => {
    const parsed = parseEvaluateOptions([...NEEDED.slice(0, 5), '', ...NEEDED.slice(6)]);
    expect(parsed).toMatchObject({ options: { control: '' } });
  });

  it.each([
    [['--budget', '1.5'], '--budget: expected a number over 0 and up to 1, got "1.5"'],
    [['--budget', '0'], '--budget: expected a number over 0 and up to 1, got "0"'],
    [['--folds', '1'], '--folds: expected a whole number from 2 to 100, got "1"'],
    [['--folds', '2.5'], '--folds: expected a whole number from 2 to 100, got "2.5"'],
    [['--cost', '-1'], '--cost: expected a number from 0, got "-1"'],
    [['--value', 'much'], '--value: expected a number, got "much"'],
    [['--seed', '-3'], '--seed: expected a whole number from 0 to 4294967295, got "-3"'],
    [['--report', ''], '--report: expected a value, got nothing'],
    [['--test', 'b.csv', '--folds', '3'], '--folds: expected only without --test, got both'],
    [['--arms', '0'], '--arms: expected treatments, got the control "0"'],
    [['--outcome'], '--outcome: expected a value, got nothing'],
    [['--budgt', '1'], 'unknown option --budgt; --help lists what there is'],
  ])('that are wrong are named: %j', (args, message) => {
    expect(messageOf(...NEEDED, ...args)).toBe(message);
  });

  it('that are missing are named', () => {
    expect(messageOf('--train', 'a.csv')).toBe('--treatment: expected a value, got nothing');
  });

  it('are explained by --help', () => {
    const parsed = parseEvaluateOptions(['--help']);
    expect(parsed).toMatchObject({ kind: 'help', text: expect.stringContaining('--train-outcome <column>') });
  });
});
