import { createHash } from 'node:crypto';
import { parseEvent } from '#events/contract.ts';
import { MAX_ATTRIBUTE_LENGTH, MAX_ID_LENGTH } from '#events/fields.ts';
import { currencyDigits } from '#platform/currency-digits.ts';
import { type Decimal, toMinor } from './amount.ts';
import type { Mapping } from './mapping.ts';
import type { OrderRow } from './read-row.ts';
import type { Refusal } from './refusals.ts';

/** An order event as it goes into the pipeline, and the line of the file it comes from. `amount` is in minor units. */
export type OrderEvent = {
  line: number;
  kind: 'paid' | 'refunded';
  order: string;
  member: string;
  brand: string;
  time: string;
  amount: number;
  isRounded: boolean;
  /** The event's JSON text. */
  text: string;
};

export type OrderOutcome =
  | { kind: 'event'; event: OrderEvent }
  | { kind: 'ignored'; why: string }
  | { kind: 'refused'; refusal: Refusal };

/** The position of a row: its number below the header, and its line, both from 1. */
export type Place = { row: number; line: number };

type Part = Place & {
  of: OrderRow;
  kind: 'paid' | 'refunded';
  timeMs: number;
  sum: Decimal;
  /** Whether an amount of 0 is ignored instead of refused: for an order that was refunded without having been paid. */
  mayBeNothing: boolean;
  /** Whether it is a refund of a whole order that follows from the order's state, without a separate row. */
  isImplied: boolean;
};

const HASH_CHARACTERS = 43;

/** The column roles of an event's fields. */
const FIELD_ROLES: Readonly<Record<string, string>> = {
  id: 'event',
  'data.orderId': 'order',
  'data.memberId': 'member',
  'data.brandId': 'brand',
  'data.amountFen': 'amount',
  'data.storeId': 'store',
  'data.couponId': 'coupon',
};
const MESSAGE = /^.*?: expected (.*), got .*$/s;

const plus = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale);
  const at = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own);
  return { digits: at(a) + at(b), scale };
};

const isMore = (a: Decimal, b: Decimal): boolean => plus(a, negated(b)).digits > 0n;

const negated = ({ digits, scale }: Decimal): Decimal => ({ digits: -digits, scale });

/** Joins the three parts. If the result is too long, the middle part is replaced by its SHA-256 (base64url). */
const fitted = (head: string, middle: string, tail: string, charactersMax: number): string => {
  const whole = head + middle + tail;
  if (whole.length <= charactersMax) return whole;
  return head + createHash('sha256').update(middle).digest('base64url').slice(0, HASH_CHARACTERS) + tail;
};

/**
 * Makes order events from rows. Rows of one order and brand are added up, so their events come at the end. If each row is an
 * event of its own, events come at once. Unless the row gives it, an event's id is made from the number of its first row, its
 * order and its kind. Its source is made from the file's name. So replaying a file changes nothing.
 */
export class Orders {
  readonly #mapping: Mapping;
  readonly #source: string;
  readonly #nowMs: number;
  readonly #digits: number;
  readonly #isKept: boolean;
  readonly #parts = new Map<string, Part>();
  readonly #brandOf = new Map<string, string>();
  /** Orders with a total whose rows are of several brands. */
  readonly severalBrands = new Set<string>();

  /** @param options.ordersRepeat Whether an order may have several rows, which are then kept to be added up. */
  constructor(mapping: Mapping, options: { fileName: string; nowMs: number; ordersRepeat: boolean }) {
    const { fileName, nowMs, ordersRepeat } = options;
    this.#mapping = mapping;
    this.#isKept = ordersRepeat && mapping.rows === 'sum';
    this.#nowMs = nowMs;
    this.#digits = currencyDigits(mapping.currency);
    const name = encodeURIComponent(fileName.toWellFormed());
    this.#source = fitted('urn:zhihui:orders:', name, '', MAX_ATTRIBUTE_LENGTH);
  }

  /** Takes a row and returns the outcomes that are complete with it. */
  add(row: OrderRow, place: Place): OrderOutcome[] {
    this.#noteBrand(row);
    if (row.worth === undefined) return [];
    if (row.refund !== undefined && isMore(row.refund, row.worth)) {
      const expected = `at most the ${amountText(row.worth)} that was paid`;
      return [refusedAs(place, { field: 'refund', value: amountText(row.refund), expected })];
    }
    const isNegative = row.worth.digits < 0n && row.verdict !== 'refunded';
    return this.#partsOf(row, place, isNegative).flatMap((part) => this.#take(part));
  }

  /** Yields the outcomes of rows that were added up. */
  *rest(): Generator<OrderOutcome> {
    const given = this.#givenBack();
    for (const part of this.#parts.values()) {
      const told = part.isImplied ? given.get(part.of.order) : undefined;
      if (told === undefined) yield this.#outcomeOf(part);
      else if (isMore(part.sum, told)) {
        given.delete(part.of.order);
        yield this.#outcomeOf({ ...part, sum: plus(part.sum, negated(told)) });
      } else given.set(part.of.order, plus(told, negated(part.sum)));
    }
  }

