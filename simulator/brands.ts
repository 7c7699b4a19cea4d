/** The brands of a simulated sale, and which purchases go to which brand. */
import { BRANDS_ABOVE_LINE, BRANDS_DOUBLED } from './announced.ts';
import { chanceOf, exponential, type Random, randomBelow, shuffled } from './chance.ts';
import type { Purchase } from './purchases.ts';

/**
 * A brand. A star is one whose net amount at the end of the hour is above the line (`lineFen` in `announced.ts`). At the end,
 * every brand's net amount is at least its planned one, which comes from the purchases made without coupons, and at most its
 * ceiling, however much more coupons make members buy.
 */
export type Brand = {
  brand: string;
  isStar: boolean;
  isDoubled: boolean;
  /** The net amount of its purchases, in fen, without those refunded within the hour. */
  plannedFen: number;
  /** The gross amount of its purchases, in fen, also of those that are refunded. */
  plannedGrossFen: number;
  /** The most that its net amount may become, in fen; infinite for a star that has doubled or is new. */
  ceilingFen: number;
  /** Its net amount of last year's hour, in fen; 0 for a new brand, which cannot double. */
  lastYearFen: number;
};

export type BrandPlan = {
  brands: Brand[];
  /** For each purchase, the index of its brand. */
  brandOf: Uint32Array;
};

/**
 * How many stars have doubled; how many brands are neither stars nor doubled, at scale 1 or more; and the share of new ones
 * among the brands that have not doubled.
 */
const DOUBLED_STARS = 22;
const OTHER_BRANDS = 1_400;
const NEWCOMER_SHARE = 0.05;

/**
 * Multiples of the line: the least that a star is planned to sell, the gross amount up to which a brand that is no star is given
 * further purchases, and the ceiling of such a brand's net amount with coupons.
 */
const STAR_OF_LINE_MIN = 1.12;
const OTHER_OF_LINE_MAX = 0.45;
const OTHER_CEILING_OF_LINE = 0.9;
/** The share of all sales that goes to brands that are not stars, if the stars leave that much. */
const OTHERS_SHARE = 0.2;

/** This year's net amount divided by last year's: of a doubled brand, the least and the mean of what is added to it. */
const DOUBLED_RATIO_MIN = 2.08;
const DOUBLED_RATIO_MORE = 0.6;
/** The same of any other brand: the least and the most. */
const SLOW_RATIO_MIN = 0.6;
const SLOW_RATIO_MAX = 1.7;
/** The least net amount of last year's hour, in fen, of a brand that is neither doubled nor new. */
const LAST_YEAR_FEN_MIN = 3_000;
/** The digits of the number in a brand's name. */
const DIGITS = 4;

/** The stars' names, which no real brand has. */
const STAR_NAMES = [
  ...[
    '莲 Lotus',
    '竹 Bamboo',
    '鹤 Crane',
    '玉 Jade',
    '牡丹 Peony',
    '松 Pine',
    '云 Cloud',
    '山 Mountain',
    '溪 Brook',
  ],
  ...[
    '梅 Plum',
    '兰 Orchid',
    '菊 Aster',
    '枫 Maple',
    '桂 Osmanthus',
    '茶 Tea',
    '瓷 Porcelain',
    '丝 Silk',
    '墨 Ink',
  ],
  ...[
    '琴 Lute',
    '帆 Sail',
    '桥 Bridge',
    '灯 Lantern',
    '月 Moon',
    '星 Star',
    '霞 Dawn',
    '雪 Snow',
    '雨 Rain',
    '风 Wind',
  ],
  ...['燕 Swallow', '鹿 Deer', '鲤 Carp', '蝶 Butterfly', '雁 Goose', '虎 Tiger', '龙 Dragon'],
];

const keptFen = ({ amountFen, refundMs }: Purchase): number => (refundMs === undefined ? amountFen : 0);

const emptyBrand = (brand: string, isStar: boolean, isDoubled: boolean): Brand => ({
  brand,
  isStar,
  isDoubled,
  plannedFen: 0,
  plannedGrossFen: 0,
  ceilingFen: 0,
  lastYearFen: 0,
});

const brandsAt = (scale: number): Brand[] => {
  const named = (kind: string, i: number): string => `${kind}-${String(i + 1).padStart(DIGITS, '0')}`;
  const doubled = BRANDS_DOUBLED - DOUBLED_STARS;
  const others = Math.round(OTHER_BRANDS * Math.min(1, scale));
  return [
    ...Array.from({ length: BRANDS_ABOVE_LINE }, (_, i) =>
      // Every third star or so has not doubled, so that both kinds are among the largest.
      emptyBrand(STAR_NAMES[i]!, true, (i * DOUBLED_STARS) % BRANDS_ABOVE_LINE < DOUBLED_STARS),
    ),
    ...Array.from({ length: doubled }, (_, i) => emptyBrand(named('brand', i), false, true)),
    ...Array.from({ length: others }, (_, i) => emptyBrand(named('brand', doubled + i), false, false)),
  ];
};

/**
 * Divides `totalFen`, which all stars sell together, among them: the first star gets the most, and the last one just the
 * minimum of a star (a power law). Returns each star's amount in fen.
 */
