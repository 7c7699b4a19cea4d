/** The data of the event that sets the most money that a pool may give. */
import { campaignId, integer, record } from './fields.ts';
import { MAX_BUDGET_FEN, pool } from './sections/coupons.ts';

export const capData = record({ campaignId, pool, ceilingFen: integer(0, MAX_BUDGET_FEN) });
