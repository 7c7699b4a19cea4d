import { createHash, createHmac } from 'node:crypto';
import type { Invariant } from '../invariant.ts';
import { grantChangesOf } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';

type Named = Pick<SeenGrant, 'campaignId' | 'slot' | 'member' | 'trigger'>;

const hmac = (key: Uint8Array, message: string): Buffer => createHmac('sha256', key).update(message).digest();

/** The id that a coupon must have, computed from the secret alone, as the docs promise. */
const keyedIdOf = (secret: string, { campaignId, slot, member, trigger }: Named): string => {
  const key = hmac(createHash('sha256').update(secret).digest(), `coupon-ids\0${campaignId}`);
  const owner = hmac(key, `member\0${member}`).toString('base64url').slice(0, 16);
  const cause = hmac(key, `cause\0${trigger}`).toString('base64url').slice(0, 8);
  return `${campaignId}.coupon.${slot.padStart(2, '0')}.${owner}.${cause}`;
};

/** The same in a campaign that the previous version opened. */
const formerIdOf = ({ campaignId, slot, member }: Named): string => {
  const owner = createHash('sha256').update(`coupon\0${campaignId}\0${member}`).digest('base64url');
  return `${campaignId}.${slot.padStart(2, '0')}.${owner.slice(0, 12)}`;
};

/** A coupon's id names its campaign, kind, slot, member and cause, the last two by keyed hashes, and never changes. */
export const couponIds: Invariant = {
  name: 'coupon-ids',
  begin: ({ campaigns, secret }, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { after } of grantChangesOf(changes)) {
        if (after.kind !== 'coupon') continue;
        const isKeyed = campaigns.get(after.campaignId)?.hasKeyedIds === true;
        const expected = isKeyed ? keyedIdOf(secret, after) : formerIdOf(after);
        if (after.id !== expected) report(atMs, `${after.id} of ${after.member}: expected ${expected}`);
      }
    },
  }),
};
