import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript } from '../../support/run-start.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { HILLSTROM, hasHillstrom, madeTrial } from './trials.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const evaluate = (...args: string[]) => runScript('local/evaluate.ts', args);

describe('npm run evaluate', () => {
  it('prints what the policy gains, and writes the figures and the curves', async () => {
    const trial = directory.write('trial.csv', madeTrial({ rows: 3_000, seed: 1, effect: 0.25 }));
    const report = join(directory.path, 'report.json');
    const outcome = await evaluate(
      ...['--train', trial, '--treatment', 'arm', '--control', 'none', '--outcome', 'bought'],
      ...['--folds', '3', '--report', report],
    );
    expect(outcome.status, outcome.stderr).toBe(0);
    expect(outcome.stdout).toMatch(/policy \/ random +\d\.\d\d +\d\.\d\d to \d/);
    expect(outcome.stdout).toContain('The policy gains more than the best single arm at random');
    const { figures, models, columns } = JSON.parse(readFileSync(report, 'utf8'));
    expect(figures.qini.low).toBeGreaterThan(0);
    expect(figures.curve.at(-1)).toMatchObject({ share: 1 });
    expect(models).toHaveLength(3);
    expect(columns).toEqual(['segment', 'age', 'visits']);
    const svg = readFileSync(join(directory.path, 'report.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*<polyline [\s\S]*<\/svg>\n$/);
    expect(svg).not.toContain('NaN');
  });

  it('exits with status 2 on a mistake, and names the mistake', async () => {
    const outcome = await evaluate(
      '--train',
      'nowhere.csv',
      '--treatment',
      'a',
      '--control',
      'b',
      '--outcome',
      'c',
    );
    expect(outcome.status).toBe(2);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain('error: --train: expected a file that can be read, got nowhere.csv');
  });

  it.skipIf(!hasHillstrom)(
    'finds a policy that gains over 1.5 times as much as a random one on the Hillstrom trial (skipped without ../shared/data/hillstrom)',
    async () => {
      const report = join(directory.path, 'hillstrom.json');
      const outcome = await evaluate(
        ...['--train', HILLSTROM, '--treatment', 'segment', '--control', 'No E-Mail', '--outcome', 'visit'],
        ...['--arms', 'Womens E-Mail', '--report', report],
      );
      expect(outcome.status, outcome.stderr).toBe(0);
      const { figures, arms, columns } = JSON.parse(readFileSync(report, 'utf8'));
      expect(arms.map(({ rows }: { rows: number }) => rows)).toEqual([21_306, 21_387]);
      expect(columns).not.toContain('spend');
      expect(figures.policyOverRandom.estimate).toBeGreaterThan(1.5);
      expect(figures.policyOverRandom.low).toBeGreaterThan(1.25);
      expect(figures.qini.low).toBeGreaterThan(0);
    },
  );
});
