import type { Invariant } from '../invariant.ts';
import { grantChangesOf } from '../seen-grants.ts';

/** Nobody is given a coupon that is worth nothing any more. */
export const issuedValid: Invariant = {
  name: 'issued-valid',
  begin: ({ lateMs }, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { before, after } of grantChangesOf(changes)) {
        if (before === undefined && after.expiresMs + lateMs < atMs)
          report(atMs, `${after.id}: issued, expired since ${new Date(after.expiresMs).toISOString()}`);
      }
    },
  }),
};
