import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  type CampaignDefinition,
  type CampaignSettings,
  CLOCK_SKEW_MS,
  campaignSettings,
  extendedSettings,
} from '#events/contract.ts';
import { MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';
import { listingKeyOf, readStoredDefinition, type StoredDefinition } from './campaigns-table.ts';

/**
 * Extending a campaign. The item `EXTENDED` keeps the latest end that was accepted, and so does the list of open campaigns;
 * both are written together. The end only moves later, so the order and the number of events make no difference.
 *
 * Every process must treat an event after the former end alike. So an extension is accepted only while the former end is at least
 * {@link EXTENSION_LEAD_MS} ahead: when the former end comes, every process knows of the extension, and until it is written
 * no event after the former end can have come.
 */
const EXTENDED_ITEM = 'EXTENDED';

/** How old a process's knowledge of an extension may be. */
export const EXTENSION_KNOWN_MS = 30 * SECOND_MS;
/** Room for clocks that differ, and for a worker that has read the end and is slow to write. */
const SLACK_MS = 4.5 * MINUTE_MS;
/** How long before its end, at the latest, a campaign can be extended. No event is stamped more than CLOCK_SKEW_MS ahead. */
export const EXTENSION_LEAD_MS = EXTENSION_KNOWN_MS + CLOCK_SKEW_MS + SLACK_MS;

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

export const extensionKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: EXTENDED_ITEM },
});

export const extendedMsOfItem = (item: Item): number => Number(item.endsAtMs!.N);

/** The end that a campaign was extended to, in ms, strongly consistent; undefined if it was not. */
export const readExtension = async (runtime: Runtime, campaignId: string): Promise<number | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: extensionKeyOf(campaignId),
      ConsistentRead: true,
    }),
  );
  return item && extendedMsOfItem(item);
};

/** A campaign as it was opened, and its settings with the end that it has now. */
export type CurrentCampaign = StoredDefinition & { settings: CampaignSettings };

/** Reads a campaign; undefined if there is none of this id. */
export const readCampaign = async (
  runtime: Runtime,
  campaignId: string,
): Promise<CurrentCampaign | undefined> => {
  const [stored, extendedMs] = await Promise.all([
    readStoredDefinition(runtime, campaignId),
    readExtension(runtime, campaignId),
  ]);
  return stored && { ...stored, settings: extendedSettings(campaignSettings(stored.definition), extendedMs) };
};

/** Writes a later end. Returns false if one of its conditions does not hold, or if it is unknown whether it was written. */
const storeExtension = async (runtime: Runtime, campaignId: string, endsAtMs: number): Promise<boolean> => {
  const written = await transact(runtime, [
    {
      Update: {
        TableName: tableName(runtime),
        Key: listingKeyOf(campaignId),
        UpdateExpression: 'SET extendedToMs = :end',
        ConditionExpression: 'attribute_exists(campaign)',
        ExpressionAttributeValues: { ':end': { N: String(endsAtMs) } },
      },
    },
    {
      Put: {
        TableName: tableName(runtime),
        Item: { ...extensionKeyOf(campaignId), endsAtMs: { N: String(endsAtMs) } },
        ConditionExpression: 'attribute_not_exists(campaign) OR endsAtMs < :end',
        ExpressionAttributeValues: { ':end': { N: String(endsAtMs) } },
      },
    },
  ]);
  return written.kind === 'done';
};

/** The outcome of an extension. The times are in ms. */
export type Extended =
  /** The campaign ends at that time or later. */
  | { kind: 'stands' }
  /** Its end is too near or past. */
  | { kind: 'too-late'; endsAtMs: number }
  /** Another worker wrote at the same time, the answer was lost, or the campaign is not listed yet: try it again. */
  | { kind: 'unknown' };

/** Extends a campaign once it is listed as open. */
export const applyExtension = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  toMs: number,
): Promise<Extended> => {
  const { campaignId } = definition;
  const extendedMs = await readExtension(runtime, campaignId);
  const { endsAtMs } = extendedSettings(campaignSettings(definition), extendedMs);
  if (toMs <= endsAtMs) return { kind: 'stands' };
  if (runtime.clock.nowMs() + EXTENSION_LEAD_MS > endsAtMs) return { kind: 'too-late', endsAtMs };
  return (await storeExtension(runtime, campaignId, toMs)) ? { kind: 'stands' } : { kind: 'unknown' };
};
