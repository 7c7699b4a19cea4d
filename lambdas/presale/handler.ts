import { isListed, listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { firstDifference } from '#domain/campaigns/difference.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import { type Reject, rejectOf, sendRejects } from '#domain/intake/rejects.ts';
import { AUDIENCE_SEGMENTS, startMessages } from '#domain/presale/segment.ts';
import { type CampaignDefinition, type PresaleStarted, rejection } from '#events/contract.ts';
import { batchHandler, logger, parseBodies } from '#platform/batch.ts';
import { environment } from '#platform/environment.ts';
import { sendAll } from '#platform/queue.ts';

/** Opens campaigns, each once: the same definition again changes nothing, a different one under the same id is rejected. */
export const handler = batchHandler(async (records, fail) => {
  for (const [record, presale] of parseBodies<PresaleStarted>(records, fail)) {
    try {
      const registration = await registerCampaign(presale.data);
      const reject =
        registration.kind === 'known' ? conflict(registration.definition, presale, record) : undefined;
      if (reject !== undefined) {
        await sendRejects([reject]);
      } else if (registration.kind === 'registered' || !(await isListed(presale.data.campaignId))) {
        await open(presale.data);
        logger.info('campaign opened', { campaignId: presale.data.campaignId });
      }
    } catch (cause) {
      fail(record, cause);
    }
  }
});

/**
 * Takes the steps of an opening, any of which may have been taken before: a campaign that is not listed when its event
 * is delivered again goes through all of them, and none does harm twice.
 */
const open = async (definition: CampaignDefinition): Promise<void> => {
  const { campaignId, coupons, freeOrders } = definition;
  if (coupons !== undefined) {
    await putItemsOnce(campaignId, openingItems(definition));
    await sendAll(environment('AUDIENCE_QUEUE_URL'), startMessages(campaignId, AUDIENCE_SEGMENTS, 'plan'));
  }
  if (freeOrders !== undefined) {
    const keys = await drawKeys(campaignId);
    await putItemsOnce(campaignId, drawOpeningItems(definition, keys, Date.now()));
  }
  await listCampaign(definition);
};

type Received = { messageId: string; body: string; attributes: { SentTimestamp: string } };

/** The refusal of a definition that differs from the one that the campaign has; undefined where it does not. */
const conflict = (
  known: PresaleStarted['data'],
  presale: PresaleStarted,
  { messageId, body, attributes }: Received,
): Reject | undefined => {
  const difference = firstDifference(known, presale.data);
  if (difference === undefined) return undefined;
  const cause = rejection(
    'conflicting-definition',
    `data.${difference.path}`,
    `${JSON.stringify(difference.known) ?? 'nothing'}, as campaign ${known.campaignId} was opened with`,
    difference.given,
  );
  return rejectOf(cause, presale, { body, place: messageId, sentMs: Number(attributes.SentTimestamp) });
};
