/** A draw that is open: its rules, public facts and secrets, read once in each process. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { type CampaignSettings, campaignSettings } from '#events/contract.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type InstantRules, type Rules, rulesOf, type SlotRules } from '../rules/rules.ts';
import type { Chain } from './chains.ts';
import { commitmentTo, Pseudonyms } from './commitment.ts';
import type { PublicFacts } from './facts.ts';
import { readFacts } from './facts-item.ts';
import { drawKeys } from './master-key.ts';
import { TicketDrawer } from './ticket.ts';

/** What does not change about a draw once it is open, in both modes. */
type CommonDraw = {
  campaignId: string;
  settings: CampaignSettings;
  facts: PublicFacts;
  /** When the campaign was opened, in ms since the epoch. */
  openedMs: number;
  seed: Uint8Array;
  /** Draws tickets under the campaign's seed, as instant mode does. */
  tickets: TicketDrawer;
  pseudonyms: Pseudonyms;
};

export type OpenInstantDraw = CommonDraw & { mode: 'instant'; rules: InstantRules };

/** `chain` is the beacon that draws the slots. */
export type OpenSlotDraw = CommonDraw & { mode: 'slot'; rules: SlotRules; chain: Chain };

export type OpenDraw = OpenInstantDraw | OpenSlotDraw;

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
  // If the secret was replaced during the campaign, the keys made from it do not match the published commitments.
  if (commitmentTo(seed) !== facts.seedCommitment || commitmentTo(memberKey) !== facts.memberKeyCommitment) {
    throw new Error(`campaign ${campaignId}: expected the secret that it was opened with, got another`);
  }
  const format = facts.format ?? 1;
  const common: CommonDraw = {
    campaignId,
    settings: campaignSettings(definition),
    facts,
    openedMs,
    seed,
    tickets: new TicketDrawer(seed, format),
    pseudonyms: new Pseudonyms(memberKey),
  };
  const rules: Rules = rulesOf({ ...definition, freeOrders }, format);
  switch (rules.mode) {
    case 'instant':
      return { ...common, mode: rules.mode, rules };
    case 'slot': {
      const { chain } = facts;
      if (chain === null) throw new Error(`campaign ${campaignId}: expected a beacon, got none`);
      return { ...common, mode: rules.mode, rules, chain };
    }
    default:
      return rules satisfies never;
  }
};

/** A campaign's draw, read once in each process. Throws for a campaign without one, and if the secret was replaced. */
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
