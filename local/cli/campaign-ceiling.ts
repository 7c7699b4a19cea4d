/** `zhihui campaign ceiling`: limits what a pool of a campaign gives. */
import { formatFen, formatSeconds } from '#local/console/format.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { capCampaign } from '../operate/cap-campaign.ts';
import { TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Action, type Given, show } from './actions.ts';
import { Mistake } from './options.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

const ceiling = (given: Given, ceilingFen: number): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const [campaignId, pool] = given.operands as [string, string];
    const result = await capCampaign(target, campaignId, { pool, ceilingFen });
    const { spentFen, heldFen, isOver, isInEffect, isSuperseded, tookMs } = result;
    const took = `after ${formatSeconds(tookMs / SECOND_MS)}`;
    const done = `campaign ${campaignId}: pool ${pool} gives at most ${formatFen(ceilingFen)} (${took})`;
    const state = isOver
      ? `  ${formatFen(spentFen)} spent already: it gives nothing until enough has come back`
      : `  ${formatFen(spentFen)} spent, ${formatFen(heldFen)} held back`;
    const not = `campaign ${campaignId}: sent, and not in effect for all shards after half a minute; look at zhihui doctor`;
    const superseded = `campaign ${campaignId}: a later command of somebody else has replaced this one; look at zhihui campaign show`;
    show(given, result, isSuperseded ? [superseded] : isInEffect ? [done, state] : [not]);
    return isInEffect && !isSuperseded ? EXIT_DONE : EXIT_FAILED;
  });

/** `zhihui campaign ceiling ID POOL FEN`. */
export const CEILING: Action = {
  operands: ['ID', 'POOL', 'FEN'],
  texts: TARGET_TEXTS,
  prepare: (given) => {
    const fen = given.operands[2]!;
    const ceilingFen = Number(fen);
    if (!/^\d{1,13}$/.test(fen))
      throw new Mistake(`FEN: expected a whole number of fen from 0, got ${JSON.stringify(fen)}`);
    return () => ceiling(given, ceilingFen);
  },
};
