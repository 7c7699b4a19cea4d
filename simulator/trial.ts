/** How members react to the coupons between last year's sale and this year's. */
import { EVERYDAY_END_MS } from './calendar.ts';
import { EVERYDAY, everydayDefinition } from './campaigns.ts';
import { chanceOf } from './chance.ts';
import { orderText } from './event.ts';
import type { ReceivedCoupon } from './hour.ts';
import type { Taste } from './members.ts';
import { basketOf } from './purchases.ts';
import { channelFor, pullOf, REACTION_MS } from './reaction.ts';
import { formerStore } from './stores.ts';

const OFFER = everydayDefinition().coupons!.offers[0]!;

/** The everyday order of a member, which may bring a coupon of the trial. */
export type EverydayOrder = { timeMs: number; brand: string };

/**
 * What members do with the coupons of the trial between the sales: some members order once more because of a
 * coupon. So a model can learn from these uses before the sale. The same coupons lead to the same orders, whichever
 * coupon comes first.
 */
export class TrialReactions {
  readonly #seed: number;
  readonly #lineFen: number;
  readonly #members: readonly Taste[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #orders: ReadonlyMap<string, EverydayOrder>;
  readonly #known = new Set<string>();
  #due: string[] = [];

  /** @param orders by member; filled while the history's events are made. A coupon can only follow from one of these orders. */
  constructor(
    { seed, lineFen }: { seed: number; lineFen: number },
    members: readonly Taste[],
    orders: ReadonlyMap<string, EverydayOrder>,
  ) {
    this.#seed = seed;
    this.#lineFen = lineFen;
    this.#members = members;
    this.#places = new Map(members.map(({ member }, place) => [member, place]));
    this.#orders = orders;
  }

  /** Gives members their coupons. A coupon that was given before changes nothing, and neither does one of another campaign. */
  tell(coupons: readonly Pick<ReceivedCoupon, 'grantId' | 'campaignId' | 'memberId'>[]): void {
    for (const { grantId, campaignId, memberId } of coupons) {
      if (campaignId !== EVERYDAY || this.#known.has(grantId)) continue;
      this.#known.add(grantId);
      const text = this.#reaction(memberId, grantId);
      if (text !== undefined) this.#due.push(text);
    }
  }

  /** The orders, as events, that have followed from coupons since they were last taken. */
  take(): string[] {
    const due = this.#due;
    this.#due = [];
    return due;
  }

  /** The order that a coupon causes, if it causes one. */
  #reaction(memberId: string, grantId: string): string | undefined {
    const place = this.#places.get(memberId);
    const before = this.#orders.get(memberId);
    if (place === undefined || before === undefined) return undefined;
    const taste = this.#members[place]!;
    const random = chanceOf(this.#seed, 'trial', place);
    if (random() >= pullOf(taste, OFFER, true, EVERYDAY_END_MS - before.timeMs)) return undefined;
    const channel = channelFor(OFFER, random() < taste.nearShare);
    const order = {
      orderId: `everyday-c-${memberId}`,
      member: memberId,
      brand: before.brand,
      channel,
      storeId: formerStore(channel, place),
      amountFen: Math.max(OFFER.thresholdFen, basketOf(taste, channel, this.#lineFen, random)),
      couponId: grantId,
    };
    const thoughtMs = Math.ceil(-REACTION_MS * Math.log(1 - random()));
    return orderText('paid', order, Math.min(EVERYDAY_END_MS - 1, before.timeMs + 1 + thoughtMs));
  }
}
