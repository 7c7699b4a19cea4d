import type { Invariant } from '../invariant.ts';

/**
 * Nobody is given a coupon that has already expired. A worker that was stopped between its decision and its
 * write cannot know how late it is, so it may be as late as it was stopped.
 */
export const issuedValid: Invariant = {
  name: 'issued-valid',
  begin: ({ lateMs }, report) => ({
    onStep: ({ grantChanges, atMs, step: { stoppedMs = 0 } }) => {
      for (const { before, after } of grantChanges) {
        if (before === undefined && after.expiresMs + lateMs + stoppedMs < atMs)
          report(atMs, `${after.id}: issued, expired since ${new Date(after.expiresMs).toISOString()}`);
      }
    },
  }),
};
