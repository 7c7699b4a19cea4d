/** Views of sales in all states that a screen must handle, invented but consistent. */
import type { BoardView, BrandView, CurvePoint } from '#domain/board/view.ts';

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
export const STARTS_AT_MS = Date.parse('2026-11-10T12:00:00.000Z');
const ENDS_AT_MS = STARTS_AT_MS + 60 * MINUTE_MS;

/** A sale's net amount in one minute, in fen: a rush at the opening, then waves. */
const rush = (minute: number, scaleFen: number): number =>
  Math.round(
    scaleFen *
      (1.9 * Math.exp(-minute / 4) + 0.55 + 0.16 * Math.sin(minute / 3.1) + 0.08 * Math.sin(minute * 1.7)),
  );

const points = (minutes: number, scaleFen: number): CurvePoint[] =>
  Array.from({ length: minutes }, (_, minute) => ({
    elapsedMs: minute * MINUTE_MS,
    orders: Math.round(rush(minute, scaleFen) / 25_000),
    netFen: rush(minute, scaleFen),
  }));

const NAMES = [
  '海尔 Haier',
  'Apple',
  '小米 Xiaomi',
  '华为 HUAWEI',
  '美的 Midea',
  'Nike',
  'L’Oréal Paris',
  '茅台 Moutai',
  'UNIQLO',
  '珀莱雅 PROYA',
  'Lancôme',
  '安踏 ANTA',
  'adidas',
  '格力 GREE',
  'Estée Lauder',
  'vivo',
  '蕉下 Beneunder',
  'lululemon',
  '三只松鼠',
];

const leaders = (count: number, firstFen: number, lineFen: number, names = NAMES): BrandView[] =>
  Array.from({ length: count }, (_, i) => {
    const netFen = Math.round(firstFen / (1 + i * 0.42));
    return {
      brand: names[i % names.length]!,
      netFen,
      orders: Math.round(netFen / 30_000),
      lastYearNetFen: i % 7 === 5 ? undefined : Math.round(netFen / (1.3 + ((i * 5) % 9) / 6)),
      crossedAtMs: netFen >= lineFen ? STARTS_AT_MS + (2 + i * 3) * MINUTE_MS + 20 * SECOND_MS : undefined,
    };
  });

const LINE_FEN = 10_000_000;
const COMMITMENT = '3f2a9bd41c07e6582ab1c4f09d7e3358a1b6c2d4e5f60718293a4b5c6d7e9bc1';
const SEED = 'a94f03bb7c61d2e8054f9b3a7d1e6c28f0b5a493e8d7c6152b3a49f8e0d7c6b5';

