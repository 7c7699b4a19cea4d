import { type PresaleStarted, rejection } from '#events/contract.ts';
import { batchHandler, logger, parseBodies } from '#lambdas/shared/batch.ts';
import { openCampaign } from '#lambdas/shared/campaigns-table.ts';
import { rejectOf, sendRejects } from '#lambdas/shared/rejects.ts';
import { firstDifference } from './difference.ts';

/** Opens campaigns, each once: the same definition again changes nothing, a different one under the same id is rejected. */
export const handler = batchHandler(async (records, fail) => {
  for (const [record, presale] of parseBodies<PresaleStarted>(records, fail)) {
    try {
      const opening = await openCampaign(presale.data);
      if (opening.kind === 'opened') {
        logger.info('campaign opened', { campaignId: presale.data.campaignId });
        continue;
      }
      const difference = firstDifference(opening.definition, presale.data);
      if (difference === undefined) continue;
      const { path, known, given } = difference;
      const cause = rejection(
        'conflicting-definition',
        `data.${path}`,
        `${JSON.stringify(known) ?? 'nothing'}, as campaign ${presale.data.campaignId} was opened with`,
        given,
      );
      await sendRejects([
        rejectOf(cause, presale, record.messageId, Number(record.attributes.SentTimestamp)),
      ]);
    } catch (cause) {
      fail(record, cause);
    }
  }
});
