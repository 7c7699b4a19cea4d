import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readView } from '#domain/board/read.ts';
import { readVitalSigns, type VitalSigns } from '#domain/board/vital-signs.ts';
import { applyClosing } from '#domain/campaigns/closing.ts';
import { applySwitch } from '#domain/campaigns/issuing-switch.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import { type CampaignDefinition, campaignSettings, formatTime } from '#events/contract.ts';
import { publishGauges } from '#platform/gauges.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import {
  count,
  named,
  openCampaign,
  orderMetric,
  ordersOf,
  START_MS,
  THIS_YEAR,
} from '../board/read-sale.ts';
import { type Json, StackTemplate } from '../lib/template.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { metricsPrintedBy } from '../support/printed-metrics.ts';
import { testRuntime } from '../support/runtime.ts';

const MINUTE_MS = 60_000;
const HALF_WAY_MS = START_MS + 30 * MINUTE_MS;
/** The health function's gauges that the stack's alarms watch, each with the threshold of its alarm. */
const THRESHOLDS = Object.fromEntries(
  new StackTemplate()
    .all('AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) =>
      Properties.Dimensions?.some(({ Name, Value }: Json) => Name === 'Function' && Value === 'health'),
    )
    .map(([, { Properties }]) => [Properties.MetricName, Properties.Threshold]),
) as Record<keyof VitalSigns, number>;

const assigned = (arm: string, members: number): MetricEvent => ({
  id: eventIdOf('/test/assigned', arm),
  timeMs: START_MS,
  label: `assigned/${arm}`,
  brand: '',
  amountFen: 0,
  member: '',
  count: members,
});

describe('the vital signs', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  const { compareWith: _, ...alone } = THIS_YEAR;

  const sale = async (campaignId: string, changes: Partial<CampaignDefinition> = {}) => {
    const definition = { ...named(alone, campaignId), ...changes };
    await openCampaign(runtime, definition);
    return definition;
  };

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    runtime = testRuntime({ clients: { dynamodb: dynoxide.client as DynamoDBClient } });
  });
  afterAll(() => dynoxide.stop());

  it('are those that alarms watch, and each is printed as a metric under its name', async () => {
    const signs = await readVitalSigns(runtime, HALF_WAY_MS);
    expect(Object.keys(signs).sort()).toEqual(Object.keys(THRESHOLDS).sort());
    const printed: Json[] = await metricsPrintedBy(() => publishGauges('health', signs));
    expect(printed).toHaveLength(1);
    expect(printed[0]!._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: Json) => Name).sort()).toEqual(
      Object.keys(THRESHOLDS).sort(),
    );
    expect(printed[0]).toMatchObject({ service: 'zhihui', Function: 'health' });
  });

  it('are all 0 without a campaign, and after one has ended', async () => {
    const calm = {
      WatermarkLagSeconds: 0,
      SpendOffPlanPercent: 0,
      SampleRatioMismatches: 0,
      PausedCampaigns: 0,
    };
    expect(await readVitalSigns(runtime, HALF_WAY_MS)).toEqual(calm);
    await sale('other-day', {
      startsAt: formatTime(START_MS - 60 * MINUTE_MS),
      endsAt: formatTime(START_MS - 30 * MINUTE_MS),
    });
    expect(await readVitalSigns(runtime, HALF_WAY_MS)).toEqual(calm);
  });

  it('exceed their threshold when coupons are not spent as planned', async () => {
    const unspent = await sale('unspent');
    expect((await readVitalSigns(runtime, HALF_WAY_MS)).SpendOffPlanPercent).toBeGreaterThan(
      THRESHOLDS.SpendOffPlanPercent,
    );
    await applyClosing(runtime, unspent, START_MS);
    expect((await readVitalSigns(runtime, HALF_WAY_MS)).SpendOffPlanPercent).toBe(0);
  });

  it('exceed their thresholds when orders wait to be counted, and when arms do not have their shares of members', async () => {
    const definition = await sale('skewed');
    const orders = ordersOf(definition, { brands: 3, orders: 40 }, 5);
    await count(runtime, definition, [
      ...orders.map((order) => orderMetric(definition, order)),
      assigned('engine', 900),
      assigned('baseline', 50),
      assigned('control', 50),
    ]);
    const counted = await readVitalSigns(runtime, HALF_WAY_MS);
    expect(counted.WatermarkLagSeconds).toBe(0);
    expect(counted.SampleRatioMismatches).toBeGreaterThan(THRESHOLDS.SampleRatioMismatches);
    const block = { blockId: 'waiting', startMs: START_MS + 20 * MINUTE_MS, shard: 0 };
    await addPending(runtime, campaignSettings(definition), [block]);
    const lag = (await readVitalSigns(runtime, HALF_WAY_MS)).WatermarkLagSeconds;
    expect(lag).toBe(600);
    expect(lag).toBeGreaterThan(THRESHOLDS.WatermarkLagSeconds);
  });

  it('take as many calls as reading each campaign’s screen, and one more for the list of campaigns', async () => {
    let calls = 0;
    const dynamodb = {
      send: (command: never) => {
        calls++;
        return dynoxide.client.send(command);
      },
    };
    const counted = testRuntime({ clients: { dynamodb: dynamodb as never } });
    const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
      calls = 0;
      await work();
      return calls;
    };
    // The first look also reads what never changes, which is then remembered.
    await readVitalSigns(counted, HALF_WAY_MS);
    const looks = await callsOf(async () => {
      for (const campaignId of ['unspent', 'skewed']) await readView(counted, campaignId, HALF_WAY_MS);
    });
    expect(await callsOf(() => readVitalSigns(counted, HALF_WAY_MS))).toBe(looks + 1);
  });

  it('exceed their threshold while a campaign is paused', async () => {
    expect((await readVitalSigns(runtime, HALF_WAY_MS)).PausedCampaigns).toBe(0);
    await applySwitch(runtime, 'skewed', { isPaused: true, sinceMs: START_MS, order: '1' });
    expect((await readVitalSigns(runtime, HALF_WAY_MS)).PausedCampaigns).toBeGreaterThan(
      THRESHOLDS.PausedCampaigns,
    );
  });
});
