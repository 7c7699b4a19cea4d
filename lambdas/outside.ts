import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import type { Outside } from '#platform/runtime.ts';

/** What a function has around it in Lambda, or in a process of the local run: the one place where they are taken from. */
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
