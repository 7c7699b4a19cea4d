import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { issuedIn } from '#domain/learning/use-statistics.ts';
import { playWeek } from '../bench/closed-loop/handlers-week.ts';
import { opposite } from '../bench/closed-loop/opposite-prior.ts';
import { synthesizeStack } from '../world/stack.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('a week in a closed loop through the handlers', () => {
  it('learns from the coupons in the tables, and decides by the model versions that it publishes', async () => {
    const played = await playWeek({
      stack: synthesizeStack(),
      seed: 11,
      members: 900,
      days: 2,
      epsilon: 0.5,
      judged: {},
    });
    const { model, statistics, stretches, orders, coupons, unlike } = played;
    expect(model.version).toBeGreaterThan(2);
    expect(issuedIn(statistics)).toBeGreaterThanOrEqual(model.issued);
    expect(issuedIn(statistics)).toBeLessThan(coupons);
    expect(statistics.used).toBeGreaterThanOrEqual(model.used);
    expect(model.used).toBeGreaterThan(0);
    const versions = new Set(stretches.map(({ version }) => version));
    expect(versions).toContain('learned-1');
    expect(versions).toContain(`learned-${model.version - 1}`);
    expect(stretches.reduce((sum, one) => sum + one.orders.length, 0)).toBeGreaterThan(0.8 * orders);
    expect(unlike).toBe(0);
  });

  it('can be given another prior, which only the pipeline gets', () => {
    const preload = join(ROOT, 'tests/bench/closed-loop/plant-opposite-prior.ts');
    const script = `
      import { PRIOR } from '#domain/coupons/deciding-model.ts';
      import { priorModel } from '#domain/coupons/model.ts';
      import { emptyProfile, featuresOf } from '#domain/members/profile.ts';
      import { OFFERS } from './tests/bench/closed-loop/week-campaign.ts';
      const features = featuresOf(emptyProfile(), 0);
      const used = [PRIOR.model, priorModel].map((model) =>
        model(features, OFFERS, 'order').offers.map(({ pUsed }) => pUsed));
      console.log(JSON.stringify(used));`;
    const printed = execFileSync(
      process.execPath,
      ['--import', preload, '--input-type=module', '--eval', script],
      { cwd: ROOT, encoding: 'utf8' },
    );
    const [pipelines, right] = JSON.parse(printed) as [number[], number[]];
    expect(pipelines).toEqual(right.map(opposite));
    expect(pipelines).not.toEqual(right);
  });
});
