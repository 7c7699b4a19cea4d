import type { Invariant } from '../invariant.ts';

/** No two grants share an id: a consumer of the outbox would take the second grant for a repetition of the first. */
export const uniqueIds: Invariant = {
  name: 'unique-ids',
  begin: (_, report) => {
    const owners = new Map<string, string>();
    return {
      onStep: ({ grantChanges, atMs }) => {
        for (const { before, after } of grantChanges) {
          if (before !== undefined) continue;
          const owner = owners.get(after.id);
          if (owner === undefined) owners.set(after.id, after.key);
          else if (owner !== after.key)
            report(
              atMs,
              `${after.id}: of ${owner.replace('\n', ' ')} and of ${after.key.replace('\n', ' ')}`,
            );
        }
      },
    };
  },
};
