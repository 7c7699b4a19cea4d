import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { priorModel } from '#domain/coupons/model.ts';
import { emptyProfile, type Features, featuresOf, observe, type Profile } from '#domain/members/profile.ts';

/**
 * The purchases until June 1998 of those who first bought at CDNOW in early 1997: customer, date, discs, dollars.
 */
const FILE = join(
  process.env.ZHIHUI_DATA ?? resolve(import.meta.dirname, '../../../shared/data'),
  'cdnow/cdnow.csv',
);
const DAY_MS = 86_400_000;
/** The prior predicts whether a member orders within this time. */
const AHEAD_MS = 30 * DAY_MS;

type Purchase = { customer: string; timeMs: number; amountFen: number };

const readPurchases = (): Purchase[] =>
  readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [customer, date, , dollars] = line.split(',') as [string, string, string, string];
      return {
        customer,
        timeMs: Date.parse(`${date}T00:00:00Z`),
        amountFen: Math.round(Number(dollars) * 100),
      };
    })
    .filter(({ amountFen }) => amountFen > 0);

/** The probability that a positive scores above a negative, ties counting half (Hanley and McNeil, Radiology 143, 1982). */
const aucOf = (scored: readonly { score: number; isPositive: boolean }[]): number => {
  const sorted = scored.toSorted((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let first = 0; first < sorted.length; ) {
    let end = first;
    while (end < sorted.length && sorted[end]!.score === sorted[first]!.score) end++;
    const meanRank = (first + end + 1) / 2;
    for (let i = first; i < end; i++) if (sorted[i]!.isPositive) rankSum += meanRank;
    first = end;
  }
  const positives = sorted.filter(({ isPositive }) => isPositive).length;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives));
};

describe.skipIf(!existsSync(FILE))(
  `on the purchases of CDNOW (skipped without ${FILE}; see ZHIHUI_DATA)`,
  () => {
    let byCustomer: Map<string, Purchase[]>;

    beforeAll(() => {
      byCustomer = Map.groupBy(readPurchases(), ({ customer }) => customer);
    });

    const examples = (cutMs: number): { features: Features; isBuyer: boolean }[] =>
      [...byCustomer.values()]
        .filter((purchases) => purchases.some(({ timeMs }) => timeMs < cutMs))
        .map((purchases) => {
          const profile = purchases
            .filter(({ timeMs }) => timeMs < cutMs)
            .reduce<Profile>(
              (before, { timeMs, amountFen }) =>
                observe(before, { id: 'AAAAAAAAAAAAAAAA', timeMs, kind: 'paid', channel: 'far', amountFen }),
              emptyProfile(),
            );
          return {
            features: featuresOf(profile, cutMs),
            isBuyer: purchases.some(({ timeMs }) => timeMs >= cutMs && timeMs < cutMs + AHEAD_MS),
          };
        });

    it.each(['1998-02-01', '1998-05-01'])(
      'profiles of %s rank who buys next month, and the prior predicts how many',
      (day) => {
        const members = examples(Date.parse(`${day}T00:00:00Z`));
        const auc = (score: (features: Features) => number): number =>
          aucOf(members.map(({ features, isBuyer }) => ({ score: score(features), isPositive: isBuyer })));
        const pConvert = (features: Features): number => priorModel(features, [], 'order').pConvertNone;
        const figures = {
          customers: members.length,
          bought: members.filter(({ isBuyer }) => isBuyer).length / members.length,
          expected: members.reduce((sum, { features }) => sum + pConvert(features), 0) / members.length,
          aucPrior: auc(pConvert),
          aucSpend180Days: auc(({ spendFen }) => spendFen[3]!),
          aucOrders2Years: auc(({ orders }) => orders[4]!),
        };
        console.log(day, figures);
        expect(figures.aucPrior).toBeGreaterThan(0.8);
        expect(figures.aucSpend180Days).toBeGreaterThan(0.75);
        expect(figures.aucOrders2Years).toBeGreaterThan(0.78);
        expect(figures.expected / figures.bought).toBeGreaterThan(0.7);
        expect(figures.expected / figures.bought).toBeLessThan(1.5);
      },
    );
  },
);
