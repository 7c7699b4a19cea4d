import { describe, expect, it } from 'vitest';
import { excludesZero, experimentSentence, liftText } from '#domain/board/render/sentence.ts';
import type { ArmView, ExperimentView, Interval } from '#domain/experiment/view.ts';

/** The text with plain spaces in place of no-break ones. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

const armOf = (arm: ArmView['arm']): ArmView => ({
  arm,
  eligible: 10_000,
  orders: 500,
  netFen: 5_000_000,
  issued: 4_000,
  redeemed: 400,
});

const viewOf = (changes: Partial<ExperimentView> = {}): ExperimentView => ({
  confidence: 0.95,
  arms: [armOf('engine'), armOf('baseline'), armOf('control')],
  conversionLift: { estimate: 0.162, low: 0.112, high: 0.209 },
  ordersPerMember: { engine: undefined, baseline: undefined },
  netFenPerMember: { engine: undefined, baseline: undefined },
  sampleRatio: { pValue: 1, isMismatched: false },
  membersNeeded: undefined,
  ...changes,
});

const NOT_DISTINGUISHABLE: Interval = { estimate: 0.031, low: -0.08, high: 0.154 };

describe('a lift in words', () => {
  it.each([
    ['as a percentage', { estimate: 0.162, low: 0.112, high: 0.209 }, '+16.2 % (95 %: +11 to +21)'],
    [
      'with its bounds outward, so that the interval never looks narrower than it is',
      { estimate: -0.031, low: -0.081, high: 0.011 },
      '−3.1 % (95 %: −9 to +2)',
    ],
    [
      'with no bound at zero where zero is excluded',
      { estimate: 0.2, low: 0.004, high: 0.41 },
      '+20.0 % (95 %: +0.4 to +41.0)',
    ],
    [
      'with no bound at zero, even where it takes more decimals to exclude zero',
      { estimate: -0.2, low: -0.41, high: -0.0004 },
      '−20.0 % (95 %: −41.00 to −0.04)',
    ],
    ['without a minus before 0', { estimate: -0.0001, low: -0.5, high: 0.5 }, '+0.0 % (95 %: −50 to +50)'],
  ])('is rounded %s', (_, interval, text) => {
    expect(plain(liftText(interval, 0.95, 'en'))).toBe(text);
  });

  it('is written the Chinese way', () => {
    const interval = { estimate: 0.162, low: 0.112, high: 0.209 };
    expect(liftText(interval, 0.999, 'zh-CN')).toBe('+16.2%（99.9%：+11 至 +21）');
  });
});

describe('an interval', () => {
  it('has a clear sign only if zero is outside of it', () => {
    expect(excludesZero({ estimate: 2, low: 1, high: 3 })).toBe(true);
    expect(excludesZero({ estimate: -2, low: -3, high: -1 })).toBe(true);
    expect(excludesZero({ estimate: 1, low: 0, high: 2 })).toBe(false);
    expect(excludesZero(NOT_DISTINGUISHABLE)).toBe(false);
  });
});

describe('what an experiment says', () => {
  const english = (changes: Partial<ExperimentView>): string =>
    plain(experimentSentence(viewOf(changes), 'en'));

  it('is the lift that was detected, without asking for more members', () => {
    expect(english({ membersNeeded: 30_000 })).toBe(
      'Conversion of issued coupons, engine against baseline: +16.2 % (95 %: +11 to +21).',
    );
  });

  it('is that a lift is not yet distinguishable, and how many members it takes to detect one', () => {
    expect(english({ conversionLift: NOT_DISTINGUISHABLE, membersNeeded: 12_345 })).toBe(
      'Conversion of issued coupons, engine against baseline: not yet distinguishable; ' +
        'so far +3.1 % (95 %: −8 to +16). It takes 12,345 members an arm to detect +15 %.',
    );
    expect(english({ conversionLift: undefined })).toBe(
      'Conversion of issued coupons, engine against baseline: not yet distinguishable.',
    );
  });

  it('is the effect on orders if there is no baseline', () => {
    const arms = [armOf('engine'), armOf('control')];
    const engine = { estimate: 0.0123, low: 0.004, high: 0.0206 };
    expect(english({ arms, ordersPerMember: { engine, baseline: undefined } })).toBe(
      'Orders of an eligible member, engine against control: +0.0123 (95 %: +0.00400 to +0.0206).',
    );
    expect(english({ arms })).toBe(
      'Orders of an eligible member, engine against control: not yet distinguishable.',
    );
  });

  it('includes a warning if the sizes of the arms do not fit the shares that were set', () => {
    expect(english({ sampleRatio: { pValue: 1e-9, isMismatched: true } })).toMatch(
      /The sizes of the arms do not fit the shares that were set, so this cannot be relied on\.$/,
    );
  });

  it('is in Chinese on a Chinese screen', () => {
    const chinese = (changes: Partial<ExperimentView>): string =>
      plain(experimentSentence(viewOf(changes), 'zh-CN'));
    expect(chinese({})).toBe('已发券核销率，引擎对比基线：+16.2%（95%：+11 至 +21）。');
    expect(chinese({ conversionLift: NOT_DISTINGUISHABLE, membersNeeded: 12_345 })).toBe(
      '已发券核销率，引擎对比基线：尚不能区分，目前为 +3.1%（95%：−8 至 +16）。要识别 +15% 的提升，每组需 1.23 万名会员。',
    );
    expect(chinese({ sampleRatio: { pValue: 1e-9, isMismatched: true } })).toMatch(
      /会员的实际分组与设定不符，此结果不可采信。$/,
    );
  });
});
