/** The data of the event that moves a campaign's end. */
import { campaignId, record, time } from './fields.ts';

export const extendData = record({ campaignId, endsAt: time });
