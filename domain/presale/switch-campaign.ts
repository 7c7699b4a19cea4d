/** Pauses or resumes a campaign. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applySwitch, switchOfEvent } from '#domain/campaigns/issuing-switch.ts';
import type { CampaignSwitched } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Received } from './received.ts';
import { resumeIssuing } from './start-pass.ts';
import { type CommandOutcome, unknownCampaign } from './unknown-campaign.ts';

/** The outcome of an event that pauses or resumes a campaign. */
export type Switched =
  /** If `stands`, the event is in effect; otherwise a later one already was. */
  { kind: 'switched'; stands: boolean } | CommandOutcome;

/**
 * Pauses or resumes a campaign, even while it is being opened. When a campaign is resumed, its presale continues. The event of
 * an unknown campaign is tried again later, because the opening may have been sent at the same time.
 */
export const switchCampaign = async (
  runtime: Runtime,
  event: CampaignSwitched,
  received: Received,
): Promise<Switched> => {
  const { campaignId } = event.data;
  if ((await readDefinition(runtime, campaignId)) === undefined) return unknownCampaign(event, received);
  const given = switchOfEvent(event);
  const stands = await applySwitch(runtime, campaignId, given);
  if (stands && !given.isPaused) await resumeIssuing(runtime, campaignId);
  return { kind: 'switched', stands };
};
