import type { Invariant } from '../invariant.ts';
import { grantChangesOf } from '../seen-grants.ts';

/** More than the clock of any worker of the world is wrong by. */
const SKEW_MS = 5_000;

/** Nobody is given a coupon that is worth nothing any more. */
export const issuedValid: Invariant = {
  name: 'issued-valid',
  begin: (_, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { before, after } of grantChangesOf(changes)) {
        if (before === undefined && after.expiresMs + SKEW_MS < atMs)
          report(atMs, `${after.id}: issued, expired since ${new Date(after.expiresMs).toISOString()}`);
      }
    },
  }),
};
