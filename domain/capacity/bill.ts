import { sumUnits } from './cost.ts';
import type { CapacityPlan } from './plan.ts';
import prices from './prices.json' with { type: 'json' };

/** What a million orders cost at a peak, in US dollars, by service. */
export type Bill = { readonly dynamodb: number; readonly sqs: number; readonly lambda: number };

export const PRICES_AS_OF = `${prices.region}, ${prices.asOf}`;

const MILLION = 1_000_000;
/** SQS bills a call as one request for each 64 KiB of its messages. */
const REQUEST_BYTES = 65_536;
/** Messages are received and deleted ten at a time. */
const MESSAGES_PER_REQUEST = 10;
const MIB_PER_GB = 1_024;

/** The cost of a million orders at a plan's peak. */
export const billOf = ({ demand, loads, cost }: CapacityPlan): Bill => {
  const perMillion = MILLION / demand.ordersPerSecond;
  const received = loads.reduce((sum, load) => sum + load.messagesPerSecond, 0);
  const sqsRequests =
    Math.max(cost.sends, cost.sentBytes / REQUEST_BYTES) +
    (received * 2) / MESSAGES_PER_REQUEST +
    cost.sentBytes / REQUEST_BYTES;
  const invocations = loads.reduce((sum, load) => sum + load.invocationsPerSecond, 0);
  const gbSeconds = loads.reduce(
    (sum, { invocationsPerSecond, durationMs, setup }) =>
      sum + (invocationsPerSecond * durationMs * setup.memoryMib) / MIB_PER_GB / 1_000,
    0,
  );
  return {
    dynamodb:
      (perMillion *
        (sumUnits(cost.writeUnits) * prices.writeUnitsPerMillion +
          sumUnits(cost.readUnits) * prices.readUnitsPerMillion)) /
      MILLION,
    sqs: (perMillion * sqsRequests * prices.sqsRequestsPerMillion) / MILLION,
    lambda:
      perMillion *
      ((invocations * prices.lambdaRequestsPerMillion) / MILLION + gbSeconds * prices.lambdaGbSecond),
  };
};
