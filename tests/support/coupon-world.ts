import { ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import {
  definitionKeyOf,
  listCampaign,
  putItemsOnce,
  registerCampaign,
} from '#domain/campaigns/campaigns-table.ts';
import { type Layout, layoutFor } from '#domain/campaigns/layout.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { grantsOfItems } from '#domain/grants/grant-item.ts';
import { type CouponMessage, type MemberEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { fromTuple, type MetricEvent, type MetricsMessage } from '#domain/metrics/metric-event.ts';
import { MODEL_CALLS } from '#domain/metrics/model-calls.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { sumOf } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import { Memory } from '#platform/memory.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import type { Queues } from './queues.ts';

/** Opens a campaign as the presale function does, without its audience. */
export const open = async (runtime: Runtime, definition: CampaignDefinition): Promise<void> => {
  const { stored } = await registerCampaign(runtime, definition);
  await putItemsOnce(runtime, definition.campaignId, openingItems(stored.layout, definition.coupons));
  await listCampaign(runtime, stored.definition);
};

/**
 * Registers a campaign as the previous version did: its coupons have the former ids, and its items are under the campaign's own
 * key.
 */
export const registerFormerly = async (runtime: Runtime, definition: CampaignDefinition): Promise<Layout> => {
  // The memory is another one, so that `runtime` does not remember the definition as it is before the update.
  await registerCampaign({ ...runtime, memory: new Memory() }, definition);
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: runtime.environment('CAMPAIGNS_TABLE'),
      Key: definitionKeyOf(definition.campaignId),
      UpdateExpression: 'REMOVE couponIds, shards',
    }),
  );
  return layoutFor(definition, undefined);
};

/** Opens a campaign as the previous version did. */
export const openFormerly = async (runtime: Runtime, definition: CampaignDefinition): Promise<void> => {
  const layout = await registerFormerly(runtime, definition);
  await putItemsOnce(runtime, definition.campaignId, openingItems(layout, definition.coupons));
  await listCampaign(runtime, definition);
};

const scan = async (client: Clients['dynamodb'], TableName: string) => {
  const items = [];
  let key: Record<string, never> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName, ConsistentRead: true, ...(key ? { ExclusiveStartKey: key } : {}) }),
    );
    items.push(...(page.Items ?? []));
    key = page.LastEvaluatedKey as typeof key;
  } while (key !== undefined);
  return items;
};

/** Every grant of a campaign. */
export const allGrants = async (
  client: Clients['dynamodb'],
  campaignId: string,
  table = 'Grants',
): Promise<StoredGrant[]> =>
  grantsOfItems(await scan(client, table)).filter((grant) => grant.campaignId === campaignId);

/** The sum of the face values of grants that hold their budget's money, by budget. */
export const heldFen = (grants: readonly StoredGrant[]): Record<string, number> => {
  const held: Record<string, number> = {};
  for (const { budget, faceFen, state } of grants) {
    if (state !== 'expired') held[budget] = (held[budget] ?? 0) + faceFen;
  }
  return held;
};

/** What was taken out of each budget of a campaign and not put back. */
export const debitedFen = async (
  runtime: Runtime,
  { campaignId, coupons }: CampaignDefinition,
): Promise<Record<string, number>> => {
  const remaining = await readBudgets(runtime, campaignId);
  return Object.fromEntries(
    campaignBudgets(coupons!)
      .map(({ key, totalFen }) => [key, totalFen - sumOf(remaining.get(key)!)] as const)
      .filter(([, debited]) => debited !== 0),
  );
};

export const eventId = (name: string): string => eventIdOf('/test', name);

export const couponMessage = (campaigns: string[], events: readonly MemberEvent[]): CouponMessage => ({
  campaigns,
  events: events.map(toMemberTuple),
});

/** The ids of the events in the outbox, each as often as it is there. */
export const outbox = (queues: Queues): string[] =>
  queues.of('grants').flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));

/** The events on the metrics queue, one for each id. */
const distinctEvents = (queues: Queues): MetricEvent[] => {
  const byId = new Map<string, MetricEvent>();
  for (const { body } of queues.of('metrics')) {
    for (const tuple of (JSON.parse(body) as MetricsMessage).events) byId.set(tuple[0], fromTuple(tuple));
  }
  return [...byId.values()];
};

const isCall = ({ label }: MetricEvent): boolean => label.startsWith(`${MODEL_CALLS}/`);

/** How many distinct events of each label are on the metrics queue, without the model's calls. */
export const countsByLabel = (queues: Queues): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const event of distinctEvents(queues)) {
    if (!isCall(event)) counts[event.label] = (counts[event.label] ?? 0) + 1;
  }
  return counts;
};

/** The distinct metric events of the model's calls that are on the metrics queue. */
export const publishedCalls = (queues: Queues): MetricEvent[] => distinctEvents(queues).filter(isCall);
