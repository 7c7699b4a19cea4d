import { type Candidates, memberHash } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import type { Model } from '#domain/coupons/model.ts';
import type { Features } from '#domain/members/profile.ts';
import { sumOf } from '#platform/collections.ts';
import { type SaleWeek, WEEK_DAYS, type WeekOrder } from '#simulator/week.ts';
import { dayOf, OFFER_COSTS, OFFERS } from './week-campaign.ts';

/** What models say of an order's offers, and how likely each offer really is to be used. */
export type Judged = {
  chances: readonly number[];
  /** By the name of a model: how likely each offer is to be used, according to that model. */
  answers: Readonly<Record<string, readonly number[]>>;
};

/** The orders of a day while one version of a model decided, and what it spent on them. */
export type Stretch = { day: number; version: string; orders: Judged[]; moneyFen: number };

type Place = Pick<Stretch, 'day' | 'version'>;

/** The name of the model that decides, among those that are judged. */
export const OWN = 'own';

/** Keeps what models say of the orders of a week, and what was spent on them, by day and by the version that decided. */
export class Judge {
  readonly #week: SaleWeek;
  readonly #models: Readonly<Record<string, Model>>;
  readonly #stretches = new Map<string, Stretch>();

  /** `models` are asked about each order, in addition to the model that decides. */
  constructor(week: SaleWeek, models: Readonly<Record<string, Model>>) {
    this.#week = week;
    this.#models = models;
  }

  get stretches(): Stretch[] {
    return [...this.#stretches.values()];
  }

  /** Notes an order, before a coupon is given for it. */
  see(
    { member, timeMs }: Pick<WeekOrder, 'member' | 'timeMs'>,
    features: Features,
    { version, own }: { version: string; own: Model },
  ): void {
    const said = Object.entries({ ...this.#models, [OWN]: own }).map(([name, model]) => [
      name,
      model(features, OFFERS, 'order').offers.map(({ pUsed }) => pUsed),
    ]);
    this.#at({ day: dayOf(timeMs), version }).orders.push({
      chances: OFFERS.map((offer) => this.#week.chanceOf(offer, member, timeMs)),
      answers: Object.fromEntries(said),
    });
  }

  spend(place: Place, fen: number): void {
    this.#at(place).moneyFen += fen;
  }

  #at({ day, version }: Place): Stretch {
    const name = `${day}/${version}`;
    let known = this.#stretches.get(name);
    if (known === undefined) {
      known = { day, version, orders: [], moneyFen: 0 };
      this.#stretches.set(name, known);
    }
    return known;
  }
}

const candidatesOf = (orders: readonly Judged[], model: string, costFen: readonly number[]): Candidates => ({
  members: orders.length,
  // A different hash for each order, so that one price can choose among orders of which a model says the same.
  hash: Uint32Array.from(orders, (_, i) => memberHash(String(i))),
  first: Uint32Array.from({ length: orders.length + 1 }, (_, i) => i * costFen.length),
  value: Float64Array.from(orders.flatMap(({ answers }) => answers[model]!)),
  costFen: Float64Array.from(orders.flatMap(() => costFen)),
  pool: new Uint8Array(orders.length * costFen.length),
});

const HALVINGS = 45;

/**
 * How many uses would be expected if a model had chosen the coupons of a stretch, at one price and with the same money. Models
 * are compared on the same orders, so that neither which orders came nor how fast money went makes a difference. A stretch has
 * one version, because the answers of two versions are not on one scale.
 */
export const expectedUses = (
  { orders, moneyFen }: Stretch,
  model: string,
  costFen: readonly number[],
): number => {
  const candidates = candidatesOf(orders, model, costFen);
  const at = (price: number): { fen: number; uses: number } => {
    let [fen, uses] = [0, 0];
    for (const [i, { chances }] of orders.entries()) {
      const chosen = choose(candidates, i, [price]);
      if (chosen === NONE) continue;
      const offer = chosen - candidates.first[i]!;
      fen += costFen[offer]!;
      uses += chances[offer]!;
    }
    return { fen, uses };
  };
  let [low, high] = [0, 1 / Math.min(...costFen)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (at(middle).fen > moneyFen) low = middle;
    else high = middle;
  }
  // A coupon for which the money is not quite enough counts by the part that the money pays.
  const [less, more] = [at(high), at(low)];
  const part = more.fen > less.fen ? Math.min(1, (moneyFen - less.fen) / (more.fen - less.fen)) : 0;
  return less.uses + part * (more.uses - less.uses);
};

/**
 * For each day, the expected uses if the model `one` had chosen the coupons, divided by the expected uses if `other` had chosen
 * them; null for a day on which nothing was spent.
 */
export const ratiosOf = (stretches: readonly Stretch[], one: string, other: string): (number | null)[] =>
  Array.from({ length: WEEK_DAYS }, (_, day) => {
    const ofDay = stretches.filter((stretch) => stretch.day === day);
    const uses = (model: string): number =>
      sumOf(ofDay.map((stretch) => expectedUses(stretch, model, OFFER_COSTS)));
    const most = uses(other);
    return most > 0 ? uses(one) / most : null;
  });
