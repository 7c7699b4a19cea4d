import { expiryAfter } from '#platform/expiry.ts';
import type { Item } from '#platform/item.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readDefinition } from './campaigns-table.ts';

/** What belongs to no campaign, such as the sweep of all grants, is stored under a name that begins like this. */
const NO_CAMPAIGN = '#';

/** The ends of campaigns, in ms since the epoch; undefined for one that is not stored. */
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
 * The expiry of what belongs to a campaign and is needed until its end, or for longer: an attribute, or nothing for a campaign that
 * is not stored. A campaign's end never changes, so each process reads it once.
 */
export const expiryOf = async (runtime: Runtime, partition: string, neededUntilMs = 0): Promise<Item> => {
  // The campaign's id, or the id and an item's name behind the same mark.
  const [campaignId = ''] = partition.split(NO_CAMPAIGN);
  if (campaignId === '') return {};
  const endsAtMs = await endOf(runtime, campaignId);
  return endsAtMs === undefined ? {} : expiryAfter(runtime, Math.max(endsAtMs, neededUntilMs));
};
