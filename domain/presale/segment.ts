/** The passes of a presale, the segments of its audience, and the messages and items that name them. */
import { layoutOf } from '#domain/campaigns/campaigns-table.ts';
import { partitionOf } from '#domain/campaigns/layout.ts';
import type { ProgressKey } from '#domain/campaigns/progress-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Presale } from './evaluate-for-presale.ts';

/**
 * `plan` counts what the audience could be given. `correct` is done only if there are several budgets, and at least one of them
 * has money for the presale: it counts what the planned prices would give, to correct them. `issue` issues the coupons.
 */
export type Pass = 'plan' | 'correct' | 'issue';

/** A segment of an audience: number `index` of `segments` parallel scans of the members table. */
export type Segment = { campaignId: string; index: number; segments: number };

/** A presale, the settings of its campaign, and one segment of its audience. */
export type PresaleSegment = { presale: Presale; settings: CampaignSettings; segment: Segment };

/**
 * A message on the audience queue. It asks to divide the audience and begin the first pass, or to continue a pass over a segment
 * from where the pass stopped.
 */
export type AudienceMessage = { pass: 'start'; campaignId: string } | { pass: Pass; segment: Segment };

const PREFIXES: Readonly<Record<Pass, string>> = { plan: 'PLAN', correct: 'CORRECT', issue: 'ISSUE' };
const INDEX_DIGITS = 5;

/**
 * How the names of a pass's items begin. This beginning contains the number of segments, so divisions of an audience
 * into different numbers of segments never mix.
 */
export const segmentsPrefix = (segments: number, pass: Pass): string => `${PREFIXES[pass]}#${segments}#`;

/** The name of the item that records how far a pass over a segment has come. */
export const segmentItem = ({ index, segments }: Omit<Segment, 'campaignId'>, pass: Pass): string =>
  segmentsPrefix(segments, pass) + String(index).padStart(INDEX_DIGITS, '0');

/** The number of a segment, from the end of its item's name. */
export const indexOfItem = (item: string): number => Number(item.slice(-INDEX_DIGITS));

/**
 * The keys of the items of a campaign's segments. Each segment uses hundreds of write units a second, so each
 * has a partition key of its own, unless the previous version opened the campaign.
 */
export const progressKeys = async (
  runtime: Runtime,
  campaignId: string,
  segments: readonly Omit<Segment, 'campaignId'>[],
  pass: Pass,
): Promise<ProgressKey[]> => {
  const layout = (await layoutOf(runtime, campaignId)) ?? { campaignId, hasOwnKeys: false };
  return segments.map((segment) => {
    const item = segmentItem(segment, pass);
    return { campaign: partitionOf(layout, item), item };
  });
};

/** The key of a segment's item. */
export const progressKey = async (runtime: Runtime, segment: Segment, pass: Pass): Promise<ProgressKey> =>
  (await progressKeys(runtime, segment.campaignId, [segment], pass))[0]!;

/** Messages that continue a pass over these segments. */
export const segmentMessages = (
  campaignId: string,
  { segments, indexes }: { segments: number; indexes: readonly number[] },
  pass: Pass,
): { message: AudienceMessage }[] =>
  indexes.map((index) => ({ message: { pass, segment: { campaignId, index, segments } } }));

/** The messages that start a pass over an audience. */
export const startMessages = (
  campaignId: string,
  segments: number,
  pass: Pass,
): { message: AudienceMessage }[] =>
  segmentMessages(campaignId, { segments, indexes: [...Array(segments).keys()] }, pass);
