/** The account of a coupon: which orders have used it, judged from the lines of these orders. */
import type { Offer } from '#events/sections/coupons.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { digestOf } from '#platform/hash.ts';
import { byAge, lineHashOf, type OrderLine, readLine, unionOf, writeLine } from './order-line.ts';

/** A line in a coupon's account, with the key of its order and with what the line did to the coupon, see {@link EFFECTS}. */
export type AccountLine = OrderLine & { order: string; effects: number };

/**
 * What a line did to a coupon, as bits. They are kept with the line, so that a redelivery at any age publishes the same effects.
 * Bits 6 to 11 hold the two terms of {@link termsIn}.
 */
export const EFFECTS = {
  redeemed: 1,
  returned: 2,
  overdraft: 4,
  overdraftReturned: 8,
  refusedUsed: 16,
  refusedExpired: 32,
  /** The coupon became void with the order that earned it, and its money went back. */
  fell: 1 << 12,
} as const;
const REFUSED = EFFECTS.refusedUsed | EFFECTS.refusedExpired;
const BROKEN_SHIFT = 6;
const MENDED_SHIFT = 9;
const TERM_MASK = 7;

/** Terms that an order may break and still use its coupon, because the shop accepted it. Stored by index. */
const TERMS = ['expired', 'scope', 'threshold', 'zero'] as const;
export type Term = (typeof TERMS)[number];

const termCode = (term: Term | undefined): number => (term === undefined ? 0 : TERMS.indexOf(term) + 1);

/** The term that a line was the first to break (`broken`), and the one that it showed to be met after all (`mended`). */
export const termsIn = (effects: number): { broken: Term | undefined; mended: Term | undefined } => ({
  broken: TERMS[((effects >> BROKEN_SHIFT) & TERM_MASK) - 1],
  mended: TERMS[((effects >> MENDED_SHIFT) & TERM_MASK) - 1],
});

/**
 * The most lines in one coupon's account, over all orders that used it. Further lines are refused, and the refusal is counted.
 */
export const MAX_ACCOUNT_LINES = 200;

const ORDER_KEY_BYTES = 6;
/** Names an order among those of one member. */
export const orderKeyOf = (orderId: string): string =>
  digestOf(orderId).subarray(0, ORDER_KEY_BYTES).toString('hex');

/** An order's use of a coupon. The same order id from two sources means two orders. */
export type CouponUse = {
  order: string;
  source: string;
  named: AccountLine[];
  isReturned: boolean;
  /** The term that the order breaks, and the term that it was last counted as breaking. */
  term: Term | undefined;
  countedTerm: Term | undefined;
};

/** Two lines with the same order id belong to one order unless both name a source and the sources differ. */
export const isSameSource = (a: string, b: string): boolean => a === b || a === '' || b === '';

/** The payments that a refund may apply to: those with its coupon, else those of its brand, else all of its order. */
const candidatesOf = (refund: OrderLine, paid: readonly OrderLine[]): readonly OrderLine[] => {
  const named = refund.coupon === '' ? [] : paid.filter(({ coupon }) => coupon === refund.coupon);
  if (named.length > 0) return named;
  const ofSource = paid.filter(({ source }) => isSameSource(source, refund.source));
  const ofOrder = ofSource.length > 0 ? ofSource : paid;
  const isOfBrand = ({ brand }: OrderLine): boolean =>
    brand === '' || refund.brand === '' || brand === refund.brand;
  const ofBrand = ofOrder.filter(isOfBrand);
  return ofBrand.length > 0 ? ofBrand : ofOrder;
};

/**
 * The payments of an order that are paid back in full. Refunds that name a coupon are applied first, then the others, each to
 * the oldest payments first. What is left of a refund is not applied to other payments. A payment of 0 fen counts as paid back
 * once a refund may apply to it and all other payments that this refund may apply to are paid back.
 */