export const FULL: BoardView = {
  campaignId: 'double-eleven-2026',
  startsAtMs: STARTS_AT_MS,
  endsAtMs: ENDS_AT_MS,
  nowMs: STARTS_AT_MS + 42 * MINUTE_MS + 13 * SECOND_MS,
  watermarkMs: STARTS_AT_MS + 42 * MINUTE_MS + 10 * SECOND_MS,
  isComplete: false,
  reopenedFromMs: undefined,
  tooLate: 0,
  headline: {
    netFen: { value: 1_234_567_890, lastYear: 893_400_000 },
    grossFen: 1_271_890_120,
    refundedFen: 37_322_230,
    orders: { value: 48_213, lastYear: 39_877 },
    members: { value: 31_904, lastYear: 28_410 },
  },
  curve: { windowMs: MINUTE_MS, points: points(43, 34_000_000), lastYear: points(60, 24_000_000) },
  brands: {
    lineFen: LINE_FEN,
    aboveLine: 35,
    doubled: 1_802,
    active: 4_012,
    leaders: leaders(20, 96_000_000, LINE_FEN),
  },
  channels: [
    { channel: 'far', netFen: 769_135_795, orders: 26_511 },
    { channel: 'near', netFen: 465_432_095, orders: 21_702 },
  ],
  coupons: {
    budgetFen: 50_000_000,
    remainingFen: 18_830_000,
    plannedSpentFen: 30_110_000,
    issued: 41_266,
    redeemed: 6_812,
    returned: 214,
    expired: 1_377,
    againstTerms: 12,
    overdraftFen: 30_000,
    withheld: [
      { reason: 'not-worth-its-price', count: 21_450 },
      { reason: 'control', count: 7_260 },
      { reason: 'limit-reached', count: 3_912 },
      { reason: 'not-eligible', count: 20 },
    ],
    refused: [
      { reason: 'expired', count: 83 },
      { reason: 'below-threshold', count: 61 },
      { reason: 'used', count: 7 },
    ],
    modelCalls: 1_523_800,
    pools: [
      { pool: 'platform', arm: 'engine', budgetFen: 41_000_000, remainingFen: 15_000_000, price: 1.31 },
      { pool: 'platform', arm: 'baseline', budgetFen: 9_000_000, remainingFen: 3_830_000, price: 0 },
    ],
  },
  experiment: {
    confidence: 0.95,
    arms: [
      {
        arm: 'engine',
        eligible: 43_120,
        orders: 34_020,
        netFen: 872_000_000,
        issued: 34_800,
        redeemed: 5_920,
      },
      { arm: 'baseline', eligible: 9_240, orders: 7_120, netFen: 182_000_000, issued: 6_466, redeemed: 892 },
      { arm: 'control', eligible: 9_231, orders: 6_690, netFen: 170_000_000, issued: 0, redeemed: 0 },
    ],
    conversionLift: { estimate: 0.162, low: 0.112, high: 0.213 },
    ordersPerMember: {
      engine: { estimate: 0.0642, low: 0.0312, high: 0.0969 },
      baseline: { estimate: 0.0213, low: -0.0184, high: 0.0611 },
    },
    netFenPerMember: {
      engine: { estimate: 1_804, low: 322, high: 3_286 },
      baseline: { estimate: 1_250, low: -640, high: 3_140 },
    },
    sampleRatio: { pValue: 0.42, isMismatched: false },
    membersNeeded: undefined,
  },
  freeOrders: {
    mode: 'instant',
    participants: 8_014,
    wins: 796,
    revoked: 4,
    awardedFen: 3_712_050,
    quota: 1_000,
    budgetFen: 5_000_000,
    outcomes: [
      { outcome: 'not-drawn', count: 7_204 },
      { outcome: 'below-minimum', count: 3_120 },
      { outcome: 'wrong-tier', count: 812 },
      { outcome: 'won', count: 796 },
    ],
    seedCommitment: COMMITMENT,
    seed: undefined,
    odds: { win: 1, in: 10 },
    prizesPerSlot: undefined,
  },
  milestones: [
    { kind: 'brand-line', brand: '海尔 Haier', atMs: STARTS_AT_MS + 140 * SECOND_MS },
    { kind: 'brand-line', brand: 'Lancôme', atMs: STARTS_AT_MS + 31 * MINUTE_MS + 10 * SECOND_MS },
    { kind: 'passed-last-year', atMs: STARTS_AT_MS + 39 * MINUTE_MS + 50 * SECOND_MS },
    { kind: 'brand-line', brand: '安踏 ANTA', atMs: STARTS_AT_MS + 40 * MINUTE_MS + 20 * SECOND_MS },
    { kind: 'brand-line', brand: 'adidas', atMs: STARTS_AT_MS + 41 * MINUTE_MS + 30 * SECOND_MS },
  ],
  health: { atMs: STARTS_AT_MS + 42 * MINUTE_MS, rejects: 0, deadLetters: 0 },
};

/** In the middle of its hour, and paused. */
export const PAUSED: BoardView = { ...FULL, pausedSinceMs: FULL.nowMs - 73 * SECOND_MS };

/** A sale that was extended by half an hour. */
export const EXTENDED: BoardView = {
  ...FULL,
  endsAtMs: FULL.endsAtMs + 30 * 60 * SECOND_MS,
  plannedEndsAtMs: FULL.endsAtMs,
};

/** In the middle of its hour, with its coupons closed. */
export const CLOSED: BoardView = { ...FULL, closedSinceMs: FULL.nowMs - 73 * SECOND_MS };

/** Over, with last year surpassed, the seed revealed, and refused events and dead letters. */
export const ENDED: BoardView = {
  ...FULL,
  nowMs: ENDS_AT_MS + 90 * SECOND_MS,
  watermarkMs: ENDS_AT_MS,
  isComplete: true,
  curve: { windowMs: MINUTE_MS, points: points(60, 34_000_000), lastYear: points(60, 24_000_000) },
  freeOrders: { ...FULL.freeOrders!, seed: SEED },
  experiment: { ...FULL.experiment!, sampleRatio: { pValue: 0.00003, isMismatched: true } },
  health: { atMs: ENDS_AT_MS, rejects: 7, deadLetters: 12 },
};

