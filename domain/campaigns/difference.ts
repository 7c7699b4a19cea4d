/** Compares two definitions under one campaign id: the same again is a no-op, a different one is refused. */
import type { CampaignDefinition } from '#events/contract.ts';
import { normalizedDefinition } from './offer.ts';

export type Difference = { path: string; known: unknown; given: unknown };

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/**
 * The first place where two JSON values differ, with the keys of each level sorted as text; undefined if they are equal. The
 * order of an object's keys makes no difference.
 */
export const firstDifference = (known: unknown, given: unknown, path = ''): Difference | undefined => {
  if (!isContainer(known) || !isContainer(given) || Array.isArray(known) !== Array.isArray(given)) {
    return Object.is(known, given) ? undefined : { path, known, given };
  }
  const keys = [...new Set([...Object.keys(known), ...Object.keys(given)])].sort();
  for (const key of keys) {
    const child = Array.isArray(known) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = firstDifference(known[key], given[key], child);
    if (difference !== undefined) return difference;
  }
  return undefined;
};

/** The first place where two definitions differ in meaning: a default value may be written out or left out. */
export const definitionDifference = (
  known: CampaignDefinition,
  given: CampaignDefinition,
): Difference | undefined => firstDifference(normalizedDefinition(known), normalizedDefinition(given));
