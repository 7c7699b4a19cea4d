import type { ProgressKey } from '#domain/campaigns/progress-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Presale } from './evaluate-for-presale.ts';

/** The first pass plans (it counts what money would buy), the second one issues. */
export type Pass = 'plan' | 'issue';

/** A segment of an audience: number `index` of `segments` parallel scans of the members table. */
export type Segment = { campaignId: string; index: number; segments: number };

/** A segment's presale: the campaign, how it is counted, and the part of its audience. */
export type PresaleSegment = { presale: Presale; settings: CampaignSettings; segment: Segment };

/** A message on the audience queue: continue a pass over a segment from where it stopped. */
export type AudienceMessage = { pass: Pass; segment: Segment };

/**
 * Segments of an audience. More segments than workers would only cost messages. With this many, 53 M members are 1.7 M a
 * segment.
 */
export const AUDIENCE_SEGMENTS = 32;

const PREFIXES: Readonly<Record<Pass, string>> = { plan: 'PLAN', issue: 'ISSUE' };
const INDEX_DIGITS = 5;

/** What the items of all segments in a pass begin with. The number of segments is in it: one may follow another. */
export const segmentsPrefix = (segments: number, pass: Pass): string => `${PREFIXES[pass]}#${segments}#`;

/** The key of the item that records how far a pass over a segment has come. */
export const progressKey = ({ campaignId, index, segments }: Segment, pass: Pass): ProgressKey => ({
  campaign: campaignId,
  item: segmentsPrefix(segments, pass) + String(index).padStart(INDEX_DIGITS, '0'),
});

/** The messages that start a pass over an audience. */
export const startMessages = (
  campaignId: string,
  segments: number,
  pass: Pass,
): { message: AudienceMessage }[] =>
  Array.from({ length: segments }, (_, index) => ({
    message: { pass, segment: { campaignId, index, segments } },
  }));
