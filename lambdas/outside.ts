/** What functions get from outside when they run in Lambda: clients, clock, randomness, environment and log. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import { makeLogger } from '#platform/log.ts';
import type { Outside } from '#platform/runtime.ts';
import { unlogged } from '#platform/unlogged.ts';

/**
 * How AWS is called. A call that takes longer than 5 s is abandoned and made again, because it is more often lost than late.
 * Four attempts, with the pauses between them, end within 30 s, the shortest timeout of a function that processes a queue.
 */
const CALLS = {
  maxAttempts: 4,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/**
 * The real outside, in Lambda and in the processes of the local run. No other code of a function reads the clock or the
 * environment.
 */
export const lambdaOutside = (): Outside => ({
  clients: {
    dynamodb: unlogged(escapeBodies(new DynamoDBClient(CALLS))),
    sqs: unlogged(new SQSClient(CALLS)),
    secrets: unlogged(new SecretsManagerClient(CALLS)),
  },
  clock: {
    nowMs: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  random: Math.random,
  environment: (name) => process.env[name],
  logger: makeLogger({ serviceName: 'zhihui' }),
  fetch,
});
