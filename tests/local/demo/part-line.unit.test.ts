import { describe, expect, it } from 'vitest';
import { partShower } from '#local/demo/part-line.ts';
import { type Liner, partBar, presaleShare } from '#local/demo/progress-line.ts';
import { sizeAt } from '#simulator/announced.ts';
import { SALE_MS } from '#simulator/calendar.ts';
import { SALE, saleDefinition } from '#simulator/campaigns.ts';
import { FULL } from '../../board/views.ts';

describe('the bar of a part', () => {
  it('is full at the end and not before, and always has the same length', () => {
    expect(partBar('presale', 0.5)).toBe('presale         ████████████░░░░░░░░░░░░  50 %');
    expect(partBar('hour', 0)).toBe('the hour        ░░░░░░░░░░░░░░░░░░░░░░░░   0 %');
    expect(partBar('history', 0.9999)).toBe('before the sale ███████████████████████░  99 %');
    expect(partBar('ending', 1.2)).toBe('ending          ████████████████████████ 100 %');
    expect(partBar('ending', -1)).toBe('ending          ░░░░░░░░░░░░░░░░░░░░░░░░   0 %');
  });

  it('shows, for the presale, how much of the presale’s money has been given', () => {
    const coupons = { ...FULL.coupons!, budgetFen: 1_000, remainingFen: 600 };
    expect(presaleShare({ ...FULL, coupons }, 800)).toBe(0.5);
    expect(presaleShare(undefined, 800)).toBe(0);
    expect(presaleShare({ ...FULL, coupons }, 0)).toBe(0);
  });
});

describe('the terminal’s line', () => {
  it('names each part as it begins, and shows its bar, which does not shrink', async () => {
    const notes: string[] = [];
    let line: (() => Promise<string | undefined>) | undefined;
    const liner: Liner = {
      note: (text) => notes.push(text),
      start: (next) => {
        line = next;
      },
      stop: async () => {},
    };
    const shower = partShower({
      liner,
      readView: async () => ({ ...FULL, campaignId: SALE }),
      now: () => SALE_MS + 90_000,
      sale: saleDefinition(1, sizeAt(1), []),
    });
    shower.start('history');
    shower.share(0.5);
    shower.share(0.25);
    expect(await line!()).toBe(partBar('history', 0.5));
    shower.start('presale');
    // CNY 192,000 of the 240,000 may be given before the sale; the view shows that 311,700 are spent.
    expect(await line!()).toBe(`${partBar('presale', 1)}  41,266 coupons issued`);
    shower.start('hour');
    shower.share(0.025);
    expect(await line!()).toMatch(/^the hour +░+ +2 % {2}01:30 {2}48,213 orders/);
    expect(notes).toHaveLength(3);
  });
});
