import type { Change, Item, Observer } from './observation.ts';
import { type SeenGrant, seenGrant } from './stored-grant.ts';

/** Whether an item is a grant that counts. A slot may also be occupied by a grant that was refused for good. */
const isGrant = (item: Item): boolean => item.id !== undefined && item.state?.S !== 'refused';

/** A grant that a call has made or changed; `before` is undefined for a new one. */
export type GrantChange = { readonly before: SeenGrant | undefined; readonly after: SeenGrant };

export const grantChangesOf = (changes: readonly Change[]): readonly GrantChange[] =>
  changes.flatMap(({ table, key, before, after }) =>
    table === 'grants' && after !== undefined && isGrant(after)
      ? [{ before: before && seenGrant(key, before), after: seenGrant(key, after) }]
      : [],
  );

/** All grants that exist. */
export const allGrants = (observer: Observer): SeenGrant[] =>
  [...observer.items('grants')]
    .filter(([, item]) => isGrant(item))
    .map(([key, item]) => seenGrant(key, item));
