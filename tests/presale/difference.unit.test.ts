import { describe, expect, it } from 'vitest';
import { definitionDifference, firstDifference } from '#domain/campaigns/difference.ts';
import type { CampaignDefinition } from '#events/contract.ts';

describe('the difference between two definitions', () => {
  it('is undefined if only the order of keys differs', () => {
    expect(firstDifference({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBeUndefined();
  });

  it.each([
    [{ a: 1 }, { a: 2 }, { path: 'a', known: 1, given: 2 }],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, { path: 'a.b[1]', known: 2, given: 3 }],
    [{ a: 1 }, { a: 1, b: 2 }, { path: 'b', known: undefined, given: 2 }],
    [{ a: [1] }, { a: [1, 2] }, { path: 'a[1]', known: undefined, given: 2 }],
    [{ a: [] }, { a: {} }, { path: 'a', known: [], given: {} }],
    [{ a: null }, { a: {} }, { path: 'a', known: null, given: {} }],
  ])('names the first place where they differ: %j, %j', (known, given, difference) => {
    expect(firstDifference(known, given)).toEqual(difference);
  });

  it('is undefined if only one of them spells out the default kind of an offer', () => {
    const coupons = (offer: object) =>
      ({
        campaignId: 'sale',
        coupons: { offers: [{ offerId: 'ten', ...offer }] },
      }) as unknown as CampaignDefinition;
    const plain = coupons({ discountFen: 1_000 });
    expect(definitionDifference(plain, coupons({ discountFen: 1_000, kind: 'discount' }))).toBeUndefined();
    expect(definitionDifference(coupons({ discountFen: 1_000, kind: 'discount' }), plain)).toBeUndefined();
    expect(definitionDifference(plain, coupons({ discountFen: 900, kind: 'discount' }))?.path).toBe(
      'coupons.offers[0].discountFen',
    );
  });
});
