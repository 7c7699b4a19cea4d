/** What refunds leave of wins: an award shrinks with what is given back, and is revoked at 0. */
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { awardFen, type Rules } from '../rules/rules.ts';
import { revokeWins } from './claim-wins.ts';
import { winReasonOf } from './win.ts';

/** A win of which a part is paid out, in fen. */
export type Reduced = { grant: Grant; awardFen: number };

export type Settled = { revoked: StoredGrant[]; reduced: Reduced[] };

/** What is paid out of a win, in fen, when so much of its order was given back in all. */
export const paidOutFen = (rules: Rules, win: Grant, givenBackFen: number): number =>
  Math.min(win.faceFen, awardFen(rules, { paidFen: winReasonOf(win).order.paidFen, givenBackFen }));

/**
 * Settles wins with what was given back of their orders, by participation, in all. Every win that a refund concerns is
 * returned as it stands now, also where it stood so before: a redelivery republishes it.
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
