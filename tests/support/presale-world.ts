import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { armBudgetFen, spendingArms } from '#domain/campaigns/arms.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { grantsOfItems } from '#domain/grants/grant-item.ts';
import { noteSegmentDone } from '#domain/presale/segments.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { DiscountOffer } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { memberWithOrders, START_MS } from './presale-members.ts';

type Item = Record<string, AttributeValue>;
type Coupons = NonNullable<CampaignDefinition['coupons']>;

const DAY_MS = 86_400_000;
const WRITES_PER_CALL = 25;

export const coupons = (changes: Partial<Coupons> = {}): Coupons => ({
  budgets: [{ pool: 'platform', totalFen: 200_000, presaleShare: 0.5 }],
  offers: [
    offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
    offer({ offerId: 'ten', thresholdFen: 8_000, discountFen: 1_000 }),
    offer({ offerId: 'twenty', thresholdFen: 15_000, discountFen: 2_000 }),
  ],
  arms: { engine: 60, baseline: 20, control: 20 },
  salt: 'salt',
  objective: 'incremental-gmv',
  perMemberLimit: 3,
  epsilon: 0,
  shards: 8,
  baselineOffer: 'ten',
  ...changes,
});

export const offer = (changes: Partial<DiscountOffer> = {}): DiscountOffer => ({
  offerId: 'ten',
  pool: 'platform',
  thresholdFen: 8_000,
  discountFen: 1_000,
  scope: 'all',
  validHours: 24,
  ...changes,
});

export const campaign = (changes: Partial<CampaignDefinition> = {}): CampaignDefinition => ({
  campaignId: 'sale',
  startsAt: new Date(START_MS).toISOString(),
  endsAt: new Date(START_MS + DAY_MS).toISOString(),
  coupons: coupons(),
  ...changes,
});

/** Stores that a campaign's presale is over: its audience is one segment, and the coupons of that segment are issued. */
export const issueAll = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const key = { campaign: campaignId, item: 'SEGMENTS' };
  await advance(runtime, key, await readProgress(runtime, key), { isDone: true, body: Buffer.from('1') });
  await noteSegmentDone(runtime, { campaignId, index: 0, segments: 1 }, 'issue');
};

/** The event that opens a campaign. */
export const presaleStarted = (data: CampaignDefinition) => ({
  specversion: '1.0',
  id: `open-${data.campaignId}`,
  source: 'test',
  type: 'presale.started',
  time: data.startsAt,
  data,
});

/** Stores this many members, `m0` and so on, each with up to five orders of the last half-year. */
export const fillMembers = async (
  client: DynamoDBClient,
  count: number,
  random: () => number,
): Promise<void> => {
  const items = Array.from({ length: count }, (_, i): Item => {
    const { member, version, tierMs, profile } = memberWithOrders(`m${i}`, random);
    return {
      member: { S: member },
      body: {
        M: {
          version: { N: String(version) },
          tier: { S: '' },
          tierMs: { N: String(tierMs) },
          profile: { B: profile },
        },
      },
    };
  });
  for (let first = 0; first < items.length; first += WRITES_PER_CALL) {
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          Members: items.slice(first, first + WRITES_PER_CALL).map((Item) => ({ PutRequest: { Item } })),
        },
      }),
    );
  }
};

export const scanAll = async (client: DynamoDBClient, TableName: string): Promise<Item[]> => {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
};

export type Books = {
  /** By budget key, in fen. */
  remainingFen: Map<string, number>;
  heldFen: Map<string, number>;
  grants: StoredGrant[];
};

/** What a campaign's budgets have left and what its grants hold, read while nothing changes. */
export const readBooks = async (client: DynamoDBClient, campaignId: string): Promise<Books> => {
  const books: Books = { remainingFen: new Map(), heldFen: new Map(), grants: [] };
  const add = (into: Map<string, number>, key: string, fen: number) =>
    into.set(key, (into.get(key) ?? 0) + fen);
  for (const item of await scanAll(client, 'Campaigns')) {
    const [kind, key] = item.item!.S!.split('#');
    if (item.campaign!.S!.split('#')[0] !== campaignId || kind !== 'BUDGET') continue;
    if (Number(item.remaining!.N) < 0) throw new Error(`${item.item!.S} is overdrawn: ${item.remaining!.N}`);
    add(books.remainingFen, key!, Number(item.remaining!.N));
  }
  for (const grant of grantsOfItems(await scanAll(client, 'Grants'))) {
    if (grant.campaignId !== campaignId) continue;
    books.grants.push(grant);
    if (grant.state !== 'expired') add(books.heldFen, grant.budget, grant.faceFen);
  }
  return books;
};

/**
 * Where the books of a campaign are wrong: what grants hold and what is left must be the whole budget, to the fen, and no member
 * may have more coupons than the limit.
 */
export const faultsOf = ({ remainingFen, heldFen, grants }: Books, section: Coupons): string[] => {
  const faults: string[] = [];
  for (const arm of spendingArms(section)) {
    for (const { pool, totalFen } of section.budgets) {
      const key = `${arm}/${pool}`;
      const budgetFen = armBudgetFen(section, { pool, totalFen }, arm);
      const heldAndLeft = (remainingFen.get(key) ?? 0) + (heldFen.get(key) ?? 0);
      if (heldAndLeft !== budgetFen) faults.push(`${key}: ${heldAndLeft} fen of ${budgetFen}`);
    }
  }
  for (const [member, ofMember] of Map.groupBy(grants, (grant) => grant.member)) {
    if (ofMember.length > section.perMemberLimit) faults.push(`${member} has ${ofMember.length} coupons`);
  }
  return faults;
};
