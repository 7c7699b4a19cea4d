import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript } from '../../support/run-start.ts';
import { temporaryDirectory } from '../replay/files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** Each action was chosen in half of the decisions. The second action pays twice as often as the first. */
const decision = (i: number, changes: Record<string, unknown> = {}) =>
  JSON.stringify({
    decision: `d${i}`,
    features: { recencyDays: i },
    actions: [
      { action: 'none', propensity: 0.5, predicted: 0.2, target: 1 },
      { action: 'ten-off', propensity: 0.5, predicted: 0.4, target: 0 },
    ],
    chosen: i % 2 === 0 ? 'none' : 'ten-off',
    reward: i % 2 === 0 ? (i % 10 === 0 ? 1 : 0) : i % 5 < 2 ? 1 : 0,
    ...changes,
  });
const LINES = Array.from({ length: 1_000 }, (_, i) => decision(i));

const run = async (lines: readonly string[], ...args: string[]) => {
  const log = directory.write('log.ndjson', lines.join('\n'));
  const report = join(directory.path, 'report.json');
  const outcome = await runScript('local/offpolicy.ts', ['--log', log, '--report', report, ...args]);
  return { outcome, read: () => JSON.parse(readFileSync(report, 'utf8')) };
};

describe('npm run offpolicy', () => {
  it.each([
    ['greedy by predictions', [], 0.4],
    ['one action', ['--action', 'none'], 0.2],
    ['every action alike', ['--policy', 'uniform'], 0.3],
    ['the targets of the log', ['--policy', 'target'], 0.2],
  ])('tells what another policy is worth: %s', async (_, args, truth) => {
    const { outcome, read } = await run(LINES, ...args);
    expect(outcome.status, outcome.stderr).toBe(0);
    const { result } = read();
    for (const name of ['ips', 'snips', 'doublyRobust', 'direct']) {
      expect(result[name].estimate, name).toBeCloseTo(truth, 6);
      expect(outcome.stdout).toMatch(/effective sample size +\d/);
    }
    expect(result.warnings).toEqual([]);
  });

  it('counts a decision once, names the lines that it cannot read, and goes on', async () => {
    const { outcome, read } = await run([
      ...LINES,
      LINES[3]!,
      'nonsense',
      decision(2_000, { chosen: 'twenty-off' }),
      decision(2_001, { actions: [{ action: 'none', propensity: 0.7 }], chosen: 'none' }),
      decision(2_002, { reward: 'much' }),
    ]);
    expect(outcome.status).toBe(0);
    expect(read()).toMatchObject({ repeated: 1, unreadable: 4, result: { decisions: 1_000 } });
    expect(outcome.stderr).toContain('line 1002: line: expected JSON, got "nonsense"');
    expect(outcome.stderr).toContain('line 1003: chosen: expected one of the actions, got "twenty-off"');
    expect(outcome.stderr).toContain('line 1004: propensity: expected to sum to 1, got 0.7');
    expect(outcome.stderr).toContain('line 1005: reward: expected a number, got "much"');
  });

  it('says that a handful of decisions is too few', async () => {
    const { outcome } = await run(LINES.slice(0, 20));
    expect(outcome.stdout).toContain(
      'NOT TO BE RELIED ON: effective sample size: expected at least 60, got 10.0',
    );
  });

  it.each([
    [['--policy', 'best'], 2, '--policy: expected greedy, uniform or target, got "best"'],
    [['--policy', 'uniform', '--action', 'none'], 2, '--action: expected only without --policy, got both'],
    [['--log', 'nowhere.ndjson'], 2, '--log: expected a file that can be used, got nowhere.ndjson'],
  ])('refuses %j', async (args, status, message) => {
    const { outcome } = await run(LINES.slice(0, 5), ...args);
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toContain(message);
  });

  it('fails on a log without decisions', async () => {
    const { outcome } = await run(['']);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('--log: expected decisions, got none');
  });
});
