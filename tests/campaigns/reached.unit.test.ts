import { describe, expect, it } from 'vitest';
import { noteReached } from '#domain/campaigns/reached.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

const NOW_MS = Date.parse('2026-11-10T16:00:00.000Z');
const MINUTE_MS = 60_000;

/** Workers that share their tables. */
const workers = () => {
  const dynamodb = emulatedTables();
  return () => testRuntime({ clients: { dynamodb } });
};

describe('the present time on the clock of the orders', () => {
  it('is the real time while orders are delayed by less than an hour', async () => {
    for (const lagMs of [2_000, 5 * MINUTE_MS, 60 * MINUTE_MS - 1])
      expect(await noteReached(workers()(), NOW_MS - lagMs, NOW_MS)).toBe(NOW_MS);
    const hourMs = 60 * MINUTE_MS;
    expect(await noteReached(workers()(), NOW_MS - hourMs, NOW_MS)).toBe(NOW_MS - hourMs);
  });

  it('is the real time less the lag of a replay, and goes on while no orders come', async () => {
    const worker = workers()();
    const lagMs = 400 * 24 * 60 * MINUTE_MS;
    expect(await noteReached(worker, NOW_MS - lagMs, NOW_MS)).toBe(NOW_MS - lagMs);
    // Neither a late order nor a batch without orders moves it back.
    const laterMs = NOW_MS + 40 * MINUTE_MS;
    expect(await noteReached(worker, NOW_MS - lagMs - 30 * MINUTE_MS, laterMs)).toBe(laterMs - lagMs);
    expect(await noteReached(worker, 0, laterMs + 1)).toBe(laterMs + 1 - lagMs);
  });

  it('is known to a worker whose first order comes late', async () => {
    const start = workers();
    await noteReached(start(), NOW_MS - 2_000, NOW_MS);
    const laterMs = NOW_MS + 40 * MINUTE_MS;
    expect(await noteReached(start(), NOW_MS - 300 * MINUTE_MS, laterMs)).toBe(laterMs);
  });

  it('follows orders of long ago that are replayed, however fast', async () => {
    const worker = workers()();
    const yearMs = 365 * 24 * 60 * MINUTE_MS;
    for (const playedMs of [0, 20, 40]) {
      const orderMs = NOW_MS - yearMs + playedMs * 100_000;
      expect(await noteReached(worker, orderMs, NOW_MS + playedMs)).toBe(orderMs);
    }
  });

  it('is never later than the real time', async () => {
    expect(await noteReached(workers()(), NOW_MS + 200_000, NOW_MS)).toBe(NOW_MS);
  });
});
