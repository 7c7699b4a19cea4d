import { describe, expect, it } from 'vitest';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { timeOfRoundMs } from '#domain/free-orders/draw/beacon.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { closeSlot } from '#domain/free-orders/draw/close-slot.ts';
import { type OpenSlotDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { HOUR_MS, openCampaign, orderEvent, START_MS, secrets } from '../support/free-order-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { testRuntime } from '../support/runtime.ts';
import { slotRules } from './factory.ts';

const DELAY_MS = 30_000;
const CHAIN = CHAINS.quicknet;
const RULES = slotRules({ slotSeconds: 3_600, beacon: { chain: 'quicknet', delaySeconds: 30 } });

/**
 * A draw with one order in its slot. `slowMs` says how long the first, the second and each further write of a statement takes,
 * and `seedMs` how long it takes to look for the revealed seed.
 */
const world = async (slowMs: number[], seedMs = 0) => {
  let nowMs = START_MS + 2 * HOUR_MS;
  const before: Hooks['before'] = async ({ name, input }) => {
    const text = JSON.stringify(input);
    if (name === 'UpdateItem' && text.includes('"stated"') && text.includes('publishedAtMs'))
      nowMs += slowMs.shift() ?? 0;
    if (name === 'GetItem' && text.includes('"SEED"')) nowMs += seedMs;
  };
  const runtime: Runtime = testRuntime({
    clients: { dynamodb: emulatedTables({ before }), sqs: { send: (async () => ({})) as never }, secrets },
    clock: { nowMs: () => nowMs, wait: async () => {} },
  });
  await openCampaign(runtime, 'sale', RULES);
  await takePart(runtime, 'sale', [orderEvent(1)], nowMs);
  const draw = (await openDraw(runtime, 'sale')) as OpenSlotDraw;
  const work = { runtime, objects: emptyBucket(), draw, slot: 0, isOver: () => false, sizes: {} };
  const close = () => closeSlot(work, () => nowMs);
  const advance = () =>
    advanceDraw(runtime, 'sale', {
      nowMs,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: [],
      objects: emptyBucket(),
    });
  return { runtime, draw, close, advance, pass: (ms: number) => (nowMs += ms), time: () => nowMs };
};

describe('the statement of a slot', () => {
  it('is dated when it is made, and names the first round after the delay', async () => {
    const { close, time } = await world([]);
    const state = await close();
    if (state.kind !== 'closed') throw new Error(`expected a closed slot, got ${state.kind}`);
    const { publishedAtMs, round } = state.statement;
    expect(publishedAtMs).toBe(time());
    // The round comes after the definition's delay; it is not just the next one.
    expect(timeOfRoundMs(CHAIN, round!)).toBeGreaterThanOrEqual(publishedAtMs + DELAY_MS);
    expect(timeOfRoundMs(CHAIN, round!)).toBeLessThan(publishedAtMs + DELAY_MS + 3_000);
  });

  it('is replaced by one with a later round if writing it took until its round was due', async () => {
    const { close, time, runtime } = await world([60_000, 0]);
    const startMs = time();
    const state = await close();
    if (state.kind !== 'closed') throw new Error(`expected a closed slot, got ${state.kind}`);
    expect(state.statement.publishedAtMs).toBe(startMs + 60_000);
    expect(timeOfRoundMs(CHAIN, state.statement.round!)).toBeGreaterThan(time());
    expect(await readSlot(runtime, 'sale', 0)).toEqual(state);
  });

  it('that a worker left behind is replaced if its round came meanwhile', async () => {
    const { close, pass, time } = await world([60_000, 60_000, 60_000, 60_000, 60_000, 60_000]);
    expect((await close()).kind).toBe('stated');
    pass(HOUR_MS);
    const state = await close();
    if (state.kind !== 'closed') throw new Error(`expected a closed slot, got ${state.kind}`);
    expect(timeOfRoundMs(CHAIN, state.statement.round!)).toBeGreaterThan(time());
  });

  it('is not backdated if the steps before it took long', async () => {
    const { advance, time, runtime } = await world([], 60_000);
    const startMs = time();
    await advance();
    const state = await readSlot(runtime, 'sale', 0);
    if (state.kind !== 'closed') throw new Error(`expected a closed slot, got ${state.kind}`);
    expect(state.statement.publishedAtMs).toBe(startMs + 60_000);
  });

  it('is the same for two workers that close the slot at once', async () => {
    const { close } = await world([]);
    const [one, other] = await Promise.all([close(), close()]);
    expect(one.kind).toBe('closed');
    expect(other).toEqual(one);
  });
});
