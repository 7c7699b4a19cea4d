import { type PresaleStarted, rejection } from '#events/contract.ts';
import { batchHandler, logger, parseBodies } from '#lambdas/shared/batch.ts';
import { isListed, listCampaign, registerCampaign } from '#lambdas/shared/campaigns-table.ts';
import { type Reject, rejectOf, sendRejects } from '#lambdas/shared/rejects.ts';
import { firstDifference } from './difference.ts';

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
        await listCampaign(presale.data);
        logger.info('campaign opened', { campaignId: presale.data.campaignId });
      }
    } catch (cause) {
      fail(record, cause);
    }
  }
});

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
