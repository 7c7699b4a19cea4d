import type { SQSRecord } from 'aws-lambda';
import { isListed, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { type ErasureMessage, eraseMember } from '#domain/erasure/erase-member.ts';
import { sendRejects } from '#domain/intake/rejects.ts';
import { refusalWhereFull } from '#domain/presale/campaign-bound.ts';
import { capCampaign } from '#domain/presale/cap-campaign.ts';
import { closeCampaign } from '#domain/presale/close-campaign.ts';
import { extendCampaign } from '#domain/presale/extend-campaign.ts';
import {
  beginPresale,
  comparedCampaign,
  conflictingDefinition,
  openCampaign,
  refusedModel,
  refusedRehearsal,
} from '#domain/presale/open-campaign.ts';
import { switchCampaign } from '#domain/presale/switch-campaign.ts';
import type { CampaignCommand, PresaleStarted } from '#events/contract.ts';
import { batchHandler, type Fail, outOfTime, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { logTraces } from '#platform/traces.ts';
import { lambdaOutside } from '../outside.ts';

type Traced = { traceparent?: string };
type CampaignEvent = (PresaleStarted | CampaignCommand | ErasureMessage) & Traced;

/**
 * Sorts a batch: openings of campaigns come before all other events, and the opening of a campaign that starts earlier comes
 * before those of later campaigns, which may be compared with it.
 */
const openingsFirst = (parsed: [SQSRecord, CampaignEvent][]): [SQSRecord, CampaignEvent][] => {
  const placeOf = ([, event]: [SQSRecord, CampaignEvent]): number =>
    event.type === 'presale.started' ? Date.parse(event.data.startsAt) : Number.MAX_SAFE_INTEGER;
  return parsed.sort((a, b) => placeOf(a) - placeOf(b));
};

/**
 * Opens a campaign once. The same definition again only completes an opening that was interrupted; a different one under the
 * same id is rejected.
 */
const open = async (
  runtime: Runtime,
  record: SQSRecord,
  presale: PresaleStarted & Traced,
  fail: Fail,
): Promise<void> => {
  const comparison = await comparedCampaign(runtime, presale, record);
  if (comparison.kind === 'waits') {
    fail(record, comparison.cause);
    return;
  }
  const refusal =
    refusedModel(presale, record) ??
    refusedRehearsal(runtime, presale, record) ??
    (comparison.kind === 'refused' ? comparison.reject : await refusalWhereFull(runtime, presale, record));
  if (refusal !== undefined) {
    await sendRejects(runtime, [refusal]);
    return;
  }
  const registration = await registerCampaign(runtime, presale.data, presale.traceparent);
  const reject =
    registration.kind === 'known'
      ? conflictingDefinition(registration.definition, presale, record)
      : undefined;
  if (reject !== undefined) {
    await sendRejects(runtime, [reject]);
  } else if (registration.kind === 'registered' || !(await isListed(runtime, presale.data.campaignId))) {
    await openCampaign(runtime, registration.stored);
    runtime.logger.info('campaign opened', { campaignId: presale.data.campaignId });
  } else {
    await beginPresale(runtime, presale.data);
  }
};

/**
 * Pauses, resumes, caps, closes or extends a campaign. Of several events that pause and resume it, or that cap the same pool,
 * the one with the latest time decides; a closing is final; of several ends the latest counts.
 */
const outcomeOf = (runtime: Runtime, record: SQSRecord, event: CampaignCommand) => {
  switch (event.type) {
    case 'campaign.paused':
    case 'campaign.resumed':
      return switchCampaign(runtime, event, record);
    case 'campaign.capped':
      return capCampaign(runtime, event, record);
    case 'campaign.closed':
      return closeCampaign(runtime, event, record);
    case 'campaign.extended':
      return extendCampaign(runtime, event, record);
    default:
      return event satisfies never;
  }
};

/** Carries out a command, refuses it, or leaves it to a redelivery. */
const obey = async (
  runtime: Runtime,
  record: SQSRecord,
  event: CampaignCommand,
  fail: Fail,
): Promise<void> => {
  const outcome = await outcomeOf(runtime, record, event);
  switch (outcome.kind) {
    case 'switched':
    case 'capped':
      if (outcome.stands) runtime.logger.info(event.type, { campaignId: event.data.campaignId });
      return;
    case 'closed':
    case 'extended':
      runtime.logger.info(event.type, { campaignId: event.data.campaignId });
      return;
    case 'waits':
      fail(record, outcome.cause);
      return;
    case 'refused':
      await sendRejects(runtime, [outcome.reject]);
      return;
    default:
      outcome satisfies never;
  }
};

/** Opens campaigns, does what operators ask of them, and erases members. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const events = openingsFirst(parseBodies<CampaignEvent>(records, fail));
    logTraces(
      runtime,
      'traced events',
      events.flatMap(([, { traceparent }]) => traceparent ?? []),
    );
    for (const [record, event] of events) {
      try {
        if (isLate()) throw outOfTime();
        switch (event.type) {
          case 'presale.started':
            await open(runtime, record, event, fail);
            break;
          case 'member.erased':
            await eraseMember(runtime, event, isLate);
            break;
          default:
            await obey(runtime, record, event, fail);
        }
      } catch (cause) {
        fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
