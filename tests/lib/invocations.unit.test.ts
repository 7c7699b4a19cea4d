import { describe, expect, it } from 'vitest';
import { capacityOf, invocationsAtMost } from '#lib/capacity.ts';
import { STAGES } from '#lib/stages/index.ts';
import template from '#lib/template.json' with { type: 'json' };

type Mapping = { Type: string; Properties: { ScalingConfig?: { MaximumConcurrency: number } } };

const HEALTH_AND_BOARD = 2;
const stage = STAGES.production!;

describe('the most invocations at a time that a stack may ask for', () => {
  it('are the sum of the mappings’ bounds in its template, and one for each of health and board', () => {
    const mappings = Object.values(template.Resources as unknown as Record<string, Mapping>).filter(
      ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    const bounds = mappings.map(({ Properties }) => Properties.ScalingConfig!.MaximumConcurrency);
    expect(invocationsAtMost(capacityOf(stage).sizes)).toBe(
      bounds.reduce((sum, bound) => sum + bound, HEALTH_AND_BOARD),
    );
  });

  it('include ten for each provisioned poller, or else the bound of the queue’s mapping', () => {
    const { sizes } = capacityOf({ ...stage, peakOrdersPerSecond: 583_000 });
    const { coupon } = sizes.pollers;
    expect(coupon!.max).toBeGreaterThan(0);
    const fewer = { ...sizes, pollers: { ...sizes.pollers, coupon: { ...coupon!, max: coupon!.max - 1 } } };
    expect(invocationsAtMost(sizes) - invocationsAtMost(fewer)).toBe(10);
    const unpolled = { ...sizes, pollers: {}, concurrency: { ...sizes.concurrency, coupon: 7 } };
    expect(invocationsAtMost({ ...unpolled, concurrency: { ...unpolled.concurrency, coupon: 8 } })).toBe(
      invocationsAtMost(unpolled) + 1,
    );
  });
});
