/** A real DynamoDB with opened draws, and what was told of them. */
import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { DrawVerifier, type Verdict } from '#domain/free-orders/audit/verify-draw.ts';
import type { PublicFacts } from '#domain/free-orders/draw/facts.ts';
import { type DrawKeys, drawKeysOf } from '#domain/free-orders/draw/keys.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { type FreeOrderMessage, type OrderEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import { fromTuple, type MetricEventTuple, type MetricsMessage } from '#domain/metrics/metric-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { type Dynoxide, startDynoxide } from './dynoxide.ts';
import type { Queues } from './queues.ts';

/** In the future, so that only ticks say that a slot is over. */
export const START_MS = Date.parse('2040-01-01T00:00:00.000Z');
export const HOUR_MS = 3_600_000;

const MASTER_KEY = new Uint8Array(32).fill(5);

/** What the secret would give. */
export const keysOf = async (campaignId: string): Promise<DrawKeys> => drawKeysOf(MASTER_KEY, campaignId);

export const startWorld = async (): Promise<Dynoxide> => {
  const dynoxide = await startDynoxide();
  await dynoxide.client.send(
    new CreateTableCommand({
      TableName: 'Draws',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'draw', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'draw', AttributeType: 'S' },
        { AttributeName: 'item', AttributeType: 'S' },
      ],
    }),
  );
  Object.assign(process.env, {
    DRAWS_TABLE: 'Draws',
    DRAW_QUEUE_URL: 'draw',
    BEACON_RELAYS: 'http://127.0.0.1:9',
  });
  return dynoxide;
};

/** Opens a campaign of `hours` with these rules, as presale does. */
export const openCampaign = async (
  campaignId: string,
  freeOrders: FreeOrders,
  hours = 1,
): Promise<CampaignDefinition> => {
  const { listCampaign, putItemsOnce, registerCampaign } = await import(
    '#domain/campaigns/campaigns-table.ts'
  );
  const { drawOpeningItems } = await import('#domain/free-orders/draw/opening.ts');
  const definition: CampaignDefinition = {
    campaignId,
    startsAt: new Date(START_MS).toISOString(),
    endsAt: new Date(START_MS + hours * HOUR_MS).toISOString(),
    freeOrders,
  };
  await registerCampaign(definition);
  await putItemsOnce(campaignId, drawOpeningItems(definition, await keysOf(campaignId), Date.now()));
  await listCampaign(definition);
  return definition;
};

/** The order with this number: a member to every three orders, on the whole span unless changed. */
export const orderEvent = (number: number, changes: Partial<OrderEvent> = {}): OrderEvent => ({
  kind: 'paid',
  id: `event-${number}`.padEnd(16, '.'),
  timeMs: START_MS + ((number * 7_919_003) % HOUR_MS),
  member: `member-${Math.floor(number / 3)}`,
  orderId: `order-${String(number).padStart(6, '0')}`,
  brand: 'lotus',
  channel: 'near',
  storeId: `store-${number % 5}`,
  amountFen: 1_000 + ((number * 37) % 4_000),
  couponId: '',
  ...changes,
});

export const messageOf = (campaigns: string[], events: readonly OrderEvent[]): FreeOrderMessage => ({
  campaigns,
  events: events.map(toMemberTuple),
});

/** All free orders that were granted in a campaign, straight from the table. */
export const grantsOf = async (client: DynamoDBClient, campaignId: string): Promise<StoredGrant[]> => {
  const { grantOfItem } = await import('#domain/grants/grants-table.ts');
  const grants: StoredGrant[] = [];
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: 'Grants',
        ConsistentRead: true,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    grants.push(...(page.Items ?? []).map(grantOfItem));
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return grants.filter((grant) => grant.campaignId === campaignId);
};

/** What is left of a campaign's quota and budget, over all shards. */
export const leftOf = async (campaignId: string): Promise<{ quota: number; budgetFen: number }> => {
  const { readBudgets } = await import('#domain/campaigns/budget-items.ts');
  const budgets = await readBudgets(campaignId);
  const sum = (key: string) => budgets.get(key)!.reduce((total, left) => total + left, 0);
  return { quota: sum('free/quota'), budgetFen: sum('free/budget') };
};

/**
 * What was told to the metrics: how many happenings under each label, the members of the events that stand for many, and
 * the events that were told in two ways.
 */
export const toldOf = (
  queues: Queues,
  campaignId: string,
): { counts: Record<string, number>; members: number; conflicts: number } => {
  const texts = new Map<string, Set<string>>();
  for (const { body } of queues.of('metrics')) {
    const { settings, events } = JSON.parse(body) as MetricsMessage;
    if (settings.campaignId !== campaignId) continue;
    for (const event of events)
      texts.set(event[0], (texts.get(event[0]) ?? new Set()).add(JSON.stringify(event)));
  }
  const counts: Record<string, number> = {};
  const members = new HyperLogLog();
  for (const [text] of texts.values()) {
    const { label, count = 1, contributions = [] } = fromTuple(JSON.parse(text!) as MetricEventTuple);
    counts[label] = (counts[label] ?? 0) + count;
    for (const contribution of contributions) members.add(contribution);
  }
  return {
    counts,
    members: members.estimate(),
    conflicts: [...texts.values()].filter(({ size }) => size > 1).length,
  };
};

/** The ids of grants and revocations that were told to the outbox. */
export const outboxOf = (queues: Queues): Set<string> =>
  new Set(
    queues.of('grants').flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id)),
  );

export type Exported = { lines: string[]; verdict: Verdict; facts: PublicFacts };

/** The lines of a finished draw's export, and what the verifier says of them and of what was published. */
export const exportAndVerify = async (campaignId: string): Promise<Exported> => {
  const { exportDraw } = await import('#domain/free-orders/audit/export-draw.ts');
  const lines: string[] = [];
  const published = await exportDraw(campaignId, (line) => lines.push(line));
  const [first] = published;
  if (first?.kind !== 'facts') throw new Error('expected the facts to be published first');
  const slots = published.flatMap((one) => (one.kind === 'slot' ? [one.statement] : []));
  const root = published.flatMap((one) => (one.kind === 'root' ? [one.root] : []))[0]!;
  const verifier = new DrawVerifier({
    facts: first.facts,
    root,
    ...(slots.length === 0 ? {} : { slots: new Map(slots.map((slot) => [slot.slot, slot])) }),
  });
  for (const line of lines) verifier.line(line.trimEnd());
  return { lines, verdict: verifier.finish(), facts: first.facts };
};
