/**
 * What a replay of the Olist data set, with one campaign for each year, must result in. It is computed from the tables
 * alone, sharing no code with the pipeline. Times in the tables are wall-clock times of São Paulo; years, months
 * and days are those of UTC.
 */
import { payments } from './olist.ts';

/** A payment, or a refund, which has negative cents. */
export type Movement = { seller: string; member: string; atMs: number; cents: bigint };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STANDARD_OFFSET_HOURS = 3;

/**
 * The periods of summer time in Brazil in the years of the data set, from decree 6,558 of 2008 and its change in 2017: for each
 * period, its first day and the first day after it.
 */
const SUMMERS = [
  ['2015-10-18', '2016-02-21'],
  ['2016-10-16', '2017-02-19'],
  ['2017-10-15', '2018-02-18'],
  ['2018-11-04', '2019-02-17'],
] as const;

const utcOf = (localTime: string): number => {
  const day = localTime.slice(0, 10);
  const isSummer = SUMMERS.some(([first, after]) => first <= day && day < after);
  const offsetHours = STANDARD_OFFSET_HOURS - (isSummer ? 1 : 0);
  return Date.parse(`${localTime.replace(' ', 'T')}Z`) + offsetHours * HOUR_MS;
};

/** Every payment and, if its order was cancelled, its refund a second later. */
export const computeMovements = (): Movement[] =>
  payments().flatMap(({ seller, member, cents, isCanceled, time }) => {
    const paid = { seller, member, atMs: utcOf(time), cents };
    return isCanceled ? [paid, { ...paid, atMs: paid.atMs + 1_000, cents: -cents }] : [paid];
  });

export const yearStartMs = (year: number): number => Date.UTC(year, 0, 1);

/** The first instant after the first `months` months of a year. */
export const monthEndMs = (year: number, months: number): number => Date.UTC(year, months, 1);

const between = (movements: readonly Movement[], fromMs: number, toMs: number): Movement[] =>
  movements.filter(({ atMs }) => fromMs <= atMs && atMs < toMs);

const sumsBySeller = (movements: readonly Movement[]): Map<string, bigint> => {
  const sums = new Map<string, bigint>();
  for (const { seller, cents } of movements) sums.set(seller, (sums.get(seller) ?? 0n) + cents);
  return sums;
};

/** The net amounts of a year's first `months` months by seller. */
const toDate = (movements: readonly Movement[], year: number, months: number): Map<string, bigint> =>
  sumsBySeller(between(movements, yearStartMs(year), monthEndMs(year, months)));

/** The sellers that sold more than twice as much in a year's first `months` months as in the same months of the year before. */
export const sellersThatDoubled = (
  movements: readonly Movement[],
  year: number,
  months: number,
): string[] => {
  const before = toDate(movements, year - 1, months);
  return [...toDate(movements, year, months)]
    .filter(([seller, cents]) => (before.get(seller) ?? 0n) > 0n && cents > 2n * before.get(seller)!)
    .map(([seller]) => seller)
    .sort();
};

/** For each seller whose net amount in a year reached `lineCents`: the end of the first such day, and the seller. */
export const daysAtLine = (movements: readonly Movement[], year: number, lineCents: bigint): string[] => {
  const ofYear = between(movements, yearStartMs(year), yearStartMs(year + 1));
  return [...Map.groupBy(ofYear, ({ seller }) => seller)]
    .flatMap(([seller, theirs]) => {
      const day = firstDayAt(theirs, lineCents);
      return day === undefined ? [] : [`${day} ${seller}`];
    })
    .sort();
};

/** The end of the day on which a year's net amount first exceeded that of the whole year before. */
export const dayPassed = (movements: readonly Movement[], year: number): string | undefined => {
  const before = between(movements, yearStartMs(year - 1), yearStartMs(year));
  const whole = before.reduce((sum, { cents }) => sum + cents, 0n);
  return firstDayAt(between(movements, yearStartMs(year), yearStartMs(year + 1)), whole + 1n);
};

const firstDayAt = (movements: readonly Movement[], lineCents: bigint): string | undefined => {
  const days = Map.groupBy(movements, ({ atMs }) => Math.floor(atMs / DAY_MS));
  let sum = 0n;
  for (const [day, ofDay] of [...days].sort(([a], [b]) => a - b)) {
    for (const { cents } of ofDay) sum += cents;
    if (sum >= lineCents) return new Date((day + 1) * DAY_MS).toISOString();
  }
  return undefined;
};
