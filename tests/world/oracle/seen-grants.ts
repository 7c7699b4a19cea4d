import type { Change, Observer } from './observation.ts';
import { type SeenGrant, seenGrant } from './stored-grant.ts';

/** A grant that a call has made or changed; `before` is undefined for a new one. */
export type GrantChange = { readonly before: SeenGrant | undefined; readonly after: SeenGrant };

export const grantChangesOf = (changes: readonly Change[]): GrantChange[] =>
  changes.flatMap(({ table, key, before, after }) =>
    table === 'grants' && after !== undefined && after.id !== undefined
      ? [{ before: before && seenGrant(key, before), after: seenGrant(key, after) }]
      : [],
  );

/** All grants that exist. */
export const allGrants = (observer: Observer): SeenGrant[] =>
  [...observer.items('grants')]
    .filter(([, item]) => item.id !== undefined)
    .map(([key, item]) => seenGrant(key, item));
