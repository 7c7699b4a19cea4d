/**
 * What an eligible loser and a winner of a draw cost in write units, in both modes and for every style of ids:
 *
 *     npm run node -- tests/bench/free-orders.ts [orders]
 */
import { drawCosts, ID_STYLE_NAMES } from '../free-orders/sale-cost.ts';

const ORDERS = Number(process.argv[2] ?? 20_000);

console.log(`${ORDERS} orders, all eligible, 1 % win; write units an order, beyond those of counting it`);
const rows = [];
for (const ids of ID_STYLE_NAMES) {
  for (const { mode, draws, metrics, loser, winner, wins } of await drawCosts(ids, ORDERS)) {
    rows.push({
      mode,
      ids,
      draws: draws.toFixed(4),
      metrics: metrics.toFixed(4),
      'a loser': loser.toFixed(4),
      'a winner': winner.toFixed(2),
      wins,
    });
  }
}
console.table(rows);
