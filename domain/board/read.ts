/** Reads from the tables what the screen shows. */
import { heldBackIn, leftIn, readBudgetShards } from '#domain/campaigns/budget-items.ts';
import { readOpenCampaigns } from '#domain/campaigns/campaigns-table.ts';
import { EXTENSION_KNOWN_MS, readCampaign } from '#domain/campaigns/extension.ts';
import { readMilestones } from '#domain/metrics/rollup/milestones.ts';
import { readPrefixAndTotal } from '#domain/metrics/rollup/prefix.ts';
import { elapsedAt } from '#domain/metrics/rollup/prefix-keys.ts';
import { readTotal, type Total } from '#domain/metrics/rollup/read.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readCampaignItems } from './campaign-items.ts';
import { campaignToShow } from './choose.ts';
import type { BoardView } from './view.ts';
import { viewOf } from './view-of.ts';

/** Settings of compared campaigns that this process has read. One that still runs may be extended, so it is read again. */
const COMPARED = compartment(() => new Map<string, { settings: CampaignSettings; readMs: number }>());

/**
 * For each campaign, the time up to which this process has shown the figures as complete. A screen never shows an earlier time.
 */
const SAID = compartment(() => new Map<string, number>());

const readComparedSettings = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<CampaignSettings | undefined> => {
  const known = runtime.memory.of(COMPARED).get(campaignId);
  if (known !== undefined && (known.settings.endsAtMs < nowMs || nowMs - known.readMs <= EXTENSION_KNOWN_MS))
    return known.settings;
  const campaign = await readCampaign(runtime, campaignId);
  if (campaign === undefined) return undefined;
  const { settings } = campaign;
  runtime.memory.of(COMPARED).set(campaignId, { settings, readMs: nowMs });
  return settings;
};

/** What the screen of a campaign shows, and the total that it was made from. */
export type ViewWithTotal = { view: BoardView; total: Total };

/**
 * Reads what the screen of a campaign shows; if none is named, that of {@link campaignToShow}. Undefined if
 * there is no such campaign.
 *
 * The calls, one each unless stated otherwise: the open campaigns, if none is named; the campaign's layout
 * and the number of its shards, if this process does not know them; the settings of the campaign to compare
 * with (last year's), if it is not an open one and this process has not read them; the campaign's items; its
 * budgets; its pending blocks, one call for each shard; its total and last year's total, two or three each;
 * further rows of last year's campaign, once in each base window; milestones, and once last year is passed, a
 * row of each level between base windows and total. That is thirteen for a sale of an hour, when a process
 * reads it for the first time. Rows that are larger than an item take one call more.
 */
export const readViewWithTotal = async (
  runtime: Runtime,
  campaignId: string | undefined,
  nowMs: number,
): Promise<ViewWithTotal | undefined> => {
  const open = campaignId === undefined ? await readOpenCampaigns(runtime) : [];
  const id = campaignId ?? campaignToShow(open, nowMs)?.campaignId;
  const items = id === undefined ? undefined : await readCampaignItems(runtime, id);
  if (items === undefined) return undefined;
  const { definition, settings, prices, model, seed, health, pausedSinceMs, closedSinceMs } = items;
  const { compareWith } = settings;
  const [total, shards, lastSettings] = await Promise.all([
    readTotal(runtime, settings),
    definition.coupons && readBudgetShards(runtime, settings.campaignId),
    compareWith === undefined
      ? undefined
      : (open.find((one) => one.campaignId === compareWith) ??
        readComparedSettings(runtime, compareWith, nowMs)),
  ]);
  // Last year is compared up to the newest event, not up to the watermark: while a late event waits, the watermark of a row of
  // the previous format goes back, possibly by hours.
  const { newestMs } = total.row;
  const elapsedMs = newestMs === 0 ? 0 : elapsedAt(settings, newestMs);
  const last = lastSettings && (await readPrefixAndTotal(runtime, lastSettings, elapsedMs));
  const said = runtime.memory.of(SAID);
  const view = viewOf(
    {
      definition,
      settings,
      total,
      saidMs: said.get(settings.campaignId),
      elapsedMs,
      lastYear: last && {
        prefix: last.prefix,
        series: { settings: lastSettings, points: last.total.series },
      },
      milestones: await readMilestones(runtime, settings, total, last?.total),
      money: shards && { remaining: leftIn(shards), held: heldBackIn(shards), prices, model },
      seed,
      health,
      pausedSinceMs,
      closedSinceMs,
    },
    nowMs,
  );
  if (view.watermarkMs !== undefined) said.set(settings.campaignId, view.watermarkMs);
  return { view, total };
};

/** The view alone of {@link readViewWithTotal}. */
export const readView = async (
  runtime: Runtime,
  campaignId: string | undefined,
  nowMs: number,
): Promise<BoardView | undefined> => (await readViewWithTotal(runtime, campaignId, nowMs))?.view;
