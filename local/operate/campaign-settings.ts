import { readCampaign } from '#domain/campaigns/extension.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import type { Target } from './target.ts';

/** The settings by which a campaign is counted. Throws an InputError if there is no such campaign. */
export const settingsOf = async (
  { runtime, name }: Target,
  campaignId: string,
): Promise<CampaignSettings> => {
  const campaign = await readCampaign(runtime, campaignId);
  if (campaign === undefined)
    throw new InputError(`campaign: expected one of ${name}, got ${JSON.stringify(campaignId)}`);
  return campaign.settings;
};
