/** When the items of a campaign expire. */
import { expiryAfter } from '#platform/expiry.ts';
import type { Item } from '#platform/item.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readDefinition } from './campaigns-table.ts';

/** Divides a campaign's id from an item's name. A key without a campaign begins with this mark: `#sweep`. */
const NO_CAMPAIGN = '#';

/** The ends with which campaigns were opened, in ms since the epoch; undefined for one that is not stored. */
const ENDS = compartment(() => new Map<string, Promise<number | undefined>>());

const endOf = (runtime: Runtime, campaignId: string): Promise<number | undefined> => {
  const ends = runtime.memory.of(ENDS);
  const known = ends.get(campaignId);
  if (known !== undefined) return known;
  const reading = readDefinition(runtime, campaignId).then((definition) => {
    if (definition === undefined) ends.delete(campaignId);
    return definition && Date.parse(definition.endsAt);
  });
  reading.catch(() => ends.delete(campaignId));
  ends.set(campaignId, reading);
  return reading;
};

/**
 * The expiry of what belongs to a campaign, as an attribute; nothing for a campaign that is not stored. It counts from the end
 * with which the campaign was opened, or from `neededUntilMs` if that is later. That end never changes, so each process reads it
 * once. An extension of the campaign does not move the expiry: extensions are shorter than the retention.
 */
export const expiryOf = async (runtime: Runtime, partition: string, neededUntilMs = 0): Promise<Item> => {
  // A partition is a campaign's id, or the id, the mark and an item's name.
  const [campaignId = ''] = partition.split(NO_CAMPAIGN);
  if (campaignId === '') return {};
  const endsAtMs = await endOf(runtime, campaignId);
  return endsAtMs === undefined ? {} : expiryAfter(runtime, Math.max(endsAtMs, neededUntilMs));
};
