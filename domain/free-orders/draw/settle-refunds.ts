/** How refunds reduce wins: an award shrinks with what is refunded, and the win is revoked at 0. */
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { awardFen, type Rules } from '../rules/rules.ts';
import { revokeWins } from './claim-wins.ts';
import { winReasonOf } from './win.ts';

/** A win of which only a part is paid out: `awardFen`. */
export type Reduced = { grant: Grant; awardFen: number };

export type Settled = { revoked: StoredGrant[]; reduced: Reduced[] };

/** A win's amounts, in fen: the award, and what was paid for the order. */
export type WinAmounts = { faceFen: number; paidFen: number };

export const amountsOf = (win: Grant): WinAmounts => ({
  faceFen: win.faceFen,
  paidFen: winReasonOf(win).order.paidFen,
});

/** What is paid out for a win with these amounts, in fen, if `givenBackFen` of its order was refunded in all. */
export const paidOutOf = (rules: Rules, { faceFen, paidFen }: WinAmounts, givenBackFen: number): number =>
  Math.min(faceFen, awardFen(rules, { paidFen, givenBackFen }));

/** What is paid out for a win, in fen, if `givenBackFen` of its order was refunded in all. */
export const paidOutFen = (rules: Rules, win: Grant, givenBackFen: number): number =>
  paidOutOf(rules, amountsOf(win), givenBackFen);

/**
 * Reduces or revokes wins by the total refunds of their orders, which are given by participation. Returns
 * every win whose award is now smaller than when it was granted, even if this call changes nothing: so a redelivery publishes
 * the change again.
 */
export const settleRefunds = async (
  runtime: Runtime,
  rules: Rules,
  wins: readonly StoredGrant[],
  givenBack: GivenBack,
): Promise<Settled> => {
  const stands = wins.flatMap((grant) => {
    const award = paidOutFen(rules, grant, givenBack.get(grant.trigger) ?? 0);
    return award === grant.faceFen ? [] : [{ grant, awardFen: award }];
  });
  return {
    revoked: await revokeWins(
      runtime,
      stands.flatMap(({ grant, awardFen: award }) => (award === 0 ? [grant] : [])),
    ),
    reduced: stands.filter(({ awardFen: award }) => award > 0),
  };
};
