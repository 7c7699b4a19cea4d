/** Refuses the opening of a campaign if too many campaigns already take orders. */
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import type { Reject } from '#domain/intake/rejects.ts';
import { isPastHorizon, windowStartOf } from '#domain/metrics/levels.ts';
import { type PresaleStarted, rejection } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { rejectOfReceived, type SentMessage } from './received.ts';

/**
 * The most campaigns that take orders at the same time. Each order is compared with all of them, and counted in all that span
 * its time.
 */
export const MAX_OPEN_CAMPAIGNS = 100;

/**
 * The rejection of a campaign that would exceed the limit; undefined if it would not, or if it is open already. Campaigns that
 * take no more orders, because their horizon is past, do not count. Two campaigns that are opened at the same instant may both be
 * accepted, even if only one is below the limit.
 */
export const refusalWhereFull = async (
  runtime: Runtime,
  presale: PresaleStarted,
  received: SentMessage,
): Promise<Reject | undefined> => {
  const nowMs = runtime.clock.nowMs();
  const listing = await readListing(runtime);
  if (listing.some(({ settings }) => settings.campaignId === presale.data.campaignId)) return undefined;
  const open = listing.filter(
    ({ settings }) => !isPastHorizon(settings, windowStartOf(settings, settings.endsAtMs - 1), nowMs),
  );
  if (open.length < MAX_OPEN_CAMPAIGNS) return undefined;
  const cause = rejection(
    'too-many-campaigns',
    'data.campaignId',
    `at most ${MAX_OPEN_CAMPAIGNS} campaigns that take orders`,
    presale.data.campaignId,
  );
  return rejectOfReceived(cause, presale, received);
};
