/**
 * Closes and draws the only slot of a campaign in slices, as the draw function does, and prints as JSON how long that took and
 * what it stored: `npm run node -- tests/bench/draws/draw-one.ts CAMPAIGN DIRECTORY SLICE_SECONDS`. Objects are stored in DIRECTORY.
 * Environment variables, which `tests/bench/large-slot.ts` sets, say where the tables are.
 */
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { lambdaOutside } from '#lambdas/outside.ts';
import { fileObjects } from '#local/replay/file-objects.ts';
import type { Objects } from '#platform/objects.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { askRelay } from '../../support/free-order-world.ts';
import { HOUR_MS } from './world.ts';

const SECOND_MS = 1_000;
const MIB = 1_024 * 1_024;

const [campaignId, directory, sliceSeconds] = process.argv.slice(2);
if (campaignId === undefined || directory === undefined || sliceSeconds === undefined)
  throw new Error('expected a campaign, a directory and the seconds of a slice');

const outside = lambdaOutside();
// Nobody reads what the draw publishes.
const sqs = { send: (async () => ({ Successful: [], Failed: [] })) as never };
const files = fileObjects(directory);
const counts = { calls: 0, bytes: 0 };
const objects: Objects = {
  ...files,
  put: async (key, body) => {
    counts.calls++;
    counts.bytes += body.length;
    await files.put(key, body);
  },
  get: async (key) => {
    counts.calls++;
    return files.get(key);
  },
};

let slices = 0;
let longestMs = 0;
const startMs = Date.now();
for (let kind = ''; kind !== 'drawn'; slices++) {
  // Each slice runs in a runtime of its own, as in a worker that has just started.
  const runtime = makeRuntime({ ...outside, clients: { ...outside.clients, sqs }, fetch: askRelay });
  const sliceMs = Date.now();
  await advanceDraw(runtime, campaignId, {
    nowMs: sliceMs + HOUR_MS,
    deadlineMs: sliceMs + Number(sliceSeconds) * SECOND_MS,
    relays: ['https://relay.test'],
    objects,
  });
  longestMs = Math.max(longestMs, Date.now() - sliceMs);
  ({ kind } = await readSlot(runtime, campaignId, 0));
}
const seconds = (ms: number): number => Math.round(ms / SECOND_MS);
process.stdout.write(
  JSON.stringify({
    slices,
    seconds: seconds(Date.now() - startMs),
    'longest slice, s': seconds(longestMs),
    'object calls': counts.calls,
    'stored MiB': Math.round(counts.bytes / MIB),
  }),
);
