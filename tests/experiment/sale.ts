import type { BlockEvent } from '#domain/metrics/block-event.ts';
import { memberHashOf } from '#domain/metrics/member-hash.ts';
import { appendInto, emptyRow, type Row, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { seededRandom } from '../support/random.ts';
import { type Course, courseOf, FITTING_SHARE, FULL_REFUND_SHARE, HALF_REFUND_SHARE } from './course.ts';
import {
  ARMS,
  COUPON_SHARES,
  drawFen,
  drawPopulation,
  normals,
  type Population,
  type SalePlan,
  thresholdsOf,
} from './population.ts';
import { type Truth, truthsOf } from './truth.ts';

/** Hashes of the members, who are the same in every sale. They are kept, because hashing would cost as much as all the rest. */
const hashes: number[] = [];
const hashOf = (member: number): number => {
  for (let next = hashes.length; next <= member; next++) hashes.push(memberHashOf(`m${next}`));
  return hashes[member]!;
};

/** The events of a sale, by the first look at the campaign's total that shows them. Those after the last look are left out. */
class Windows {
  readonly #orders: BlockEvent[][];
  readonly #counts: Map<string, number>[];
  #ids = 0;

  constructor(looks: number) {
    this.#orders = Array.from({ length: looks }, () => []);
    this.#counts = Array.from({ length: looks }, () => new Map());
  }

  #event(fields: Pick<BlockEvent, 'timeMs' | 'label' | 'count' | 'amountFen' | 'memberHash'>): BlockEvent {
    return { ...fields, id: String(this.#ids++), brand: '', contributions: [], sentMs: 0, store: '' };
  }

  order(look: number, label: string, amountFen: number, memberHash: number): void {
    this.#orders[look]?.push(this.#event({ timeMs: look, label, count: 1, amountFen, memberHash }));
  }

  /** Counts occurrences that are not orders. Those of one label become one event for each look. */
  count(look: number, label: string): void {
    const counts = this.#counts[look];
    counts?.set(label, (counts.get(label) ?? 0) + 1);
  }

  assign(look: number, arm: string): void {
    this.count(look, `assigned/${arm}`);
  }

  /** How many members are assigned by the end of each look. */
  assignedBy(): number[] {
    let sum = 0;
    return this.#counts.map((counts) => {
      for (const arm of ARMS) sum += counts.get(`assigned/${arm}`) ?? 0;
      return sum;
    });
  }

  rows(): Row[] {
    return this.#orders.map((orders, look) => {
      const counted = [...this.#counts[look]!].map(([label, count]) =>
        this.#event({ timeMs: look, label, count, amountFen: 0, memberHash: 0 }),
      );
      return rowOfEvents([...orders, ...counted]);
    });
  }
}

/** Poisson numbers of a small mean (D. Knuth, The Art of Computer Programming, 3.4.1). */
const drawCount = (mean: number, random: () => number): number => {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
};

/** The first look by whose end more than the share `part` has happened; the number of looks if there is none. */
const lookOf = (by: Float64Array, part: number): number => {
  let low = 0;
  let high = by.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (by[middle]! > part) high = middle;
    else low = middle + 1;
  }
  return low;
};

type Order = { look: number; isReturned: boolean };

const metricEventsOf = (
  plan: SalePlan,
  population: Population,
  course: Course,
  random: () => number,
): Windows => {
  const { looks, members, hasEffect } = plan;
  const windows = new Windows(looks);
  const normal = normals(random);
  const thresholds = thresholdsOf(population);
  for (let i = 0; i < members; i++) {
    const arm = ARMS[population.arm[i]!]!;
    const memberHash = hashOf(i);
    const order = (look: number): Order => {
      const amountFen = drawFen(population.meanFen[i]!, random, normal);
      windows.order(look, `paid/far/${arm}`, amountFen, memberHash);
      const fate = random();
      const isReturned = fate < FULL_REFUND_SHARE;
      if (fate < FULL_REFUND_SHARE + HALF_REFUND_SHARE) {
        const backFen = isReturned ? amountFen : Math.floor(amountFen / 2);
        windows.order(look + course.refundLooks, `refunded/far/${arm}`, backFen, memberHash);
      }
      return { look, isReturned };
    };
    const isNew = population.isNew[i] === 1;
    let firstLook = looks;
    const fitting: { coupon: number; order: Order }[] = [];
    for (let left = drawCount(population.rate[i]!, random); left > 0; left--) {
      const made = order(lookOf(course.orderedBy, random()));
      firstLook = Math.min(firstLook, made.look);
      const coupon = Math.floor(random() / FITTING_SHARE);
      fitting.push({ coupon, order: made });
    }
    windows.assign(isNew ? firstLook : 0, arm);
    if (arm === 'control' || isNew) continue;
    for (const [coupon, share] of COUPON_SHARES.entries()) {
      const isGiven =
        arm === 'engine' && hasEffect ? population.known[i]! >= thresholds[coupon]! : random() < share;
      if (!isGiven) continue;
      const from = coupon === 0 ? 0 : population.secondLook[i]!;
      windows.count(from, `coupon-issued/${arm}/off-20`);
      const uses = fitting.filter((one) => one.coupon === coupon && one.order.look >= from);
      let used = uses.map((one) => one.order);
      if (random() < population.response[i]!) {
        const look = from + lookOf(course.respondedBy, random());
        if (look < looks) used = [...used, order(look)];
      }
      const first = used.reduce<Order | undefined>(
        (least, one) => (least !== undefined && least.look <= one.look ? least : one),
        undefined,
      );
      if (first === undefined) continue;
      windows.count(first.look, `coupon-redeemed/${arm}/off-20`);
      if (first.isReturned) windows.count(first.look + course.refundLooks, `coupon-returned/${arm}/off-20`);
    }
  }
  return windows;
};

/**
 * Plays a sale and yields, at each look, the campaign's total and the truth. Every look yields the same row
 * object, which the next look changes.
 */
export const looksAt = function* (plan: SalePlan): Generator<{ row: Row; truth: Truth }> {
  const random = seededRandom(plan.seed);
  const population = drawPopulation(plan, random);
  const course = courseOf(plan.looks);
  const windows = metricEventsOf(plan, population, course, random);
  const truths = truthsOf(plan, population, course, windows.assignedBy());
  const row = emptyRow();
  for (const [look, window] of windows.rows().entries()) {
    appendInto(row, window);
    yield { row, truth: truths[look]! };
  }
};
