import type { GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { pricesOfItem } from '#domain/campaigns/prices.ts';
import { fixPlan, readPlan } from '#domain/presale/plan-item.ts';
import type { Runtime } from '#platform/runtime.ts';

/** Bodies of items as they were written in November 2026. */
const PRICES = '{"engine/platform":0.0125,"baseline/platform":0}';
const PLAN =
  '{"pricings":{"engine":{"kind":"prices","prices":[0.0125,0.5]},"baseline":{"kind":"band","band":{"low":0.99,"high":1.01,"share":0.25,"surelyFen":1200,"bound":5600.5}}},"opening":{"engine/platform":0.0125,"engine/store":0.5},"demand":{"engine/platform":[[600,1200],[601,300]],"engine/store":[]}}';

type Command = GetItemCommand | TransactWriteItemsCommand;

/** A table with one item, which records what is written to it. */
const oneItemTable = (body: string) => {
  const written: (string | undefined)[] = [];
  const send = async (command: Command) => {
    if (!('TransactItems' in command.input)) return { Item: { body: { S: body } } };
    written.push(...command.input.TransactItems!.map(({ Put: put }) => put!.Item!.body!.S));
    return {};
  };
  return { runtime: { dynamodb: { send }, environment: () => 'campaigns' } as unknown as Runtime, written };
};

describe('the stored item of a campaign', () => {
  it('with its prices is read with their version', () => {
    expect(pricesOfItem({ body: { S: PRICES }, version: { N: '7' } })).toEqual({
      prices: { 'engine/platform': 0.0125, 'baseline/platform': 0 },
      version: 7,
    });
  });

  it('with its plan is read, and written again without any difference', async () => {
    const { runtime, written } = oneItemTable(PLAN);
    const plan = await readPlan(runtime, 'sale');
    expect(plan!.pricings.baseline).toEqual({
      kind: 'band',
      band: { low: 0.99, high: 1.01, share: 0.25, surelyFen: 1_200, bound: 5_600.5 },
    });
    expect(plan!.demand['engine/platform']).toEqual([
      [600, 1_200],
      [601, 300],
    ]);
    await fixPlan(runtime, 'sale', plan!);
    expect(written).toEqual([PLAN]);
  });
});
