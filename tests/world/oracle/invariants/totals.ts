import type { BrandFigures, Figures, Invariant } from '../invariant.ts';
import { wholeOf } from './metrics.ts';

const FIELDS = ['orders', 'refunds'] as const;
const NOTHING = { orders: 0, refunds: 0 };

const lossesOf = (
  name: string,
  before: Pick<BrandFigures, 'orders' | 'refunds'>,
  now: typeof before,
): string[] =>
  FIELDS.filter((field) => now[field] < before[field]).map(
    (field) => `${name}: ${field} went from ${before[field]} to ${now[field]}`,
  );

/**
 * A total never loses what was in it. (An amount may change if events with the same id differ in content, and
 * another one of them is counted later.)
 */
export const totals: Invariant = {
  name: 'totals',
  begin: (_, report) => {
    const last = new Map<string, Figures>();
    return {
      onFigures: (figures, atMs) => {
        const { campaignId, brands } = figures;
        const before = last.get(campaignId);
        last.set(campaignId, figures);
        if (before === undefined) return;
        const losses = lossesOf(campaignId, wholeOf(before), wholeOf(figures));
        for (const [brand, had] of before.brands)
          losses.push(...lossesOf(`${campaignId} ${brand}`, had, brands.get(brand) ?? NOTHING));
        for (const loss of losses) report(atMs, loss);
      },
    };
  },
};
