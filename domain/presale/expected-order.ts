/** The order that a member is expected to make in the sale, and what could be given after it. */
import { memberHash, mixed } from '#domain/allocation/candidates.ts';
import { deciderFor } from '#domain/coupons/deciding-model.ts';
import { evaluate, type Option } from '#domain/coupons/evaluate.ts';
import { usualBasketFen } from '#domain/coupons/model.ts';
import type { Member } from '#domain/members/members-table.ts';
import { decodeProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { HASH_RANGE } from '#platform/hash.ts';
import type { Presale } from './evaluate-for-presale.ts';

const ORDER_SALT = 0x6f72_6465;

/** A member who is expected to order in the sale, with what could then be given. */
export type ExpectedOrder = { hash: number; options: readonly Option[] };

/**
 * What could be given after the order that a member is expected to make in the sale; undefined for a member
 * who is not expected to order, or to whom nothing of value could be given then. The model is asked about the member as if an
 * order of the usual amount had just been made, which is how the coupon function will ask. A hash selects each member with the
 * probability that the model gives for an order, so the selected members are a sample of the demand.
 */
export const expectedOrder = (
  { startsAtMs, endsAtMs, coupons, model: deciding }: Presale,
  { member, tier, profile }: Member,
): ExpectedOrder | undefined => {
  const { model } = deciderFor(deciding, coupons, member);
  const before = decodeProfile(profile);
  const features = featuresOf(before, startsAtMs);
  const hash = memberHash(member);
  if (mixed(hash ^ ORDER_SALT) >= model(features, [], 'order').pConvertNone * HASH_RANGE) return undefined;
  const order = {
    id: '',
    timeMs: startsAtMs,
    kind: 'paid' as const,
    channel: features.nearShare > 0.5 ? ('near' as const) : ('far' as const),
    amountFen: usualBasketFen(features),
  };
  const after = featuresOf(observe(before, order), startsAtMs);
  const moment = { atMs: startsAtMs, startsAtMs, endsAtMs };
  const options = evaluate(
    { coupons, features: after, tier, occasion: 'order', moment },
    model,
  ).options.filter(({ value }) => value > 0);
  return options.length === 0 ? undefined : { hash, options };
};
