import { type CampaignDefinition, type PresaleStarted, rejection } from '#events/contract.ts';
import { AUDIENCE_SEGMENTS, startMessages } from '#lambdas/audience/segment.ts';
import { drawKeys } from '#lambdas/free-order/master-key.ts';
import { drawOpeningItems } from '#lambdas/free-order/opening.ts';
import { batchHandler, logger, parseBodies } from '#lambdas/shared/batch.ts';
import { isListed, listCampaign, putItemsOnce, registerCampaign } from '#lambdas/shared/campaigns-table.ts';
import { environment } from '#lambdas/shared/environment.ts';
import { sendAll } from '#lambdas/shared/queue.ts';
import { type Reject, rejectOf, sendRejects } from '#lambdas/shared/rejects.ts';
import { firstDifference } from './difference.ts';
import { openingItems } from './opening.ts';

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
