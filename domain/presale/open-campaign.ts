import {
  listCampaign,
  putItemsOnce,
  readDefinition,
  type StoredDefinition,
} from '#domain/campaigns/campaigns-table.ts';
import { applyCeiling, readCeilings } from '#domain/campaigns/ceiling.ts';
import { applyClosing, readClosing } from '#domain/campaigns/closing.ts';
import { definitionDifference } from '#domain/campaigns/difference.ts';
import { applySwitch, readSwitch } from '#domain/campaigns/issuing-switch.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { learn } from '#domain/coupons/learn.ts';
import { loadOwnModel } from '#domain/coupons/own-model.ts';
import { publishModel } from '#domain/coupons/publish-model.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import type { Reject } from '#domain/intake/rejects.ts';
import { readModel } from '#domain/learning/model-items.ts';
import { ModelError } from '#domain/learning/scorer.ts';
import {
  type CampaignDefinition,
  campaignSettings,
  type PresaleStarted,
  rejection,
} from '#events/contract.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { asError } from '#platform/log.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Received, rejectOfReceived } from './received.ts';
import { startPresaleWhenDue } from './start-presale.ts';

/**
 * Opens a campaign in steps, each of which may have been done before: a campaign that is not listed when its event is delivered
 * again goes through all of them, and repeating one is a no-op.
 *
 * It is listed before its presale begins, since an order may name a coupon as soon as it is issued. After a crash between the
 * two, the event's redelivery or the pacer begins the presale.
 *
 * A worker that pauses, closes or caps the campaign meanwhile stores its event first, and then marks the shards. The opening writes
 * the shards first, and then reads such events and applies them. So each shard is marked by at least one of the two, and what was
 * stored before the opening read it is in effect before anything is issued.
 */
export const openCampaign = async (
  runtime: Runtime,
  { definition, layout }: StoredDefinition,
): Promise<void> => {
  const { campaignId, coupons, freeOrders } = definition;
  const nowMs = runtime.clock.nowMs();
  if (coupons !== undefined) {
    await putItemsOnce(runtime, campaignId, openingItems(layout, coupons));
    if (coupons.model === 'learned') await publishFirstModel(runtime, campaignId);
  }
  if (freeOrders !== undefined) {
    const keys = await drawKeys(runtime, campaignId);
    await putItemsOnce(runtime, campaignId, drawOpeningItems(definition, { keys, layout }, nowMs));
  }
  const switched = await readSwitch(runtime, campaignId);
  if (switched.isPaused) await applySwitch(runtime, campaignId, switched);
  if (coupons !== undefined)
    for (const ceiling of await readCeilings(runtime, campaignId))
      await applyCeiling(runtime, campaignId, coupons, ceiling);
  const closedMs = await readClosing(runtime, campaignId);
  if (closedMs !== undefined) await applyClosing(runtime, definition, closedMs);
  await listCampaign(runtime, definition, presaleTimeOf(definition, nowMs));
  await beginPresale(runtime, definition);
};

/** When a presale is to start; undefined without coupons. */
const presaleTimeOf = ({ coupons, presaleAt }: CampaignDefinition, nowMs: number): number | undefined =>
  coupons === undefined ? undefined : presaleAt === undefined ? nowMs : Date.parse(presaleAt);

/** Begins the presale of a campaign that is listed, if it is due and has not begun. */
export const beginPresale = (runtime: Runtime, definition: CampaignDefinition): Promise<void> => {
  const nowMs = runtime.clock.nowMs();
  const presaleAtMs = presaleTimeOf(definition, nowMs);
  return startPresaleWhenDue(runtime, { settings: campaignSettings(definition), presaleAtMs }, nowMs);
};

/** Publishes a model that is learned from all coupons that have expired, unless the campaign has a model already. */
const publishFirstModel = async (runtime: Runtime, campaignId: string): Promise<void> => {
  if ((await readModel(runtime, campaignId)) !== undefined) return;
  const failures = await learn(runtime, runtime.clock.nowMs());
  for (const [failed, cause] of failures) {
    runtime.logger.warn('examples not folded', { campaignId: failed, cause: asError(cause) });
  }
  await publishModel(runtime, campaignId);
};

/**
 * The rejection of a shop's own model that cannot be loaded; undefined if it can be loaded, or if the campaign has no such
 * model.
 */
export const refusedModel = (presale: PresaleStarted, received: Received): Reject | undefined => {
  const model = presale.data.coupons?.ownModel;
  if (model === undefined) return undefined;
  try {
    loadOwnModel(model);
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const cause = rejection(
      'rule-broken',
      'data.coupons.ownModel',
      `a model that can be loaded (${error.message})`,
      model,
    );
    return rejectOfReceived(cause, presale, received);
  }
};

/**
 * The rejection of a draw that uses a past round of the beacon (`recordedRound`), whose value everybody knows already, in a stack
 * that allows no rehearsals; else undefined.
 */
export const refusedRehearsal = (
  runtime: Runtime,
  presale: PresaleStarted,
  received: Received,
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
  return rejectOfReceived(cause, presale, received);
};

/**
 * An opening whose `compareWith` names an unknown campaign is refused only once it has been received this often, and the time has
 * passed for which an order waits for its campaign. The other campaign's opening may be sent at the same time, and a worker that
 * crashed may hold it for minutes.
 */
const RECEIVES_MIN = 4;

/** What the campaign to compare with means for an opening: the opening goes on, comes back later, or is refused. */
export type Comparison =
  | { kind: 'known' }
  | { kind: 'waits'; cause: Error }
  | { kind: 'refused'; reject: Reject };

/** Looks for the campaign to compare with. If the campaign to open is registered already, its opening goes on in any case. */
export const comparedCampaign = async (
  runtime: Runtime,
  presale: PresaleStarted,
  received: Received,
): Promise<Comparison> => {
  const { campaignId, compareWith } = presale.data;
  if (compareWith === undefined) return { kind: 'known' };
  if ((await readDefinition(runtime, compareWith)) !== undefined) return { kind: 'known' };
  if ((await readDefinition(runtime, campaignId)) !== undefined) return { kind: 'known' };
  const cause = rejection(
    'rule-broken',
    'data.compareWith',
    'the id of a campaign that was opened before',
    compareWith,
  );
  const waitMs = Number(runtime.environment('CAMPAIGN_WAIT_SECONDS')) * SECOND_MS;
  const isYoung = runtime.clock.nowMs() < Number(received.attributes.SentTimestamp) + waitMs;
  if (isYoung || Number(received.attributes.ApproximateReceiveCount) < RECEIVES_MIN)
    return {
      kind: 'waits',
      cause: new Error(`campaign ${campaignId}: ${cause.message}; it is tried again later`),
    };
  return { kind: 'refused', reject: rejectOfReceived(cause, presale, received) };
};

/** The rejection of a definition that differs from the campaign's; undefined if it is the same. */
export const conflictingDefinition = (
  known: PresaleStarted['data'],
  presale: PresaleStarted,
  received: Received,
): Reject | undefined => {
  const difference = definitionDifference(known, presale.data);
  if (difference === undefined) return undefined;
  const cause = rejection(
    'conflicting-definition',
    `data.${difference.path}`,
    `${JSON.stringify(difference.known) ?? 'nothing'}, as campaign ${known.campaignId} was opened with`,
    difference.given,
  );
  return rejectOfReceived(cause, presale, received);
};
