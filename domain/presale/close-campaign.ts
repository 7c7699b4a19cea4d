import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applyClosing } from '#domain/campaigns/closing.ts';
import type { CampaignClosed } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Received } from './received.ts';
import { type CommandOutcome, unknownCampaign } from './unknown-campaign.ts';

/** Closes a campaign's coupons for good, even while the campaign is still being opened. */
export const closeCampaign = async (
  runtime: Runtime,
  event: CampaignClosed,
  received: Received,
): Promise<CommandOutcome | { kind: 'closed' }> => {
  const definition = await readDefinition(runtime, event.data.campaignId);
  if (definition === undefined) return unknownCampaign(event, received);
  await applyClosing(runtime, definition, Date.parse(event.time));
  return { kind: 'closed' };
};
