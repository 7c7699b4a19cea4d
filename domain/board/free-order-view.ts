/** Makes the part of the screen's data that is about free orders. */
import { REFUSED, REVOKED, TOOK_PART } from '#domain/free-orders/rules/labels.ts';
import { membersOf, type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { countsBy, mostFrequentFirst } from './counts.ts';
import type { FreeOrderView } from './view.ts';

/** The public facts about a draw's seed: the commitment from the opening on, the seed once the draw is closed. */
export type SeedFacts = { seedCommitment: string | undefined; seed: string | undefined };

const WON = 'won';
/** The place of the outcome in a label such as `free-order/won`, from 0. */
const OUTCOME = 1;

export const freeOrderView = (
  rules: FreeOrders,
  row: Row,
  { seedCommitment, seed }: SeedFacts,
): FreeOrderView => {
  const won = tallyOf(row, `${TOOK_PART}/${WON}`);
  const revoked = tallyOf(row, REVOKED);
  const tookPart = countsBy(row, TOOK_PART, OUTCOME);
  const withoutPrize = tookPart.filter(([outcome]) => outcome !== WON);
  return {
    mode: rules.mode,
    participants: membersOf(row, TOOK_PART),
    wins: won.count,
    revoked: revoked.count,
    awardedFen: won.fen - revoked.fen,
    quota: rules.quota,
    budgetFen: rules.budgetFen,
    outcomes: mostFrequentFirst([...withoutPrize, ...countsBy(row, REFUSED, OUTCOME)]).map(
      ([outcome, count]) => ({ outcome, count }),
    ),
    seedCommitment,
    seed,
    odds: rules.mode === 'instant' ? rules.odds : undefined,
    prizesPerSlot: rules.mode === 'slot' ? rules.prizes : undefined,
  };
};
