import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import type { Outside } from '#platform/runtime.ts';

/** The real outside, in Lambda and in the processes of the local run. Nothing else reads the clock or the environment. */
export const lambdaOutside = (): Outside => ({
  clients: {
    dynamodb: escapeBodies(new DynamoDBClient({})),
    sqs: new SQSClient({}),
    secrets: new SecretsManagerClient({}),
  },
  clock: {
    nowMs: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  random: Math.random,
  environment: (name) => process.env[name],
  logger: new Logger({ serviceName: 'zhihui' }),
  fetch,
});
