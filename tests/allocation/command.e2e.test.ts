import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../local/replay/files.ts';
import { runScript } from '../support/run-start.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

type Candidate = { member: string; offer: string; value: number; cost: number; pool?: string };
type Report = { chosen: { member: string; offer: string }[]; value: number; spend: number; bound: number };

const CANDIDATES: Candidate[] = Array.from({ length: 3_000 }, (_, i) => ({
  // The lines of one member are a thousand lines apart.
  member: `m${i % 1_000}`,
  offer: `o${Math.floor(i / 1_000)}`,
  value: 1 + ((i * 7_919) % 1_009),
  cost: 1 + ((i * 104_729) % 997),
  pool: i % 2 === 0 ? 'platform' : 'brand',
}));

const plan = async (lines: readonly string[], ...options: string[]) => {
  const file = directory.write('candidates.ndjson', lines.join('\n'));
  const report = join(directory.path, 'plan.json');
  const outcome = await runScript('local/plan.ts', ['--candidates', file, '--report', report, ...options]);
  return { outcome, read: () => JSON.parse(readFileSync(report, 'utf8')) as Report };
};

const sumOf = (report: Report, field: 'value' | 'cost', pool?: string): number => {
  const byKey = new Map(CANDIDATES.map((one) => [`${one.member}/${one.offer}`, one]));
  return report.chosen
    .map(({ member, offer }) => byKey.get(`${member}/${offer}`)!)
    .filter((one) => pool === undefined || one.pool === pool)
    .reduce((sum, one) => sum + one[field], 0);
};

describe('npm run plan', () => {
  it('gives each member at most one offer, keeps to the budget and nears the bound, wherever a member’s lines are', async () => {
    const { outcome, read } = await plan(
      CANDIDATES.map((one) => JSON.stringify(one)),
      '--budget',
      '100000',
    );
    expect(outcome.status, outcome.stderr).toBe(0);
    const report = read();
    expect(new Set(report.chosen.map(({ member }) => member)).size).toBe(report.chosen.length);
    expect(sumOf(report, 'cost')).toBe(report.spend);
    expect(sumOf(report, 'value')).toBeCloseTo(report.value, 6);
    expect(report.spend).toBeLessThanOrEqual(100_000);
    expect(report.value / report.bound).toBeGreaterThan(0.998);
    expect(outcome.stdout).toContain('gap to it');
  });

  it('keeps to the budget of each pool', async () => {
    const pools = directory.write('pools.json', JSON.stringify({ platform: 30_000, brand: 20_000 }));
    const lines = CANDIDATES.map((one) => JSON.stringify(one));
    const { outcome, read } = await plan(lines, '--budget', '45000', '--pools', pools);
    expect(outcome.status, outcome.stderr).toBe(0);
    expect(sumOf(read(), 'cost', 'platform')).toBeLessThanOrEqual(30_000);
    expect(sumOf(read(), 'cost', 'brand')).toBeLessThanOrEqual(20_000);
    expect(sumOf(read(), 'cost')).toBeLessThanOrEqual(45_000);
  });

  it('names the lines that cannot be read and goes on without them', async () => {
    const lines = [
      '{"member": "a", "offer": "o", "value": 5, "cost": 10}',
      'nonsense',
      '{"member": "b", "offer": "o", "value": -1, "cost": 10}',
    ];
    const { outcome, read } = await plan(lines, '--budget', '100');
    expect(outcome.status, outcome.stderr).toBe(0);
    expect(outcome.stderr).toMatch(/line 2\b/);
    expect(outcome.stderr).toMatch(/line 3\b.*value/);
    expect(read().chosen).toEqual([{ member: 'a', offer: 'o' }]);
  });

  it('says which option is wrong, and the value given', async () => {
    const { outcome } = await plan([], '--budget', 'plenty');
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toMatch(/--budget.*plenty/);
  });
});
