/** Lists, shows, opens, pauses and resumes campaigns. */
import { randomUUID } from 'node:crypto';
import { readView } from '#domain/board/read.ts';
import type { BoardView } from '#domain/board/view.ts';
import { isListed, readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { readClosing } from '#domain/campaigns/closing.ts';
import { definitionDifference } from '#domain/campaigns/difference.ts';
import { readSwitch, readSwitchProgress } from '#domain/campaigns/issuing-switch.ts';
import { type CampaignCommand, type CampaignDefinition, type EventOf, formatTime } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import { readCampaignFile } from '../replay/openings.ts';
import { sendOne, untilHolds } from './send-events.ts';
import type { Target } from './target.ts';

/** The source of this command's events; a stack's `senders` may say who may send them. */
const SOURCE = '/zhihui/cli';

export type Phase = 'upcoming' | 'live' | 'over';

export type CampaignLine = {
  campaignId: string;
  startsAt: string;
  endsAt: string;
  /** The end with which it was opened; left out unless it was extended since. Its draw of free orders keeps this end. */
  plannedEndsAt?: string;
  phase: Phase;
  /** Since when it issues nothing; left out if it is not paused. */
  pausedSince?: string;
  /** The time since which its coupons are closed for good; left out if they are not. */
  closedSince?: string;
  hasCoupons: boolean;
  hasFreeOrders: boolean;
};

const phaseAt = (startsAtMs: number, endsAtMs: number, nowMs: number): Phase =>
  nowMs < startsAtMs ? 'upcoming' : nowMs < endsAtMs ? 'live' : 'over';

type Halted = { pausedSince?: string; closedSince?: string };

const haltedSince = async ({ runtime }: Target, campaignId: string): Promise<Halted> => {
  const { isPaused, sinceMs } = await readSwitch(runtime, campaignId);
  const closedMs = await readClosing(runtime, campaignId);
  return {
    ...(isPaused ? { pausedSince: formatTime(sinceMs) } : {}),
    ...(closedMs === undefined ? {} : { closedSince: formatTime(closedMs) }),
  };
};

/** Every campaign that is open, in the order of their ids. */
export const listCampaigns = async (target: Target): Promise<CampaignLine[]> => {
  const { runtime } = target;
  const nowMs = runtime.clock.nowMs();
  const lines: CampaignLine[] = [];
  for (const { settings, hasCoupons, hasFreeOrders } of await readListing(runtime)) {
    const { campaignId, startsAtMs, endsAtMs, plannedEndsAtMs } = settings;
    lines.push({
      campaignId,
      startsAt: formatTime(startsAtMs),
      endsAt: formatTime(endsAtMs),
      ...(plannedEndsAtMs === undefined ? {} : { plannedEndsAt: formatTime(plannedEndsAtMs) }),
      phase: phaseAt(startsAtMs, endsAtMs, nowMs),
      ...(await haltedSince(target, campaignId)),
      hasCoupons,
      hasFreeOrders,
    });
  }
  return lines;
};

export type ShownCampaign = {
  definition: CampaignDefinition;
  phase: Phase;
  pausedSince?: string;
  closedSince?: string;
  /** What the screen shows of it. */
  view: BoardView;
};

/** Everything that is known of a campaign. Throws an InputError if there is none with this id. */
export const showCampaign = async (target: Target, campaignId: string): Promise<ShownCampaign> => {
  const { runtime } = target;
  const nowMs = runtime.clock.nowMs();
  const definition = await openedDefinition(target, campaignId);
  const view = await readView(runtime, campaignId, nowMs);
  if (view === undefined) throw unknownCampaign(campaignId);
  return {
    definition,
    phase: phaseAt(view.startsAtMs, view.endsAtMs, nowMs),
    ...(await haltedSince(target, campaignId)),
    view,
  };
};

export const unknownCampaign = (campaignId: string): InputError =>
  new InputError(`expected the id of a campaign that was opened, got ${JSON.stringify(campaignId)}`);

/** The definition of a campaign. Throws an InputError if there is none with this id. */
export const openedDefinition = async (
  { runtime }: Target,
  campaignId: string,
): Promise<CampaignDefinition> => {
  const definition = await readDefinition(runtime, campaignId);
  if (definition === undefined) throw unknownCampaign(campaignId);
  return definition;
};

/** Sends the event of a command about a campaign, with the time from which it applies, in ms. */
export const sendCommand = <Type extends CampaignCommand['type']>(
  target: Target,
  type: Type,
  data: EventOf<Type>['data'],
  timeMs: number,
): Promise<void> =>
  sendOne(target, {
    specversion: '1.0',
    id: randomUUID(),
    source: SOURCE,
    type,
    time: formatTime(timeMs),
    data,
  });

export type Opened = {
  campaignId: string;
  /** Whether it takes orders; false if it took none within half a minute. */
  isOpen: boolean;
  /** Whether it took orders before this command. */
  wasOpen: boolean;
};

/**
 * Opens the campaign of a file, and waits until it takes orders. Throws an InputError if the file is not well formed, or if
 * another definition was opened under its id.
 */
export const openCampaignFile = async (target: Target, file: string): Promise<Opened> => {
  const { runtime } = target;
  const { campaignId, text } = readCampaignFile(file, runtime.clock.nowMs());
  const event = JSON.parse(text) as { data: CampaignDefinition };
  const known = await readDefinition(runtime, campaignId);
  const difference = known && definitionDifference(known, event.data);
  if (difference !== undefined)
    throw new InputError(
      `${file}: ${difference.path}: expected ${JSON.stringify(difference.known) ?? 'nothing'}, as campaign ${campaignId} was opened with, got ${JSON.stringify(difference.given) ?? 'nothing'}`,
    );
  const wasOpen = await isListed(runtime, campaignId);
  await sendOne(target, event);
  const isOpen = await untilHolds(target, () => isListed(runtime, campaignId));
  return { campaignId, isOpen, wasOpen };
};

export type Switched = {
  campaignId: string;
  isPaused: boolean;
  /** Whether every shard follows this command or a later one; false if some did not within half a minute. */
  isInEffect: boolean;
  /** Whether a later command has switched the campaign the other way, and that command is in effect. */
  isSuperseded: boolean;
  shards: number;
  /** How many of the shards follow the command. */
  switched: number;
  /** The time from sending the event until it is in effect or the wait is given up, in ms. */
  tookMs: number;
};

/**
 * Pauses or resumes a campaign, and waits until every shard of its budgets and quotas follows. A paused campaign issues nothing
 * from then on. Throws an InputError if there is no such campaign.
 */
export const switchTo = async (target: Target, campaignId: string, isPaused: boolean): Promise<Switched> => {
  const { runtime } = target;
  await openedDefinition(target, campaignId);
  const before = await readSwitch(runtime, campaignId);
  const sentMs = runtime.clock.nowMs();
  // Later than the event that was sent before, even if that came from a clock that runs ahead.
  const timeMs = Math.max(sentMs, before.sinceMs + 1);
  await sendCommand(target, isPaused ? 'campaign.paused' : 'campaign.resumed', { campaignId }, timeMs);
  let progress = await readSwitchProgress(runtime, campaignId);
  const isInEffect = await untilHolds(target, async () => {
    progress = await readSwitchProgress(runtime, campaignId);
    return progress.state.sinceMs >= timeMs && progress.switched === progress.shards;
  });
  const { state, shards, switched } = progress;
  return {
    campaignId,
    isPaused,
    isInEffect,
    isSuperseded: isInEffect && state.isPaused !== isPaused,
    shards,
    switched,
    tookMs: runtime.clock.nowMs() - sentMs,
  };
};