const starTargets = (totalFen: number, lineFen: number): number[] => {
  const leastFen = STAR_OF_LINE_MIN * lineFen;
  const targets = (exponent: number): number[] =>
    Array.from({ length: BRANDS_ABOVE_LINE }, (_, i) => leastFen * (BRANDS_ABOVE_LINE / (i + 1)) ** exponent);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  let low = 0;
  let high = 4;
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (sum(targets(middle)) < totalFen) low = middle;
    else high = middle;
  }
  return targets(low);
};

const lastYearOf = ({ isDoubled, plannedFen }: Brand, random: Random): number => {
  if (isDoubled) {
    const ratio = DOUBLED_RATIO_MIN + exponential(random, DOUBLED_RATIO_MORE);
    return Math.max(1, Math.floor(plannedFen / ratio));
  }
  if (plannedFen > 0 && random() < NEWCOMER_SHARE) return 0;
  const ratio = SLOW_RATIO_MIN + (SLOW_RATIO_MAX - SLOW_RATIO_MIN) * random();
  return Math.max(LAST_YEAR_FEN_MIN, Math.ceil(plannedFen / ratio));
};

const ceilingOf = ({ isStar, isDoubled, lastYearFen }: Brand, lineFen: number): number =>
  Math.min(
    isDoubled || lastYearFen === 0 ? Number.POSITIVE_INFINITY : 2 * lastYearFen,
    isStar ? Number.POSITIVE_INFINITY : Math.floor(OTHER_CEILING_OF_LINE * lineFen),
  );

/**
 * Divides the purchases among the brands, so that the numbers of stars and of doubled brands are as announced. First, every
 * doubled brand that is no star gets a purchase that is not refunded, then brands that are no stars get some more, and the stars
 * get all others. What a brand sold last year follows from what it is planned to sell. Throws if there are not enough purchases.
 */
export const planBrands = (
  seed: number,
  scale: number,
  purchases: readonly Purchase[],
  lineFen: number,
): BrandPlan => {
  const random = chanceOf(seed, 'brands');
  const brands = brandsAt(scale);
  const brandOf = new Uint32Array(purchases.length);
  const assign = (purchase: number, at: number): void => {
    const brand = brands[at]!;
    brandOf[purchase] = at;
    brand.plannedFen += keptFen(purchases[purchase]!);
    brand.plannedGrossFen += purchases[purchase]!.amountFen;
  };
  const totalFen = purchases.reduce((sum, purchase) => sum + keptFen(purchase), 0);
  const starsNeedFen = BRANDS_ABOVE_LINE * (STAR_OF_LINE_MIN + 0.15) * lineFen;
  const othersFen = Math.min(OTHERS_SHARE * totalFen, totalFen - starsNeedFen);

  const order = shuffled([...purchases.keys()], random);
  const forStars: number[] = [];
  const isOther = (at: number): boolean => !brands[at]!.isStar;
  const waiting = [...brands.keys()].filter((at) => isOther(at) && brands[at]!.isDoubled);
  // Each doubled brand that is no star first gets one of the smaller purchases of a sample, so that enough is left for the stars.
  const mostFen = OTHER_OF_LINE_MAX * lineFen;
  const others = [...brands.keys()].filter(isOther);
  let givenFen = 0;
  const firsts = order.filter((purchase) => keptFen(purchases[purchase]!) > 0).slice(0, 2 * waiting.length);
  firsts.sort((a, b) => purchases[a]!.amountFen - purchases[b]!.amountFen);
  const taken = new Set<number>();
  for (const at of waiting) {
    const purchase = firsts[taken.size];
    if (purchase === undefined)
      throw new Error(`scale: ${purchases.length} orders are too few for the brands`);
    taken.add(purchase);
    assign(purchase, at);
    givenFen += purchases[purchase]!.amountFen;
  }
  for (const purchase of order) {
    if (taken.has(purchase)) continue;
    const { amountFen } = purchases[purchase]!;
    const at = others[randomBelow(random, others.length)]!;
    if (givenFen < othersFen && brands[at]!.plannedGrossFen + amountFen <= mostFen) {
      assign(purchase, at);
      givenFen += amountFen;
    } else {
      forStars.push(purchase);
    }
  }
  const starsFen = forStars.reduce((sum, purchase) => sum + keptFen(purchases[purchase]!), 0);
  const targets = starTargets(starsFen, lineFen);
  for (const purchase of forStars) {
    // Choose the star that is farthest behind its target in proportion, so that all end near their targets.
    let behind = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [at, target] of targets.entries()) {
      const share = brands[at]!.plannedFen / target;
      if (share < least) {
        least = share;
        behind = at;
      }
    }
    assign(purchase, behind);
  }
  for (const brand of brands) {
    brand.lastYearFen = lastYearOf(brand, random);
    brand.ceilingFen = ceilingOf(brand, lineFen);
    const isKept = brand.isStar ? brand.plannedFen > lineFen : brand.plannedGrossFen < lineFen;
    if (!isKept) {
      throw new Error(
        `scale: brand ${brand.brand}: expected ${brand.isStar ? 'a planned net amount above' : 'a planned gross amount below'} the line of ${lineFen} fen, got ${brand.isStar ? brand.plannedFen : brand.plannedGrossFen}`,
      );
    }
  }
  return { brands, brandOf };
};
