/** The experiment's result as a sentence. */
import { HOPED_LIFT } from '#domain/experiment/readout.ts';
import type { ExperimentView, Interval } from '#domain/experiment/view.ts';
import type { Locale } from './locale.ts';
import { formatCount, formatEffect } from './numbers.ts';

const PERCENT = 100;
const MINUS = '−';
const NO_BREAK_SPACE = '\u00a0';
/** The most decimals of a bound in percent. Decimals may be needed to show on which side of zero the bound is. */
const MOST_DECIMALS = 3;

/** The wording of a sentence: everyday words, or the names of the experiment's arms. */
export type Wording = 'plain' | 'engineer';

type Words = {
  conversion: (result: string) => string;
  orders: (result: string) => string;
  needed: (lift: string, members: string) => string;
  mismatch: string;
};

type Texts = {
  percentSign: string;
  range: (estimate: string, confidence: string, low: string, high: string) => string;
  indistinct: string;
  soFar: (result: string) => string;
} & Record<Wording, Words>;

const TEXTS: Readonly<Record<Locale, Texts>> = {
  'zh-CN': {
    percentSign: '%',
    range: (estimate, confidence, low, high) => `${estimate}（${confidence}：${low} 至 ${high}）`,
    indistinct: '尚不能区分',
    soFar: (result) => `，目前为 ${result}`,
    engineer: {
      conversion: (result) => `已发券核销率，引擎对比基线：${result}。`,
      orders: (result) => `每名可参与会员的订单数，引擎对比对照组：${result}。`,
      needed: (lift, members) => `要识别 ${lift} 的提升，每组需 ${members}名会员。`,
      mismatch: '会员的实际分组与设定不符，此结果不可采信。',
    },
    plain: {
      conversion: (result) => `个性券的用券率，对比统一券：${result}。`,
      orders: (result) => `人均订单数，个性券对比无券：${result}。`,
      needed: (lift, members) => `要识别 ${lift} 的提升，每组需 ${members}名会员。`,
      mismatch: '会员的实际分组与设定不符，此结果不可采信。',
    },
  },
  en: {
    percentSign: `${NO_BREAK_SPACE}%`,
    range: (estimate, confidence, low, high) => `${estimate} (${confidence}: ${low} to ${high})`,
    indistinct: 'not yet distinguishable',
    soFar: (result) => `; so far ${result}`,
    engineer: {
      conversion: (result) => `Conversion of issued coupons, engine against baseline: ${result}.`,
      orders: (result) => `Orders of an eligible member, engine against control: ${result}.`,
      needed: (lift, members) => ` It takes ${members} members an arm to detect ${lift}.`,
      mismatch: ' The sizes of the arms do not fit the shares that were set, so this cannot be relied on.',
    },
    plain: {
      conversion: (result) => `Personal coupons used, against one coupon for all: ${result}.`,
      orders: (result) => `Orders of a member, personal coupons against none: ${result}.`,
      needed: (lift, members) => ` It takes ${members} members a group to detect ${lift}.`,
      mismatch: ' The sizes of the groups do not fit the shares that were set, so this cannot be relied on.',
    },
  },
};

/** Whether an interval excludes zero, so that the sign of the effect is clear. */
export const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0;

const signed = (value: number, decimals: number): string => {
  const text = Math.abs(value).toFixed(decimals);
  return `${value < 0 && Number(text) !== 0 ? MINUS : '+'}${text}`;
};

const percentOf = (ratio: number, locale: Locale): string =>
  `${Number((ratio * PERCENT).toFixed(1))}${TEXTS[locale].percentSign}`;

/**
 * Bounds in percent, rounded outwards so that they never claim more than is known. If they exclude zero, they have as many
 * decimals as it takes to show that, up to `MOST_DECIMALS`.
 */
const boundsOf = (interval: Interval): { low: string; high: string } => {
  for (let decimals = 0; ; decimals++) {
    const unit = PERCENT * 10 ** decimals;
    const rounded = {
      estimate: interval.estimate,
      low: Math.floor(interval.low * unit) / unit,
      high: Math.ceil(interval.high * unit) / unit,
    };
    if (excludesZero(rounded) === excludesZero(interval) || decimals === MOST_DECIMALS) {
      return {
        low: signed(rounded.low * PERCENT, decimals),
        high: signed(rounded.high * PERCENT, decimals),
      };
    }
  }
};

/** A lift with its interval: `+16.2 % (95 %: +11 to +21)`. */
export const liftText = (lift: Interval, confidence: number, locale: Locale): string => {
  const { range, percentSign } = TEXTS[locale];
  const { low, high } = boundsOf(lift);
  return range(
    `${signed(lift.estimate * PERCENT, 1)}${percentSign}`,
    percentOf(confidence, locale),
    low,
    high,
  );
};

const effectText = ({ estimate, low, high }: Interval, confidence: number, locale: Locale): string =>
  TEXTS[locale].range(
    formatEffect(estimate, locale),
    percentOf(confidence, locale),
    formatEffect(low, locale),
    formatEffect(high, locale),
  );

const resultText = (
  interval: Interval | undefined,
  text: (interval: Interval) => string,
  locale: Locale,
): string => {
  const { indistinct, soFar } = TEXTS[locale];
  if (interval === undefined) return indistinct;
  return excludesZero(interval) ? text(interval) : `${indistinct}${soFar(text(interval))}`;
};

/**
 * What an experiment says, in a sentence or two: the lift in conversion with its interval, or that it is not yet
 * distinguishable and how many members it would take; in a campaign without a baseline, the effect on orders against control.
 * Where members are not in the arms as they were assigned, it says that the result cannot be relied on.
 */
export const experimentSentence = (
  view: ExperimentView,
  locale: Locale,
  wording: Wording = 'engineer',
): string => {
  const { confidence, conversionLift, ordersPerMember, membersNeeded: members, sampleRatio } = view;
  const texts = TEXTS[locale][wording];
  const mismatch = sampleRatio.isMismatched ? texts.mismatch : '';
  if (!view.arms.some(({ arm }) => arm === 'baseline')) {
    const result = resultText(
      ordersPerMember.engine,
      (interval) => effectText(interval, confidence, locale),
      locale,
    );
    return `${texts.orders(result)}${mismatch}`;
  }
  const result = resultText(conversionLift, (interval) => liftText(interval, confidence, locale), locale);
  const isOpen = conversionLift === undefined || !excludesZero(conversionLift);
  const needed =
    isOpen && members !== undefined
      ? texts.needed(`+${percentOf(HOPED_LIFT, locale)}`, formatCount(members, locale))
      : '';
  return `${texts.conversion(result)}${needed}${mismatch}`;
};