export const paidBackOf = (lines: readonly OrderLine[]): Set<string> => {
  const paid = lines.filter(({ kind }) => kind === 'paid').toSorted(byAge);
  const refunds = lines.filter(({ kind }) => kind === 'refunded').toSorted(byAge);
  const left = new Map(paid.map(({ id, fen }) => [id, fen]));
  const met: (readonly OrderLine[])[] = [];
  const ordered = [
    ...refunds.filter(({ coupon }) => coupon !== ''),
    ...refunds.filter(({ coupon }) => coupon === ''),
  ];
  for (const refund of ordered) {
    const candidates = candidatesOf(refund, paid);
    let fen = refund.fen;
    for (const { id } of candidates) {
      const taken = Math.min(fen, left.get(id)!);
      left.set(id, left.get(id)! - taken);
      fen -= taken;
    }
    met.push(candidates);
  }
  const empty = met.filter((candidates) => candidates.every(({ id }) => left.get(id) === 0));
  const metIds = new Set(empty.flatMap((candidates) => candidates.map(({ id }) => id)));
  return new Set(
    paid.filter(({ id, fen }) => (fen > 0 ? left.get(id) === 0 : metIds.has(id))).map(({ id }) => id),
  );
};

const isInScope = ({ scope, brands }: Offer, { channel, brand }: OrderLine): boolean => {
  switch (scope) {
    case 'all':
      return true;
    case 'far':
    case 'near':
      // An account that an older version stored does not say where the coupon was used.
      return channel === scope || brand === '';
    case 'brands':
      return brand === '' || brands!.some((name) => lineHashOf(name) === brand);
    default:
      return scope satisfies never;
  }
};

/**
 * What judging a coupon's uses depends on, besides its lines. `faces` are the face values of coupons, in fen,
 * by their hashes. `pending` are payments that have arrived and are applied next: a term that is met together
 * with them is not broken.
 */
export type CouponTerms = {
  offer: Offer;
  expiresMs: number;
  faces: ReadonlyMap<string, number>;
  pending: readonly AccountLine[];
};

/** What an order cost before its discounts, as far as its lines are known. */
const beforeDiscountFen = (paid: readonly OrderLine[], faces: ReadonlyMap<string, number>): number => {
  const stated = new Set(paid.filter(({ discountFen }) => discountFen >= 0).map(({ coupon }) => coupon));
  const unstated = new Set(paid.map(({ coupon }) => coupon).filter((coupon) => !stated.has(coupon)));
  let fen = 0;
  for (const line of paid) fen += line.fen + Math.max(0, line.discountFen);
  for (const coupon of unstated) fen += faces.get(coupon) ?? 0;
  return fen;
};

const brokenTerm = (
  named: readonly OrderLine[],
  ofOrder: readonly OrderLine[],
  { offer, expiresMs, faces }: CouponTerms,
): Term | undefined => {
  if (named.every(({ timeMs }) => timeMs >= expiresMs)) return 'expired';
  if (!named.some((line) => isInScope(offer, line))) return 'scope';
  if (beforeDiscountFen(ofOrder, faces) < offer.thresholdFen) return 'threshold';
  return ofOrder.every(({ fen }) => fen === 0) ? 'zero' : undefined;
};

/** The term that was counted as broken by an order's lines and has not been counted as met since. */
const countedTermOf = (ofOrder: readonly AccountLine[]): Term | undefined => {
  const net = new Map<Term, number>();
  for (const { effects } of ofOrder) {
    const { broken, mended } = termsIn(effects);
    if (broken !== undefined) net.set(broken, (net.get(broken) ?? 0) + 1);
    if (mended !== undefined) net.set(mended, (net.get(mended) ?? 0) - 1);
  }
  return TERMS.find((term) => (net.get(term) ?? 0) > 0);
};

/** The uses of a coupon by the lines that name it: one for each order, the oldest first. `lines` are all known lines. */
const usesBy = (naming: readonly AccountLine[], lines: readonly AccountLine[]): CouponUse[] => {
  const uses: CouponUse[] = [];
  for (const line of naming.toSorted(byAge)) {
    const use = uses.find(({ order, source }) => order === line.order && isSameSource(source, line.source));
    if (use !== undefined) use.named.push(line);
    else {
      uses.push({
        order: line.order,
        source: line.source,
        named: [line],
        isReturned: false,
        term: undefined,
        countedTerm: undefined,
      });
    }
  }
  for (const use of uses) {
    const paidBack = paidBackOf(lines.filter(({ order }) => order === use.order));
    use.isReturned = use.named.every(({ id }) => paidBack.has(id));
  }
  return uses;
};

