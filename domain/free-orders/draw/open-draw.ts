import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { type CampaignSettings, campaignSettings } from '#events/contract.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Rules, rulesOf } from '../rules/rules.ts';
import { commitmentTo, Pseudonyms } from './commitment.ts';
import type { PublicFacts } from './facts.ts';
import { readFacts } from './facts-item.ts';
import { drawKeys } from './master-key.ts';
import { TicketDrawer } from './ticket.ts';

/** Everything about a campaign's draw that does not change once it is open. */
export type OpenDraw = {
  campaignId: string;
  settings: CampaignSettings;
  rules: Rules;
  facts: PublicFacts;
  /** When the campaign was opened, in ms since the epoch. */
  openedMs: number;
  seed: Uint8Array;
  /** Under the campaign's seed, which is that of the tickets in instant mode. */
  tickets: TicketDrawer;
  pseudonyms: Pseudonyms;
};

const DRAWS = compartment(() => new Map<string, Promise<OpenDraw>>());

const read = async (runtime: Runtime, campaignId: string): Promise<OpenDraw> => {
  const [definition, opening, { seed, memberKey }] = await Promise.all([
    readDefinition(runtime, campaignId),
    readFacts(runtime, campaignId),
    drawKeys(runtime, campaignId),
  ]);
  const freeOrders = definition?.freeOrders;
  if (definition === undefined || freeOrders === undefined || opening === undefined) {
    throw new Error(`campaign ${campaignId}: expected a draw that was opened, got none`);
  }
  const { facts, openedMs } = opening;
  // A secret that was exchanged during the campaign would draw under a seed that nobody has committed to.
  if (commitmentTo(seed) !== facts.seedCommitment || commitmentTo(memberKey) !== facts.memberKeyCommitment) {
    throw new Error(`campaign ${campaignId}: the secret is not the one that the campaign was opened with`);
  }
  return {
    campaignId,
    settings: campaignSettings(definition),
    rules: rulesOf({ ...definition, freeOrders }),
    facts,
    openedMs,
    seed,
    tickets: new TicketDrawer(seed),
    pseudonyms: new Pseudonyms(memberKey),
  };
};

/** A campaign's draw, read once a process. Throws for a campaign without one. */
export const openDraw = (runtime: Runtime, campaignId: string): Promise<OpenDraw> => {
  let draw = runtime.memory.of(DRAWS).get(campaignId);
  if (draw === undefined) {
    draw = read(runtime, campaignId).catch((cause: unknown) => {
      runtime.memory.of(DRAWS).delete(campaignId);
      throw cause;
    });
    runtime.memory.of(DRAWS).set(campaignId, draw);
  }
  return draw;
};
