/** All that is wrong with a campaign definition. This file is not part of the parser, so no function's bundle contains it. */
import * as z from 'zod/mini';
import { CAMPAIGN_RULES, campaignDefinition } from './campaign.ts';
import { firstFault } from './faults.ts';
import { type Rejection, rejection } from './rejection.ts';

/**
 * Every fault of a campaign definition: all that its schema finds, or, if it finds none, every broken rule between fields. Empty
 * for a definition that `parseCampaignDefinition` accepts.
 */
export const definitionFaults = (value: unknown): Rejection[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [rejection('not-an-object', 'definition', 'an object', value)];
  const result = z.safeParse(campaignDefinition, value);
  if (!result.success)
    return result.error.issues
      .flatMap((issue): z.core.$ZodIssue[] =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.toSorted().map((key) => ({ ...issue, keys: [key] }))
          : [issue],
      )
      .map((issue) => firstFault([issue], value, 'definition'));
  return CAMPAIGN_RULES.flatMap((rule) => {
    const broken = rule(result.data);
    return broken ? [rejection('rule-broken', broken.field, broken.expected, broken.value)] : [];
  });
};
