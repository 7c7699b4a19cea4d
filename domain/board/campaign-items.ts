import { definitionKeyOf, definitionOfItem, layoutOf } from '#domain/campaigns/campaigns-table.ts';
import { closedMsOfItem, closingKeyOf } from '#domain/campaigns/closing.ts';
import { extendedMsOfItem, extensionKeyOf } from '#domain/campaigns/extension.ts';
import { switchKeyOf, switchOfItem } from '#domain/campaigns/issuing-switch.ts';
import { type Prices, pricesKeyOf, pricesOfItem } from '#domain/campaigns/prices.ts';
import { factsKeyOf, factsOfItem, seedKeyOf, seedOfItem } from '#domain/free-orders/draw/facts-item.ts';
import { modelKeyOf, modelOfItem } from '#domain/learning/model-items.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import {
  type CampaignDefinition,
  type CampaignSettings,
  campaignSettings,
  extendedSettings,
} from '#events/contract.ts';
import { batchGet } from '#platform/batch-get.ts';
import { HEALTH_KEY, type Health, healthOfItem } from '#platform/health-item.ts';
import type { Item } from '#platform/item.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { SeedFacts } from './free-order-view.ts';

/** A campaign's items in the campaigns table, without its budgets. */
export type CampaignItems = {
  definition: CampaignDefinition;
  prices: Prices;
  /** Undefined if the campaign has no learned model. */
  model: UseModel | undefined;
  /** Undefined for a campaign without free orders. */
  seed: SeedFacts | undefined;
  health: Health | undefined;
  /** Since when it is paused; undefined if it is not. */
  pausedSinceMs: number | undefined;
  /** The time since which its coupons are closed; undefined if they are not. */
  closedSinceMs: number | undefined;
  /** The campaign's settings, with the end that it has now. */
  settings: CampaignSettings;
};

/** What a worker reads of a campaign only once, because it never changes after it is written. */
type Fixed = { definition?: CampaignDefinition; seedCommitment?: string; seed?: string };

const FIXED = compartment(() => new Map<string, Fixed>());

/** Reads a campaign's items in one call, after its layout, which a process reads once; undefined for an unknown campaign. */
export const readCampaignItems = async (
  runtime: Runtime,
  campaignId: string,
): Promise<CampaignItems | undefined> => {
  const layout = await layoutOf(runtime, campaignId);
  if (layout === undefined) return undefined;
  const known = runtime.memory.of(FIXED).get(campaignId) ?? {};
  const { definition, seedCommitment, seed } = known;
  const items = await batchGet(runtime, runtime.environment('CAMPAIGNS_TABLE'), [
    ...(definition === undefined ? [definitionKeyOf(campaignId)] : []),
    ...(seedCommitment === undefined ? [factsKeyOf(campaignId)] : []),
    ...(seed === undefined ? [seedKeyOf(campaignId)] : []),
    pricesKeyOf(layout),
    modelKeyOf(campaignId),
    switchKeyOf(campaignId),
    closingKeyOf(campaignId),
    extensionKeyOf(campaignId),
    HEALTH_KEY,
  ]);
  const at = <Value>(key: Item, read: (item: Item) => Value): Value | undefined => {
    const found = items.find((item) => item.item!.S === key.item!.S);
    return found && read(found);
  };
  known.definition ??= at(definitionKeyOf(campaignId), definitionOfItem);
  known.seedCommitment ??= at(factsKeyOf(campaignId), (item) => factsOfItem(item).facts.seedCommitment);
  known.seed ??= at(seedKeyOf(campaignId), seedOfItem);
  if (known.definition === undefined) return undefined;
  runtime.memory.of(FIXED).set(campaignId, known);
  const switched = at(switchKeyOf(campaignId), switchOfItem);
  return {
    definition: known.definition,
    settings: extendedSettings(
      campaignSettings(known.definition),
      at(extensionKeyOf(campaignId), extendedMsOfItem),
    ),
    prices: at(pricesKeyOf(layout), (item) => pricesOfItem(item).prices) ?? {},
    model: at(modelKeyOf(campaignId), modelOfItem),
    seed:
      known.seedCommitment === undefined
        ? undefined
        : { seedCommitment: known.seedCommitment, seed: known.seed },
    health: at(HEALTH_KEY, healthOfItem),
    pausedSinceMs: switched?.isPaused === true ? switched.sinceMs : undefined,
    closedSinceMs: at(closingKeyOf(campaignId), closedMsOfItem),
  };
};
