import type { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { noteQuiet, readQuiet } from '#domain/campaigns/quiet.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

const NOW_MS = Date.parse('2026-11-10T16:00:00.000Z');
const MINUTE_MS = 60_000;
/** SQS may leave a message out of its counts for this long after the message was sent. */
const COUNTED_AFTER_MS = 2 * MINUTE_MS;

const PLACES = { queues: ['events', 'coupon'], deadLetters: ['events-dead', 'coupon-dead'] };

const world = () => {
  let nowMs = NOW_MS;
  const depths: Record<string, number> = {};
  const looked: string[] = [];
  const send = async ({ input }: GetQueueAttributesCommand) => {
    looked.push(input.QueueUrl!);
    return { Attributes: { ApproximateNumberOfMessagesDelayed: String(depths[input.QueueUrl!] ?? 0) } };
  };
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables(), sqs: { send: send as never } },
    clock: { nowMs: () => nowMs, wait: async () => {} },
  });
  /** Lets this many minutes pass, looks at queues of these depths, and returns the time that is then known, in ms. */
  const look = async (minutes: number, now: Record<string, number> = {}): Promise<number> => {
    nowMs += minutes * MINUTE_MS;
    for (const queue of Object.keys(depths)) delete depths[queue];
    Object.assign(depths, now);
    await noteQuiet(runtime, PLACES);
    return readQuiet(runtime);
  };
  return { runtime, look, looked, minutes: (count: number) => NOW_MS + count * MINUTE_MS - COUNTED_AFTER_MS };
};

describe('the time up to which all orders are processed', () => {
  it('is not known before the first look, or if a queue was never seen empty', async () => {
    const { runtime, look } = world();
    expect(await readQuiet(runtime)).toBe(0);
    expect(await look(0, { coupon: 1 })).toBe(0);
    expect(await look(1, { coupon: 2, events: 1 })).toBe(0);
  });

  it('is the earliest of the times at which the queues were last seen empty', async () => {
    const { look, minutes } = world();
    expect(await look(0)).toBe(minutes(0));
    expect(await look(1, { coupon: 3 })).toBe(minutes(0));
    expect(await look(1, { events: 3 })).toBe(minutes(1));
    expect(await look(1)).toBe(minutes(3));
  });

  it('does not advance while there is a dead letter, even if all queues are empty, nor right after it was sent back', async () => {
    const { look, minutes } = world();
    await look(0);
    expect(await look(1, { events: 1 })).toBe(minutes(0));
    expect(await look(1, { 'events-dead': 1 })).toBe(minutes(0));
    expect(await look(1, { 'coupon-dead': 1 })).toBe(minutes(0));
    expect(await look(1, { events: 1 })).toBe(minutes(0));
    expect(await look(1)).toBe(minutes(5));
  });

  it('is found by looking at the queues in the sequence in which an order passes them, between two looks at the dead letters', async () => {
    const { look, looked } = world();
    await look(0);
    expect(looked).toEqual([...PLACES.deadLetters, ...PLACES.queues, ...PLACES.deadLetters]);
  });
});