/** Before the first order: everything is configured and nothing has happened. */
export const UPCOMING: BoardView = {
  ...FULL,
  nowMs: STARTS_AT_MS - 90 * SECOND_MS,
  watermarkMs: undefined,
  headline: {
    netFen: { value: 0, lastYear: 0 },
    grossFen: 0,
    refundedFen: 0,
    orders: { value: 0, lastYear: 0 },
    members: { value: 0, lastYear: 0 },
  },
  curve: { windowMs: MINUTE_MS, points: [], lastYear: points(60, 24_000_000) },
  brands: { lineFen: LINE_FEN, aboveLine: 0, doubled: 0, active: 0, leaders: [] },
  channels: [],
  coupons: {
    ...FULL.coupons!,
    remainingFen: 50_000_000,
    plannedSpentFen: 0,
    issued: 0,
    redeemed: 0,
    returned: 0,
    expired: 0,
    againstTerms: 0,
    overdraftFen: 0,
    withheld: [],
    refused: [],
    modelCalls: 0,
  },
  experiment: {
    ...FULL.experiment!,
    arms: FULL.experiment!.arms.map((arm) => ({ ...arm, orders: 0, netFen: 0, issued: 0, redeemed: 0 })),
    conversionLift: undefined,
    ordersPerMember: { engine: undefined, baseline: undefined },
    netFenPerMember: { engine: undefined, baseline: undefined },
    sampleRatio: { pValue: 1, isMismatched: false },
    membersNeeded: 74_191,
  },
  freeOrders: { ...FULL.freeOrders!, participants: 0, wins: 0, revoked: 0, awardedFen: 0, outcomes: [] },
  milestones: [],
  health: undefined,
};

/** The first half minute: a few orders, no window of the curve complete. */
export const JUST_BEGUN: BoardView = {
  ...UPCOMING,
  nowMs: STARTS_AT_MS + 34 * SECOND_MS,
  watermarkMs: STARTS_AT_MS + 30 * SECOND_MS,
  headline: {
    netFen: { value: 4_517_300, lastYear: 2_205_000 },
    grossFen: 4_517_300,
    refundedFen: 0,
    orders: { value: 184, lastYear: 97 },
    members: { value: 181, lastYear: 96 },
  },
  curve: { ...UPCOMING.curve, points: [{ elapsedMs: 0, orders: 184, netFen: 4_517_300 }] },
  brands: {
    lineFen: LINE_FEN,
    aboveLine: 0,
    doubled: 41,
    active: 122,
    leaders: leaders(5, 1_320_000, LINE_FEN),
  },
  channels: [{ channel: 'far', netFen: 4_517_300, orders: 184 }],
  health: { atMs: STARTS_AT_MS, rejects: 0, deadLetters: 0 },
};

/** Orders alone: eight months by the day, no last year, no coupons, no free orders. */
export const BARE: BoardView = {
  ...FULL,
  campaignId: 'olist-2018',
  endsAtMs: STARTS_AT_MS + 243 * 24 * 60 * MINUTE_MS,
  nowMs: STARTS_AT_MS + 300 * 24 * 60 * MINUTE_MS,
  watermarkMs: STARTS_AT_MS + 160 * 24 * 60 * MINUTE_MS,
  headline: {
    netFen: { value: 871_234_510, lastYear: undefined },
    grossFen: 871_234_510,
    refundedFen: 0,
    orders: { value: 52_991, lastYear: undefined },
    members: { value: 52_011, lastYear: undefined },
  },
  curve: {
    windowMs: 24 * 60 * MINUTE_MS,
    points: points(160, 5_000_000).map((point) => ({
      ...point,
      elapsedMs: point.elapsedMs * 24 * 60 - 3 * 60 * MINUTE_MS,
    })),
    lastYear: [],
  },
  brands: {
    lineFen: 10_000_000_000,
    aboveLine: 0,
    doubled: undefined,
    active: 2_801,
    leaders: leaders(20, 19_204_411, 10_000_000_000, ['4a3ca9315b744ce9f8e9374361493884']),
  },
  channels: [{ channel: 'far', netFen: 871_234_510, orders: 52_991 }],
  coupons: undefined,
  experiment: undefined,
  freeOrders: undefined,
  milestones: [],
};

/** Coupons and nothing else below the curve. */
export const ONE_PART: BoardView = { ...FULL, experiment: undefined, freeOrders: undefined };
export const TWO_PARTS: BoardView = { ...FULL, experiment: undefined };