/**
 * The orders that have used a coupon, from the lines of its account. The result depends only on the set of lines. If an order was
 * refused because another one had used the coupon, the shop gave the discount all the same. So when all other orders are
 * returned, the oldest refused one holds the coupon.
 */
export const usesOf = (lines: readonly AccountLine[], coupon: string, terms: CouponTerms): CouponUse[] => {
  const naming = lines.filter((line) => line.kind === 'paid' && line.coupon === coupon);
  // Payments that are applied next are included, so that a refund of one of them is not taken for a refund of another payment.
  const arrived = unionOf(lines, terms.pending);
  const uses = usesBy(
    naming.filter(({ effects }) => (effects & REFUSED) === 0),
    arrived,
  );
  if (uses.every(({ isReturned }) => isReturned)) {
    const refused = naming.filter(({ effects }) => (effects & EFFECTS.refusedUsed) !== 0);
    const heir = usesBy(refused, arrived).find(({ isReturned }) => !isReturned);
    if (heir !== undefined) uses.push(heir);
  }
  for (const use of uses) {
    const ofOrder = lines.filter(({ order }) => order === use.order);
    const known = unionOf(
      ofOrder,
      terms.pending.filter(({ order }) => order === use.order),
    ).filter(({ kind, source }) => kind === 'paid' && isSameSource(source, use.source));
    const named = known.filter((line) => line.coupon === coupon);
    use.term = brokenTerm(named, known, terms);
    use.countedTerm = countedTermOf(ofOrder);
  }
  return uses;
};

/**
 * What was true when a line of an order arrived: whether the coupon's money had been freed, and whether an order held the
 * coupon.
 */
export type CouponBefore = { order: string; isFreed: boolean; isHeld: boolean };

/**
 * What changed between two judgements of a coupon's uses, as the effects of the line that made the change. The coupon passes
 * from one order to another without an effect. A term is counted by lines of the order that breaks it.
 */
export const effectsBetween = (
  before: readonly CouponUse[],
  after: readonly CouponUse[],
  { order, isFreed, isHeld }: CouponBefore,
): number => {
  const used = isFreed ? EFFECTS.overdraft : EFFECTS.redeemed;
  const returned = isFreed ? EFFECTS.overdraftReturned : EFFECTS.returned;
  const isHeldAfter = after.some(({ isReturned }) => !isReturned);
  const isNew = after.some(
    (use) => !before.some((old) => old.order === use.order && isSameSource(old.source, use.source)),
  );
  let effects = 0;
  if (!isHeld && (isHeldAfter || isNew)) effects |= used;
  if (!isHeldAfter && (isHeld || isNew)) effects |= returned;
  for (const use of after) {
    if (use.order !== order || use.countedTerm === use.term) continue;
    effects |= (termCode(use.term) << BROKEN_SHIFT) | (termCode(use.countedTerm) << MENDED_SHIFT);
  }
  return effects;
};

/** Packs an account's lines order by order. Times are stored relative to `baseMs`. */
export const encodeAccount = (lines: readonly AccountLine[], baseMs: number): Uint8Array => {
  const writer = new ByteWriter();
  for (const [order, ofOrder] of Map.groupBy(lines, (line) => line.order)) {
    writer.raw(Buffer.from(order, 'hex'));
    writer.uint(ofOrder.length);
    for (const line of ofOrder) {
      writer.uint(line.effects);
      writeLine(writer, line, baseMs);
    }
  }
  return writer.bytes();
};

export const decodeAccount = (bytes: Uint8Array, baseMs: number): AccountLine[] => {
  const reader = new ByteReader(bytes);
  const lines: AccountLine[] = [];
  while (!reader.isAtEnd()) {
    const order = Buffer.from(reader.raw(ORDER_KEY_BYTES)).toString('hex');
    for (let count = reader.count(); count > 0; count--) {
      const effects = reader.uint();
      lines.push({ ...readLine(reader, baseMs), order, effects });
    }
  }
  return lines;
};
