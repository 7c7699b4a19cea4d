import { isListed, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { sendRejects } from '#domain/intake/rejects.ts';
import { refusalWhereFull } from '#domain/presale/campaign-bound.ts';
import { conflictingDefinition, openCampaign, refusedRehearsal } from '#domain/presale/open-campaign.ts';
import type { PresaleStarted } from '#events/contract.ts';
import { batchHandler, outOfTime, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** Opens campaigns, each once: the same definition again is a no-op, a different one under the same id is rejected. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    for (const [record, presale] of parseBodies<PresaleStarted>(records, fail)) {
      try {
        if (isLate()) throw outOfTime();
        const refusal =
          refusedRehearsal(runtime, presale, record) ?? (await refusalWhereFull(runtime, presale, record));
        if (refusal !== undefined) {
          await sendRejects(runtime, [refusal]);
          continue;
        }
        const registration = await registerCampaign(runtime, presale.data);
        const reject =
          registration.kind === 'known'
            ? conflictingDefinition(registration.definition, presale, record)
            : undefined;
        if (reject !== undefined) {
          await sendRejects(runtime, [reject]);
        } else if (
          registration.kind === 'registered' ||
          !(await isListed(runtime, presale.data.campaignId))
        ) {
          await openCampaign(runtime, presale.data);
          runtime.logger.info('campaign opened', { campaignId: presale.data.campaignId });
        }
      } catch (cause) {
        fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
