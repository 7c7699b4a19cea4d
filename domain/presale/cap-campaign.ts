/** Sets a ceiling for what a pool of a campaign gives. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applyCeiling, ceilingOfEvent } from '#domain/campaigns/ceiling.ts';
import { type CampaignCapped, type CampaignDefinition, rejection } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Received, rejectOfReceived } from './received.ts';
import { type CommandOutcome, unknownCampaign } from './unknown-campaign.ts';

/** The rule that a ceiling breaks; undefined if it breaks none. The rules depend on the campaign's definition alone. */
const faultOf = (
  { coupons }: CampaignDefinition,
  { pool, ceilingFen }: CampaignCapped['data'],
): { field: string; expected: string; value: unknown } | undefined => {
  const pools = coupons?.budgets ?? [];
  const budget = pools.find((one) => one.pool === pool);
  if (budget === undefined) {
    const names = pools.map((one) => one.pool).join(', ');
    const expected = names === '' ? 'a pool of a campaign with coupons' : `a pool of the campaign (${names})`;
    return { field: 'data.pool', expected, value: pool };
  }
  if (ceilingFen <= budget.totalFen) return undefined;
  return {
    field: 'data.ceilingFen',
    expected: `at most ${budget.totalFen}, the pool's budget`,
    value: ceilingFen,
  };
};

/**
 * Sets the most that a pool of a campaign gives, also while the campaign is being opened. `stands` is false
 * if a later event already decides the pool's ceiling.
 */
export const capCampaign = async (
  runtime: Runtime,
  event: CampaignCapped,
  received: Received,
): Promise<CommandOutcome | { kind: 'capped'; stands: boolean }> => {
  const { campaignId } = event.data;
  const definition = await readDefinition(runtime, campaignId);
  if (definition === undefined) return unknownCampaign(event, received);
  const fault = faultOf(definition, event.data);
  if (fault !== undefined) {
    const { field, expected, value } = fault;
    return {
      kind: 'refused',
      reject: rejectOfReceived(rejection('rule-broken', field, expected, value), event, received),
    };
  }
  const stands = await applyCeiling(runtime, campaignId, definition.coupons!, ceilingOfEvent(event));
  return { kind: 'capped', stands };
};
