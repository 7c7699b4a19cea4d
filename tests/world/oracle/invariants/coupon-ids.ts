import { createHash, createHmac } from 'node:crypto';
import type { Invariant } from '../invariant.ts';
import type { SeenGrant } from '../stored-grant.ts';

type Named = Pick<SeenGrant, 'campaignId' | 'slot' | 'member' | 'trigger'>;

const hmac = (key: Uint8Array, message: string): Buffer => createHmac('sha256', key).update(message).digest();

const keyOf = (secret: string, campaignId: string): Buffer =>
  hmac(createHash('sha256').update(secret).digest(), `coupon-ids\0${campaignId}`);

/** The id that a coupon must have, computed from the secret alone, as the docs promise. */
const keyedIdOf = (key: Buffer, { campaignId, slot, member, trigger }: Named): string => {
  const owner = hmac(key, `member\0${member}`).toString('base64url').slice(0, 16);
  const cause = hmac(key, `cause\0${trigger}`).toString('base64url').slice(0, 8);
  return `${campaignId}.coupon.${slot.padStart(2, '0')}.${owner}.${cause}`;
};

/** The id that a coupon must have in a campaign that the previous version opened. */
const formerIdOf = ({ campaignId, slot, member }: Named): string => {
  const owner = createHash('sha256').update(`coupon\0${campaignId}\0${member}`).digest('base64url');
  return `${campaignId}.${slot.padStart(2, '0')}.${owner.slice(0, 12)}`;
};

/** A coupon's id names its campaign, kind, slot, member and cause, the last two by keyed hashes, and never changes. */
export const couponIds: Invariant = {
  name: 'coupon-ids',
  begin: ({ campaigns, secret }, report) => {
    const keys = new Map<string, Buffer>();
    const keyedIn = (campaignId: string): Buffer => {
      const key = keys.get(campaignId) ?? keyOf(secret, campaignId);
      keys.set(campaignId, key);
      return key;
    };
    return {
      onStep: ({ grantChanges, atMs }) => {
        for (const { before, after } of grantChanges) {
          if (after.kind !== 'coupon') continue;
          // An id is checked when it is new, and again if it or the trigger changes. The rest of what it is made of never does.
          if (before?.id === after.id && before.trigger === after.trigger) continue;
          const isKeyed = campaigns.get(after.campaignId)?.hasKeyedIds === true;
          const expected = isKeyed ? keyedIdOf(keyedIn(after.campaignId), after) : formerIdOf(after);
          if (after.id !== expected) report(atMs, `${after.id} of ${after.member}: expected ${expected}`);
        }
      },
    };
  },
};
