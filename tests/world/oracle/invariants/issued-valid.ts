import type { Invariant } from '../invariant.ts';

/**
 * Nobody is given a coupon that has already expired. A write may be late by the error of its worker's clock, and by the time
 * for which the worker was stopped: a worker that is stopped between its decision and its write cannot know how late it is.
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
