import { describe, expect, it } from 'vitest';
import { couponView } from '#domain/board/coupon-view.ts';
import { renderBoard } from '#domain/board/render.ts';
import type { ModelView } from '#domain/board/view.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { emptyUseStatistics } from '#domain/learning/use-statistics.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import { campaignSettings } from '#events/contract.ts';
import { coupons, definition, START_MS } from '../coupons/factories.ts';
import { FULL } from './views.ts';

const screen = (model: ModelView | undefined, locale: 'en' | 'zh-CN' = 'en'): string =>
  renderBoard({ ...FULL, coupons: { ...FULL.coupons!, ...(model && { model }) } }, { locale, theme: 'dark' });

const seenFrom = (money: object, changes: object = {}) =>
  couponView(
    {
      settings: campaignSettings(definition('sale')),
      coupons: coupons(),
      row: emptyRow(),
      money: { remaining: new Map(), prices: {}, ...money },
      lastYear: undefined,
      ...changes,
    },
    START_MS,
  );

const MODEL: ModelView = { version: 3, issued: 12_345, used: 4_321, isWithdrawn: false };

describe('the model that decides, on the screen', () => {
  it('is named with what it has learned from', () => {
    expect(screen(MODEL)).toContain('Model 3, learned from 12,345 coupons, 4,321 of them used');
    expect(screen(MODEL, 'zh-CN')).toContain('模型第 3 版');
  });

  it('is compared with the prior once there is enough evidence', () => {
    const lift = { estimate: 0.08, low: -0.02, high: 0.19 };
    expect(screen(MODEL)).not.toContain('against the prior');
    expect(screen({ ...MODEL, lift })).toMatch(/\+8.0\s?% against the prior \(.2.0\s?% to \+19.0\s?%\)/u);
  });

  it('is shown with the coupons on which its challenger decided', () => {
    expect(screen(MODEL)).not.toContain('challenged');
    const challenged = { ...MODEL, challenger: { issued: 1_234, used: 321 } };
    expect(screen(challenged)).toContain('challenged by the prior on 1,234 coupons, 321 of them used');
    expect(screen(challenged, 'zh-CN')).toContain('先验模型对照 1,234 张券');
    const row = emptyRow();
    for (const [label, number] of [
      ['coupon-issued/engine', 100],
      ['coupon-issued/engine/ten/challenger', 10],
      ['coupon-redeemed/engine', 30],
      ['coupon-redeemed/engine/ten/challenger', 2],
    ] as const)
      row.tallies.set(label, { count: number, fen: 0 });
    const model = solveUseModel(emptyUseStatistics(), { version: 2, incrementalShare: 0.1 });
    expect(seenFrom({ model }, { row }).model?.challenger).toEqual({ issued: 10, used: 2 });
  });

  it('is named if it is the campaign’s own', () => {
    const own = { ...FULL, coupons: { ...FULL.coupons!, hasOwnModel: true as const } };
    const words = 'The campaign’s own model decides';
    expect(renderBoard(own, { locale: 'en', theme: 'dark' })).toContain(words);
    expect(screen(undefined)).not.toContain(words);
    expect(seenFrom({}, { coupons: coupons({ model: 'own' }) }).hasOwnModel).toBe(true);
    expect(seenFrom({}).hasOwnModel).toBeUndefined();
  });

  it('is not named once it is withdrawn: the screen says that the prior decides again', () => {
    const withdrawn = screen({ ...MODEL, isWithdrawn: true });
    expect(withdrawn).toContain('the prior decides again');
    expect(withdrawn).not.toContain('Model 3');
  });

  it('is not mentioned if the campaign has not learned one', () => {
    expect(screen(undefined)).not.toContain('learned');
  });

  it('has the version, the counts and the state of the stored model, and is missing if none is stored', () => {
    const model = solveUseModel(emptyUseStatistics(), { version: 2, incrementalShare: 0.1 });
    expect(seenFrom({ model }).model).toEqual({ version: 2, issued: 0, used: 0, isWithdrawn: false });
    expect(seenFrom({ model: { ...model, isWithdrawn: true } }).model?.isWithdrawn).toBe(true);
    expect(seenFrom({}).model).toBeUndefined();
  });
});
