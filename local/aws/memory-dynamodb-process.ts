import { serve } from '#local/emulator/http.ts';
import { Queues } from '#local/emulator/queues.ts';
import { Tables } from '#local/emulator/tables.ts';
import { UNBOUNDED } from '#local/emulator/throughput.ts';

// Serves tables in memory on the port that the first argument names, until the process that started it is gone.

process.on('disconnect', () => process.exit());
// Ctrl-C in a terminal reaches every process of the run, but only the process that the user started ends the others.
process.on('SIGINT', () => {});

const clock = { nowMs: () => Date.now() };
const random = (): number => Math.random();
const tables = new Tables({
  clock,
  random,
  limits: {
    // A local run may play an hour of a sale in a minute, so what it consumes in a second says nothing about throttling in the
    // real sale.
    table: UNBOUNDED,
    partition: UNBOUNDED,
    // No read is stale, so no former version of an item is kept.
    staleMsMax: 0,
  },
});
await serve(Number(process.argv[2]), { tables, queues: new Queues({ clock, random }) });
process.send?.('ready');
