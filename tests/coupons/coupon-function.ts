import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { MemberEvent, OrderEvent } from '#domain/members/member-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { makeHandler } from '#lambdas/coupon/handler.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { allGrants, couponMessage, debitedFen, eventId, heldFen } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { type Consumer, consumerOf, eventOf, type Queues } from '../support/queues.ts';
import { testOutside } from '../support/runtime.ts';
import { order } from './factories.ts';

export type CouponFunction = {
  readonly dynoxide: Dynoxide;
  readonly runtime: Runtime;
  readonly deliver: (campaigns: string[], ...events: MemberEvent[]) => Promise<void>;
  /** The grants of a campaign, after a check that its budgets were debited exactly what the grants hold. */
  readonly balance: (campaign: CampaignDefinition) => Promise<StoredGrant[]>;
};

/** An order event with an id made from `name`. The order's id is `name`, unless `changes` has another. */
export const paid = (name: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
  order({ id: eventId(name), orderId: name, ...changes });

/**
 * Starts the coupon function over a database in memory, for the tests of the `describe` that calls this function. Each test has a
 * new worker, which remembers nothing of the orders of other tests, and empty queues.
 */
export const startCouponFunction = (random: () => number, queues: Queues): CouponFunction => {
  let dynoxide: Dynoxide;
  let outside: Outside;
  let runtime: Runtime;
  let consume: Consumer;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    runtime = makeRuntime(outside);
  });
  beforeEach(() => {
    consume = consumerOf(makeHandler(outside));
  });
  afterAll(() => dynoxide.stop());
  afterEach(() => queues.messages.clear());

  return {
    get dynoxide() {
      return dynoxide;
    },
    get runtime() {
      return runtime;
    },
    deliver: async (campaigns, ...events) => {
      const { batchItemFailures } = await consume(eventOf(couponMessage(campaigns, events)));
      expect(batchItemFailures).toEqual([]);
    },
    balance: async (campaign) => {
      const grants = await allGrants(dynoxide.client, campaign.campaignId);
      expect(await debitedFen(runtime, campaign)).toEqual(heldFen(grants));
      return grants;
    },
  };
};
