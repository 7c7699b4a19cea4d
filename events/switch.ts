/** The data of the events that pause a campaign and resume it. */
import { campaignId, record } from './fields.ts';

export const switchData = record({ campaignId });
