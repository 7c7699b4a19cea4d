/** The free-order and draw functions over a database and queues in memory, where faults may strike every call. */

import type { OrderEvent } from '#domain/members/member-event.ts';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { type Dynoxide, startDynoxide } from './dynoxide.ts';
import { NO_FAULTS, type Weather } from './faults.ts';
import { askRelay, HOUR_MS, messageOf, RELAY, START_MS, secrets } from './free-order-world.ts';
import { emptyBucket } from './objects.ts';
import { consumerOf, type Queues } from './queues.ts';
import { testOutside } from './runtime.ts';

/** A worker may crash before or after any call. Answers get lost, and transactions conflict. */
export const STORM = { death: 0.02, lostAnswer: 0.03, conflict: 0.05, throttle: 0.02 };
/** A time after the end of every draw in the tests, its grace time included. */
export const LONG_AFTER_MS = START_MS + 100 * HOUR_MS;
const MESSAGE_EVENTS = 12;
const WORKERS = 6;

export type FreeOrderFunctions = {
  dynoxide: Dynoxide;
  outside: Outside;
  runtime: Runtime;
  send: (campaignId: string, events: readonly OrderEvent[]) => void;
  /** Sends the draw function a tick of this time. */
  tick: (timeMs: number) => void;
  /** Delivers batches with several workers at once, until nothing is left or up to a number of batches. */
  work: (batches?: number) => Promise<void>;
  /** Ends all faults and empties the queues. */
  clear: () => void;
};

export const startFreeOrderFunctions = async (
  random: () => number,
  weather: Weather,
  queues: Queues,
): Promise<FreeOrderFunctions> => {
  const dynoxide = await startDynoxide();
  weather.strike(dynoxide.client);
  const outside = testOutside({
    clients: { dynamodb: dynoxide.client, sqs: queues.sqs, secrets },
    random,
    environment: { BEACON_RELAYS: RELAY },
    fetch: askRelay,
  });
  const consumers = {
    'free-order': { consume: consumerOf(makeFreeOrder(outside)), batch: 3 },
    draw: { consume: consumerOf(makeDraw(outside, emptyBucket)), batch: 1 },
  };
  return {
    dynoxide,
    outside,
    runtime: makeRuntime(outside),
    send: (campaignId, events) => {
      for (let first = 0; first < events.length; first += MESSAGE_EVENTS)
        queues.put('free-order', messageOf([campaignId], events.slice(first, first + MESSAGE_EVENTS)));
    },
    tick: (timeMs) => queues.put('draw', { time: new Date(timeMs).toISOString() }),
    work: async (batches = Number.POSITIVE_INFINITY) => {
      let left = batches;
      const worker = async (): Promise<void> => {
        while (left-- > 0 && (await queues.deliver(consumers)));
      };
      await Promise.all(Array.from({ length: WORKERS }, worker));
    },
    clear: () => {
      weather.rates = NO_FAULTS;
      queues.messages.clear();
    },
  };
};
