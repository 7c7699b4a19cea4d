import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignItem } from '#lambdas/shared/campaigns-table.ts';
import { dynamodb } from '#lambdas/shared/dynamodb.ts';
import { environment } from '#lambdas/shared/environment.ts';
import type { PublicFacts } from './facts.ts';

/** Two items of a campaign in the campaigns table: `FACTS`, public from the opening on, and `SEED`, once it is revealed. */
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

const read = async (
  campaignId: string,
  item: string,
): Promise<Record<string, AttributeValue> | undefined> => {
  const { Item: found } = await dynamodb.send(
    new GetItemCommand({
      TableName: environment('CAMPAIGNS_TABLE'),
      Key: { campaign: { S: campaignId }, item: { S: item } },
      ConsistentRead: true,
    }),
  );
  return found;
};

/** What is public of a campaign's draw; undefined for a campaign without one. */
export const readFacts = async (campaignId: string): Promise<OpeningFacts | undefined> => {
  const item = await read(campaignId, FACTS_ITEM);
  return item && { facts: JSON.parse(item.body!.S!) as PublicFacts, openedMs: Number(item.openedMs!.N) };
};

/** The seed of a draw that is closed; undefined before. */
export const readRevealedSeed = async (campaignId: string): Promise<Uint8Array | undefined> => {
  const item = await read(campaignId, SEED_ITEM);
  return item && Buffer.from(item.seed!.S!, 'hex');
};
