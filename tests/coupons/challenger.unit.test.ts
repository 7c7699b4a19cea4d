import { describe, expect, it } from 'vitest';
import { type DecidingModel, deciderFor, PRIOR, readDecidingModel } from '#domain/coupons/deciding-model.ts';
import { guardModel } from '#domain/coupons/guard-model.ts';
import { publishModel } from '#domain/coupons/publish-model.ts';
import { modelComparison } from '#domain/experiment/challenger.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { couponMetric } from '#domain/grants/grant-events.ts';
import { readModel, writeModel } from '#domain/learning/model-items.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { emptyUseStatistics } from '#domain/learning/use-statistics.ts';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { type Row, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { coupons, offer, START_MS } from './factories.ts';

const MEMBERS = 20_000;
const LEARNED: DecidingModel = {
  name: 'learned-1',
  model: PRIOR.model,
  challenger: { ...PRIOR, isChallenger: true },
};

/** A row with coupons of the model and of the challenger: how many of each were issued, and how many of these were used. */
const rowOf = (
  model: { issued: number; used: number },
  challenger: { issued: number; used: number },
): Row => {
  const grant = (name: string, reason: object) =>
    couponGrant({
      campaignId: 'sale',
      member: name,
      slot: 0,
      offer: offer(),
      arm: 'engine',
      trigger: 'AAAAAAAAAAAAAAAA',
      grantedMs: START_MS,
      reason,
      idKey: idKeyIn('sale'),
    });
  const eventsOf = (kind: string, { issued, used }: { issued: number; used: number }, reason: object) =>
    Array.from({ length: issued }, (_, i) => grant(`${kind}-${i}`, reason)).flatMap((one, i) => [
      couponMetric('issued', one, START_MS, ''),
      ...(i < used ? [couponMetric('redeemed', one, START_MS, 'use')] : []),
    ]);
  return rowOfEvents(
    [
      ...eventsOf('model', model, { arm: 'engine', propensity: 1, model: 'learned-1' }),
      ...eventsOf('prior', challenger, { arm: 'engine', propensity: 1, model: 'prior', isChallenger: true }),
    ].map(toBlockEvent),
  );
};

describe('a challenger', () => {
  it('decides for a tenth of the members, always the same ones, and for nobody without a learned model', () => {
    const decidersOf = (deciding: DecidingModel) =>
      Array.from({ length: MEMBERS }, (_, i) => deciderFor(deciding, coupons(), `m${i}`));
    const challenged = decidersOf(LEARNED).filter(({ isChallenger }) => isChallenger);
    expect(challenged.length / MEMBERS).toBeCloseTo(0.1, 2);
    expect(decidersOf(LEARNED)).toEqual(decidersOf(LEARNED));
    expect(decidersOf(PRIOR).every((one) => one === PRIOR)).toBe(true);
  });

  it('is counted apart from the model, and compared with it once the challenger has issued coupons', () => {
    const comparison = modelComparison(rowOf({ issued: 900, used: 300 }, { issued: 100, used: 30 }));
    expect(comparison).toMatchObject({
      model: { issued: 900, redeemed: 300 },
      challenger: { issued: 100, redeemed: 30 },
    });
    expect(comparison!.lift!.estimate).toBeCloseTo(300 / 900 / 0.3 - 1, 9);
    expect(modelComparison(rowOf({ issued: 900, used: 300 }, { issued: 0, used: 0 }))).toBeUndefined();
  });
});

describe('a learned model', () => {
  const published = async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const model = solveUseModel(emptyUseStatistics(), { version: 1, incrementalShare: 0.2 });
    await writeModel(runtime, 'sale', model);
    return runtime;
  };
  const worse = rowOf({ issued: 9_000, used: 1_500 }, { issued: 1_000, used: 400 });

  it.each([
    ['better than the prior', rowOf({ issued: 9_000, used: 4_000 }, { issued: 1_000, used: 300 })],
    ['not surely worse than the prior', rowOf({ issued: 900, used: 290 }, { issued: 100, used: 35 })],
    ['not challenged', rowOf({ issued: 900, used: 290 }, { issued: 0, used: 0 })],
  ])('that is %s stays', async (_, row) => {
    const runtime = await published();
    expect(await guardModel(runtime, 'sale', row)).toBe(false);
    expect((await readDecidingModel(runtime, 'sale', { model: 'learned' })).name).toBe('learned-1');
  });

  it('that is surely worse is replaced by the prior for good, without a challenger', async () => {
    const runtime = await published();
    expect(await guardModel(runtime, 'sale', worse)).toBe(true);
    const deciding = await readDecidingModel(runtime, 'sale', { model: 'learned' });
    expect(deciding.name).toBe('prior');
    expect(deciding.challenger).toBeUndefined();
    expect(await guardModel(runtime, 'sale', worse)).toBe(false);
    expect(await publishModel(runtime, 'sale')).toBeUndefined();
    expect(await readModel(runtime, 'sale')).toMatchObject({ version: 2, isWithdrawn: true });
  });
});
