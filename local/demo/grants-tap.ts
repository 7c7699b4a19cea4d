import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceivedCoupon } from '#simulator/hour.ts';
import { MESSAGES_PER_CALL_MAX, type QueueClient } from '../aws/queue-client.ts';

/** Takes grants from the outbox, as the wallet and payment systems do. */
export type GrantsTap = {
  /** Coupons and free orders received so far. A grant that came twice counts twice. */
  readonly coupons: number;
  readonly freeOrders: number;
  stop(): Promise<void>;
};

type GrantEvent = { type: string; data: ReceivedCoupon };

const WAIT_SECONDS = 1;
const TAKERS = 2;
/** How long to wait after a call to the queue has failed. */
const TROUBLE_MS = 1_000;

/**
 * Passes on each message's coupons, and only then deletes the message, so coupons that were not passed on come again. Stopping
 * the tap closes the client.
 */
export const tapGrants = (
  client: QueueClient,
  queueUrl: string,
  onCoupons: (coupons: readonly ReceivedCoupon[]) => void,
  onTrouble: (error: unknown) => void,
): GrantsTap => {
  const stopped = new AbortController();
  let coupons = 0;
  let freeOrders = 0;
  const take = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        const messages = await client.receive(queueUrl, MESSAGES_PER_CALL_MAX, WAIT_SECONDS);
        for (const { Body: body = '[]' } of messages) {
          const events = JSON.parse(body) as GrantEvent[];
          const given = events.filter(({ type }) => type === 'coupon.granted').map(({ data }) => data);
          coupons += given.length;
          freeOrders += events.filter(({ type }) => type === 'free-order.granted').length;
          onCoupons(given);
        }
        await client.delete(
          queueUrl,
          messages.map(({ ReceiptHandle: handle = '' }) => handle),
        );
      } catch (error) {
        if (stopped.signal.aborted) return;
        onTrouble(error);
        await sleep(TROUBLE_MS);
      }
    }
  };
  const takers = Promise.all(Array.from({ length: TAKERS }, take));
  return {
    get coupons() {
      return coupons;
    },
    get freeOrders() {
      return freeOrders;
    },
    async stop() {
      stopped.abort();
      client.close();
      await takers;
    },
  };
};
