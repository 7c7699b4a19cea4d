/** Moves the end of a running campaign later, or refuses to. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applyExtension, EXTENSION_LEAD_MS } from '#domain/campaigns/extension.ts';
import { latestEndOf } from '#domain/metrics/levels.ts';
import { MAX_CAMPAIGN_MS } from '#events/campaign.ts';
import {
  type CampaignDefinition,
  type CampaignExtended,
  campaignSettings,
  formatTime,
  rejection,
} from '#events/contract.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Received, rejectOfReceived } from './received.ts';
import { type CommandOutcome, unknownCampaign } from './unknown-campaign.ts';

/** The latest end that a campaign can be extended to, in ms, by its tree of rows and by the length that any campaign may have. */
export const extensibleUntil = (definition: CampaignDefinition): number => {
  const settings = campaignSettings(definition);
  return Math.min(latestEndOf(settings), settings.startsAtMs + MAX_CAMPAIGN_MS);
};

/** The bound that a new end breaks, as what was expected of it; undefined if it breaks none. */
const brokenBound = (definition: CampaignDefinition, toMs: number): string | undefined => {
  const plannedMs = Date.parse(definition.endsAt);
  if (toMs <= plannedMs)
    return `a time after ${formatTime(plannedMs)}, the end that the campaign was opened with`;
  const untilMs = extensibleUntil(definition);
  if (toMs <= untilMs) return undefined;
  return `a time no later than ${formatTime(untilMs)}, the latest end that this campaign can have`;
};

/**
 * Moves a running campaign's end later. Of several ends the latest counts, however often and in whatever order they come. An
 * extension that comes too late is refused, because other processes could treat the campaign as over before they know of it.
 */
export const extendCampaign = async (
  runtime: Runtime,
  event: CampaignExtended,
  received: Received,
): Promise<CommandOutcome | { kind: 'extended' }> => {
  const { campaignId, endsAt } = event.data;
  const toMs = Date.parse(endsAt);
  const definition = await readDefinition(runtime, campaignId);
  if (definition === undefined) return unknownCampaign(event, received);
  const refused = (expected: string): CommandOutcome => ({
    kind: 'refused',
    reject: rejectOfReceived(rejection('rule-broken', 'data.endsAt', expected, endsAt), event, received),
  });
  const broken = brokenBound(definition, toMs);
  if (broken !== undefined) return refused(broken);
  const applied = await applyExtension(runtime, definition, toMs);
  switch (applied.kind) {
    case 'stands':
      return { kind: 'extended' };
    case 'too-late':
      return refused(
        `an extension that comes at least ${EXTENSION_LEAD_MS / MINUTE_MS} minutes before the end (${formatTime(applied.endsAtMs)})`,
      );
    case 'unknown':
      return {
        kind: 'waits',
        cause: new Error(
          `campaign ${campaignId}: it is not known whether it was extended; it is tried again`,
        ),
      };
    default:
      return applied satisfies never;
  }
};
