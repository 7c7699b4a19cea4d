import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { PresalePlan } from './presale-plan.ts';

/** The item of a campaign that holds its presale's plan, once the whole audience is counted. */
const PLAN_ITEM = 'PRESALE';

/** Reads the plan; undefined before there is one. */
export const readPlan = async (runtime: Runtime, campaignId: string): Promise<PresalePlan | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: runtime.environment('CAMPAIGNS_TABLE'),
      Key: { campaign: { S: campaignId }, item: { S: PLAN_ITEM } },
      ConsistentRead: true,
    }),
  );
  return item && (JSON.parse(item.body!.S!) as PresalePlan);
};

/** Writes the plan unless one exists: its prices must not change while coupons are issued at them. */
export const fixPlan = (runtime: Runtime, campaignId: string, plan: PresalePlan): Promise<void> =>
  putItemsOnce(runtime, campaignId, [{ item: PLAN_ITEM, attributes: { body: { S: JSON.stringify(plan) } } }]);
