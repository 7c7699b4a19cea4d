import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignItem } from '#domain/campaigns/campaigns-table.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { PublicFacts } from './facts.ts';

/** Two items of a campaign in the campaigns table: `FACTS`, public from the opening on, and `SEED`, the revealed seed. */
const FACTS_ITEM = 'FACTS';
const SEED_ITEM = 'SEED';

export type OpeningFacts = { facts: PublicFacts; openedMs: number };

export const factsItem = (facts: PublicFacts, openedMs: number): CampaignItem => ({
  item: FACTS_ITEM,
  attributes: { body: { S: JSON.stringify(facts) }, openedMs: { N: String(openedMs) } },
});

/** The revealed seed, as 64 hexadecimal digits. */
export const seedItem = (seed: Uint8Array): CampaignItem => ({
  item: SEED_ITEM,
  attributes: { seed: { S: Buffer.from(seed).toString('hex') } },
});

export const factsKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: FACTS_ITEM },
});
export const seedKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: SEED_ITEM },
});

export const factsOfItem = (item: Item): OpeningFacts => ({
  facts: JSON.parse(item.body!.S!) as PublicFacts,
  openedMs: Number(item.openedMs!.N),
});

/** The revealed seed from its item, as 64 hexadecimal digits. */
export const seedOfItem = (item: Item): string => item.seed!.S!;

const read = async (runtime: Runtime, key: Item): Promise<Item | undefined> => {
  const { Item: found } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: runtime.environment('CAMPAIGNS_TABLE'), Key: key, ConsistentRead: true }),
  );
  return found;
};

/** The public facts of a campaign's draw; undefined for a campaign without one. */
export const readFacts = async (runtime: Runtime, campaignId: string): Promise<OpeningFacts | undefined> => {
  const item = await read(runtime, factsKeyOf(campaignId));
  return item && factsOfItem(item);
};

/** The seed of a draw that is over; undefined before. */
export const readRevealedSeed = async (
  runtime: Runtime,
  campaignId: string,
): Promise<Uint8Array | undefined> => {
  const item = await read(runtime, seedKeyOf(campaignId));
  return item && Buffer.from(seedOfItem(item), 'hex');
};