const HUGE_FEN = 9_007_199_254_740_991;
const LONG_NAMES = [
  '超长品牌名称旗舰店官方直营海外专营自营折扣特卖中心限量发售体验馆上海南京东路店'.repeat(3).slice(0, 128),
  'The Extraordinarily Long-Winded International Trading Company of Everything & Sons <Limited> "Flagship" Store',
  'W'.repeat(128),
  '<script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '\u202eبرند\u202c',
  'a & b "c" \'d\' <e>',
];

/** Figures as large and as small as possible, with the longest possible names. */
export const EXTREME: BoardView = {
  ...ENDED,
  campaignId: `campaign-${'W'.repeat(55)}`,
  watermarkMs: STARTS_AT_MS + 59 * MINUTE_MS + 50 * SECOND_MS,
  headline: {
    netFen: { value: -HUGE_FEN, lastYear: 1 },
    grossFen: HUGE_FEN,
    refundedFen: HUGE_FEN,
    orders: { value: 9_999_999_999_999, lastYear: 1 },
    members: { value: 9_999_999_999_999, lastYear: 1 },
  },
  curve: {
    windowMs: MINUTE_MS,
    points: points(60, 34_000_000).map((point, i) => ({
      ...point,
      netFen: i % 9 === 4 ? -HUGE_FEN / 3 : HUGE_FEN - i,
    })),
    lastYear: points(60, 1),
  },
  brands: {
    lineFen: HUGE_FEN,
    aboveLine: 37_000,
    doubled: 37_000,
    active: 9_999_999,
    leaders: leaders(20, HUGE_FEN, HUGE_FEN / 4, LONG_NAMES).map((brand, i) => ({
      ...brand,
      lastYearNetFen: i % 2 === 0 ? 1 : brand.lastYearNetFen,
    })),
  },
  channels: [
    { channel: 'far', netFen: HUGE_FEN, orders: 9_999_999_999_999 },
    { channel: 'near', netFen: -HUGE_FEN, orders: 9_999_999_999_999 },
  ],
  coupons: {
    ...FULL.coupons!,
    budgetFen: HUGE_FEN,
    remainingFen: 0,
    plannedSpentFen: 1,
    issued: 9_999_999_999_999,
    redeemed: 9_999_999_999_999,
    returned: 9_999_999_999_999,
    expired: 9_999_999_999_999,
    againstTerms: 9_999_999_999_999,
    overdraftFen: 9_999_999_999_999,
    withheld: LONG_NAMES.map((reason) => ({ reason, count: 9_999_999_999_999 })),
    refused: LONG_NAMES.map((reason) => ({ reason, count: 9_999_999_999_999 })),
    modelCalls: 15_000_000_000,
  },
  experiment: {
    ...ENDED.experiment!,
    arms: ENDED.experiment!.arms.map((arm) => ({ ...arm, eligible: 9_999_999_999_999 })),
    conversionLift: { estimate: -0.2, low: -88.123, high: 99.9 },
    ordersPerMember: {
      engine: { estimate: 12_345_678, low: -12_345_678, high: 999_999_999 },
      baseline: { estimate: 0.0000004, low: -0.0000001, high: 0.0000009 },
    },
    netFenPerMember: {
      engine: { estimate: -HUGE_FEN, low: -HUGE_FEN, high: HUGE_FEN },
      baseline: undefined,
    },
    membersNeeded: 9_999_999_999_999,
  },
  freeOrders: {
    ...ENDED.freeOrders!,
    participants: 9_999_999_999_999,
    wins: 9_999_999_999_999,
    revoked: 9_999_999_999_999,
    awardedFen: HUGE_FEN,
    quota: 1_000_000,
    budgetFen: HUGE_FEN,
    outcomes: LONG_NAMES.map((outcome) => ({ outcome, count: 9_999_999_999_999 })),
    odds: { win: 999_999_999, in: 1_000_000_000 },
  },
  milestones: LONG_NAMES.map((brand, i) => ({
    kind: 'brand-line',
    brand,
    atMs: STARTS_AT_MS + i * MINUTE_MS,
  })),
  health: { atMs: ENDS_AT_MS, rejects: 9_999_999, deadLetters: 9_999_999 },
};

/** All views by name. */
export const VIEWS: Readonly<Record<string, BoardView>> = {
  full: FULL,
  paused: PAUSED,
  closed: CLOSED,
  extended: EXTENDED,
  ended: ENDED,
  upcoming: UPCOMING,
  'just begun': JUST_BEGUN,
  bare: BARE,
  'one part': ONE_PART,
  'two parts': TWO_PARTS,
  extreme: EXTREME,
};