  /** The refunds that have separate rows, by order: the refund that follows from an order's state includes them. */
  #givenBack(): Map<string, Decimal> {
    const given = new Map<string, Decimal>();
    for (const { of: row, kind, sum, isImplied } of this.#parts.values()) {
      if (kind !== 'refunded' || isImplied) continue;
      const before = given.get(row.order);
      given.set(row.order, before === undefined ? sum : plus(before, sum));
    }
    return given;
  }

  #noteBrand({ order, brand }: OrderRow): void {
    if (!this.#isKept || this.#mapping.columns.total === undefined || brand === '') return;
    const first = this.#brandOf.get(order);
    if (first === undefined) this.#brandOf.set(order, brand);
    else if (first !== brand) this.severalBrands.add(order);
  }

  #partsOf(row: OrderRow, place: Place, isNegative: boolean): Part[] {
    const worth = row.worth!;
    const paid = (sum: Decimal): Part => ({
      ...place,
      of: row,
      kind: 'paid',
      timeMs: row.timeMs,
      sum,
      mayBeNothing: row.verdict === 'both',
      isImplied: false,
    });
    const refunded = (sum: Decimal, timeMs: number): Part => ({
      ...paid(sum.digits < 0n ? negated(sum) : sum),
      kind: 'refunded',
      timeMs,
    });
    if (isNegative && this.#mapping.negative === 'refund') return [refunded(worth, row.timeMs)];
    switch (row.verdict) {
      case 'refunded':
        return [refunded(worth, row.timeMs)];
      case 'both':
        return [
          paid(worth),
          { ...refunded(row.refund ?? worth, row.refundMs), isImplied: row.refund === undefined },
        ];
      case 'paid':
        return row.refund === undefined ? [paid(worth)] : [paid(worth), refunded(row.refund, row.refundMs)];
      default:
        return row.verdict satisfies never;
    }
  }

  #take(part: Part): OrderOutcome[] {
    const { of: row } = part;
    if (!this.#isKept || row.event !== '') return [this.#outcomeOf(part)];
    // Refunds of different times are different refunds. A deduction belongs to the sale of its time.
    const isTimed = part.kind === 'refunded' || this.#mapping.negative === 'net';
    const key = JSON.stringify([row.order, row.brand, part.kind, isTimed ? part.timeMs : 0, part.isImplied]);
    const known = this.#parts.get(key);
    if (known === undefined) this.#parts.set(key, part);
    else known.sum = plus(known.sum, part.sum);
    return [];
  }

  #outcomeOf(part: Part): OrderOutcome {
    const { of: row, line, timeMs } = part;
    const isTakenOff = part.sum.digits < 0n;
    const kind = isTakenOff ? 'refunded' : part.kind;
    const sum = isTakenOff ? negated(part.sum) : part.sum;
    const minor = toMinor(sum, this.#digits, this.#mapping.rounding);
    const place = { row: part.row, line };
    if (!minor.ok)
      return refusedAs(place, { field: 'amount', value: amountText(sum), expected: minor.expected });
    const { minor: amount, isRounded } = minor.value;
    if (amount === 0 && part.mayBeNothing) return { kind: 'ignored', why: 'refunded, never paid' };
    const time = new Date(timeMs).toISOString();
    const text = JSON.stringify({
      specversion: '1.0',
      id: row.event || fitted(`${part.row}:`, row.order, `:${kind}`, MAX_ID_LENGTH),
      source: this.#source,
      type: `order.${kind}`,
      time,
      data: {
        orderId: row.order,
        memberId: row.member,
        brandId: row.brand,
        channel: row.channel,
        ...(row.store === '' ? {} : { storeId: row.store }),
        amountFen: amount,
        ...(row.coupon === '' ? {} : { couponId: row.coupon }),
      },
    });
    const { order, member, brand } = row;
    return this.#judged(
      { line, kind, order, member, brand, time, amount, isRounded, text },
      row.event === '',
    );
  }

  /** Checks the event by the contract here, because the row is known here. */
  #judged(event: OrderEvent, isIdMade: boolean): OrderOutcome {
    const value = JSON.parse(event.text) as { data: Record<string, unknown> } & Record<string, unknown>;
    const parsed = parseEvent(value, this.#nowMs);
    if (parsed.ok) return { kind: 'event', event };
    const { field, message } = parsed.rejection;
    const expected = MESSAGE.exec(message)?.[1] ?? message;
    // If an id was made from the order's id, the refusal names the order's id.
    if (field === 'id' && isIdMade) return refusedAs(event, { field: 'order', value: event.order, expected });
    const given = field.startsWith('data.') ? value.data[field.slice('data.'.length)] : value[field];
    return refusedAs(event, { field: FIELD_ROLES[field] ?? field, value: given, expected });
  }
}

const refusedAs = ({ line }: { line: number }, refusal: Omit<Refusal, 'line'>): OrderOutcome => ({
  kind: 'refused',
  refusal: { line, ...refusal },
});

/** A decimal number as text, with a decimal point. */
export const amountText = ({ digits, scale }: Decimal): string => {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  return digits < 0n ? `-${whole}` : whole;
};
