import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { PresalePlan } from './presale-plan.ts';

/**
 * The items of a campaign that hold its presale's plan and, if there are several budgets, the plan's draft.
 */
const PLAN_ITEM = 'PRESALE';
const DRAFT_ITEM = 'PRESALE_DRAFT';

const read = async (runtime: Runtime, campaignId: string, name: string): Promise<PresalePlan | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: runtime.environment('CAMPAIGNS_TABLE'),
      Key: { campaign: { S: campaignId }, item: { S: name } },
      ConsistentRead: true,
    }),
  );
  return item && (JSON.parse(item.body!.S!) as PresalePlan);
};

const fix = (runtime: Runtime, campaignId: string, name: string, plan: PresalePlan): Promise<void> =>
  putItemsOnce(runtime, campaignId, [{ item: name, attributes: { body: { S: JSON.stringify(plan) } } }]);

/** Reads the plan; undefined before there is one. */
export const readPlan = (runtime: Runtime, campaignId: string): Promise<PresalePlan | undefined> =>
  read(runtime, campaignId, PLAN_ITEM);

/** Reads the draft; undefined before there is one, and for a presale that needs none. */
export const readDraft = (runtime: Runtime, campaignId: string): Promise<PresalePlan | undefined> =>
  read(runtime, campaignId, DRAFT_ITEM);

/** Writes the plan unless one exists: its prices must not change while coupons are issued at them. */
export const fixPlan = (runtime: Runtime, campaignId: string, plan: PresalePlan): Promise<void> =>
  fix(runtime, campaignId, PLAN_ITEM, plan);

/**
 * Writes the draft unless one exists: its prices must not change while the coupons that it would give are
 * counted.
 */
export const fixDraft = (runtime: Runtime, campaignId: string, draft: PresalePlan): Promise<void> =>
  fix(runtime, campaignId, DRAFT_ITEM, draft);
