import { expect, it } from 'vitest';
import { readSettings } from '#lib/settings.ts';
import { STACK_NAME, templateWith } from '#lib/template.ts';
import type { Template } from '#local/aws/template.ts';
import { stackOf } from '../world/deployed.ts';
import { World } from '../world/world.ts';
import {
  DRAW_AFTER_MS,
  drawCosts,
  orderEvent,
  PACK,
  PATIENT,
  presale,
  type RunSale,
  SPAN_MS,
  STARTS_AT_MS,
} from './sale-cost.ts';

const ORDERS = 20_000;
/** This many orders come a second, in virtual time, whatever else the machine does. */
const ORDERS_A_SECOND = 1_000;
/** Measured: 0.054 in instant mode, 0.050 in slot mode. */
const WRITE_UNITS_A_LOSER_MAX = 0.06;
/** A transaction writes the grant, and debits quota and budget. Several wins of a batch share the cost of these debits. */
const WRITE_UNITS_A_WINNER_MAX = 8;

/**
 * Runs the sale in the simulated world, without faults. The world simulates the pollers of the event source mappings, and its
 * virtual time does not depend on the machine.
 */
const runInWorld: RunSale = async (mode, style, orders) => {
  const settings = readSettings((key) => (PATIENT as Record<string, string>)[key]);
  const stack = stackOf({
    stackName: STACK_NAME,
    template: templateWith(settings) as unknown as Template,
  });
  const startMs = STARTS_AT_MS + 2 * SPAN_MS;
  const world = new World({ stack, seed: 1, faults: new Set(), startMs, onStep: () => {} });
  world.send('events', JSON.stringify(presale(mode, orders)));
  await world.runUntil(startMs + 30_000);
  for (let first = 0; first < orders; first += PACK) {
    const events = Array.from({ length: Math.min(PACK, orders - first) }, (_, i) =>
      orderEvent(style, first + i, orders),
    );
    world.send('events', JSON.stringify(events));
    await world.runUntil(world.scheduler.nowMs + (PACK / ORDERS_A_SECOND) * 1_000);
  }
  await world.calm();
  if (mode === 'slot') await world.runUntil(world.scheduler.nowMs + DRAW_AFTER_MS);
  await world.calm();
  world.end();
  const names = ['draws', 'metrics', 'grants', 'campaigns'];
  return Object.fromEntries(
    names.map((name) => [name, { writeUnits: world.tables.consumed.get(world.tableOf(name))?.write ?? 0 }]),
  );
};

it('an eligible order that loses costs at most 0.06 write units, and a win at most 8 more, in either mode, even if all ids are random UUIDs', async () => {
  const costs = await drawCosts('uuid', ORDERS, runInWorld);
  for (const { mode, loser, winner, wins, draws, metrics } of costs) {
    console.log(`${mode}: ${loser.toFixed(3)} write units a loser, ${winner.toFixed(2)} a winner`);
    expect(wins, mode).toBeGreaterThan(150);
    expect(loser, `${mode}: ${draws} of draws, ${metrics} of metrics`).toBeLessThanOrEqual(
      WRITE_UNITS_A_LOSER_MAX,
    );
    expect(winner, mode).toBeLessThanOrEqual(WRITE_UNITS_A_WINNER_MAX);
  }
}, 300_000);
