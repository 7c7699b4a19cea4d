import { listCampaign, putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import { definitionDifference } from '#domain/campaigns/difference.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import { type Reject, rejectOf } from '#domain/intake/rejects.ts';
import { type CampaignDefinition, type PresaleStarted, rejection } from '#events/contract.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { AUDIENCE_SEGMENTS, startMessages } from './segment.ts';

/**
 * Opens a campaign in steps, each of which may have been done before: a campaign that is not listed when its event is delivered
 * again goes through all of them, and repeating one is a no-op.
 */
export const openCampaign = async (runtime: Runtime, definition: CampaignDefinition): Promise<void> => {
  const { campaignId, coupons, freeOrders } = definition;
  if (coupons !== undefined) {
    await putItemsOnce(runtime, campaignId, openingItems(definition));
    await sendAll(
      runtime,
      runtime.environment('AUDIENCE_QUEUE_URL'),
      startMessages(campaignId, AUDIENCE_SEGMENTS, 'plan'),
    );
  }
  if (freeOrders !== undefined) {
    const keys = await drawKeys(runtime, campaignId);
    await putItemsOnce(runtime, campaignId, drawOpeningItems(definition, keys, runtime.clock.nowMs()));
  }
  await listCampaign(runtime, definition);
};

/** The rejection of a draw by a recorded round, which everybody knows, where the stack allows no rehearsals. */
export const refusedRehearsal = (
  runtime: Runtime,
  presale: PresaleStarted,
  { messageId, body, attributes }: Received,
): Reject | undefined => {
  const { freeOrders } = presale.data;
  if (freeOrders?.mode !== 'slot' || freeOrders.beacon.recordedRound === undefined) return undefined;
  if (runtime.environment('ALLOW_REHEARSALS') === 'true') return undefined;
  const cause = rejection(
    'rule-broken',
    'data.freeOrders.beacon.recordedRound',
    'delaySeconds in its place, since this stack allows no rehearsals',
    freeOrders.beacon.recordedRound,
  );
  return rejectOf(cause, presale, { body, place: messageId, sentMs: Number(attributes.SentTimestamp) });
};

type Received = { messageId: string; body: string; attributes: { SentTimestamp: string } };

/** The rejection of a definition that differs from the campaign's; undefined where it is the same. */
export const conflictingDefinition = (
  known: PresaleStarted['data'],
  presale: PresaleStarted,
  { messageId, body, attributes }: Received,
): Reject | undefined => {
  const difference = definitionDifference(known, presale.data);
  if (difference === undefined) return undefined;
  const cause = rejection(
    'conflicting-definition',
    `data.${difference.path}`,
    `${JSON.stringify(difference.known) ?? 'nothing'}, as campaign ${known.campaignId} was opened with`,
    difference.given,
  );
  return rejectOf(cause, presale, { body, place: messageId, sentMs: Number(attributes.SentTimestamp) });
};
