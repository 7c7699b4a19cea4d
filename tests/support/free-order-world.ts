/** Opens the draws of campaigns for tests, and reads what was published about them. */

import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { parsePublished } from '#domain/free-orders/audit/published.ts';
import { DrawVerifier, type Verdict } from '#domain/free-orders/audit/verify-draw.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import { type FaultOfRound, faultOfRound, verifyRoundOnce } from '#domain/free-orders/draw/beacon.ts';
import type { PublicFacts } from '#domain/free-orders/draw/facts.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import type { ExportPlace } from '#domain/free-orders/entries/export-items.ts';
import { type FreeOrderMessage, type OrderEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import { fromTuple, type MetricEventTuple, type MetricsMessage } from '#domain/metrics/metric-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import { Memory } from '#platform/memory.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { MemoryObjects } from './objects.ts';
import type { Queues } from './queues.ts';

/** In the future, so that by the real clock no slot is over: only the times of ticks close slots. */
export const START_MS = Date.parse('2040-01-01T00:00:00.000Z');
export const HOUR_MS = 3_600_000;

const SECRET = 'a text of many random characters';

/** A Secrets Manager that holds only the secret from which the keys of draws are derived. */
export const secrets: Clients['secrets'] = {
  send: (async () => ({ SecretString: SECRET })) as unknown as Clients['secrets']['send'],
};

export const RELAY = 'https://relay.test';

/** The relay, which has the recorded rounds and no others. */
export const askRelay: typeof fetch = async (url) => {
  const number = Number(String(url).split('/').at(-1));
  const found = RECORDED_ROUNDS.find(({ round }) => round === number);
  return found === undefined ? new Response(null, { status: 404 }) : Response.json(found);
};

/** Opens a campaign that lasts `hours` with these rules, as the presale function does. */
export const openCampaign = async (
  runtime: Runtime,
  campaignId: string,
  freeOrders: FreeOrders,
  hours = 1,
): Promise<CampaignDefinition> => {
  const definition: CampaignDefinition = {
    campaignId,
    startsAt: new Date(START_MS).toISOString(),
    endsAt: new Date(START_MS + hours * HOUR_MS).toISOString(),
    freeOrders,
  };
  const keys = await drawKeys(runtime, campaignId);
  const { layout } = (await registerCampaign(runtime, definition)).stored;
  await putItemsOnce(runtime, campaignId, drawOpeningItems(definition, { keys, layout }, Date.now()));
  await listCampaign(runtime, definition);
  return definition;
};

/** The order with this number. Three orders in a row are of one member; the times are spread over the campaign's first hour. */
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

/** What is left of a campaign's quota and budget, over all shards. */
export const leftOf = async (
  runtime: Runtime,
  campaignId: string,
): Promise<{ quota: number; budgetFen: number }> => {
  const budgets = await readBudgets(runtime, campaignId);
  const sum = (key: string) => budgets.get(key)!.reduce((total, left) => total + left, 0);
  return { quota: sum('free/quota'), budgetFen: sum('free/budget') };
};

/**
 * What was sent to the metrics: the count under each label, an estimate of how many members are in the events that stand for
 * many orders, and the number of events that were sent in more than one version.
 */
export const publishedOf = (
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

/** The ids of grants and revocations that were sent to the outbox. */
export const outboxOf = (queues: Queues): Set<string> =>
  new Set(
    queues.of('grants').flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id)),
  );

/** The recorded rounds that were verified. They are few, and worlds use them again and again. */
const VERIFIED_ROUNDS = new Memory();

const faultOfRoundOnce: FaultOfRound = (chain, round) =>
  verifyRoundOnce(chain, round, VERIFIED_ROUNDS) ? undefined : faultOfRound(chain, round);

export type Exported = { lines: string[]; verdict: Verdict; facts: PublicFacts };

/** The lines of a stored export, and what the verifier says of them and of what was published. */
export const verifyStored = (objects: MemoryObjects, place: ExportPlace): Exported => {
  const lines = objects.text(exportObject(place)).split('\n').slice(0, -1);
  const parsed = parsePublished(objects.text(publicObject(place)));
  if (!parsed.ok) throw new Error(`publications: ${parsed.message}`);
  const verifier = new DrawVerifier(parsed.published, faultOfRoundOnce);
  for (const line of lines) verifier.line(line);
  return { lines, verdict: verifier.finish(), facts: parsed.published.facts! };
};

/** Exports a finished draw, and returns what {@link verifyStored} finds in the export. */
export const exportAndVerify = async (runtime: Runtime, campaignId: string): Promise<Exported> => {
  const objects = new MemoryObjects();
  const place = { campaignId, revision: 'first' };
  await exportDraw(runtime, objects, place);
  return verifyStored(objects, place);
};
