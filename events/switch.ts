/** The data of the events that pause a campaign, resume it and close it. */
import { campaignId, record } from './fields.ts';

export const switchData = record({ campaignId });
