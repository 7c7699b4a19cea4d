import type { Invariant } from '../invariant.ts';

/** Nobody is given a coupon that is worth nothing any more. */
export const issuedValid: Invariant = {
  name: 'issued-valid',
  begin: ({ lateMs }, report) => ({
    onStep: ({ grantChanges, atMs }) => {
      for (const { before, after } of grantChanges) {
        if (before === undefined && after.expiresMs + lateMs < atMs)
          report(atMs, `${after.id}: issued, expired since ${new Date(after.expiresMs).toISOString()}`);
      }
    },
  }),
};
