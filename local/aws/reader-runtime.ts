import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import { makeLogger } from '#platform/log.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './addresses.ts';
import type { Pipeline } from './pipeline.ts';

/** The tables and secrets of a local run under the names that the functions know them by. */
const variablesOf = (pipeline: Pick<Pipeline, 'output'>): Record<string, string> => ({
  CAMPAIGNS_TABLE: pipeline.output('CampaignsTableName'),
  METRICS_TABLE: pipeline.output('MetricsTableName'),
  MEMBERS_TABLE: pipeline.output('MembersTableName'),
  GRANTS_TABLE: pipeline.output('GrantsTableName'),
  DRAWS_TABLE: pipeline.output('DrawsTableName'),
  DRAW_SECRET: pipeline.output('DrawSecretArn'),
  ERASURE_SECRET: pipeline.output('ErasureSecretArn'),
});

/** A runtime in this process that reads a local run's tables and secrets with the pipeline's own statements. */
export const readerRuntime = (
  pipeline: Pick<Pipeline, 'dynamodbEndpoint' | 'sqsEndpoint' | 'secretsManagerEndpoint' | 'output'>,
): Runtime => {
  const shared = { region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS };
  const variables = variablesOf(pipeline);
  const { secretsManagerEndpoint } = pipeline;
  return makeRuntime({
    clients: {
      dynamodb: escapeBodies(new DynamoDBClient({ ...shared, endpoint: pipeline.dynamodbEndpoint })),
      sqs: new SQSClient({ ...shared, endpoint: pipeline.sqsEndpoint }),
      secrets: new SecretsManagerClient({
        ...shared,
        ...(secretsManagerEndpoint === undefined ? {} : { endpoint: secretsManagerEndpoint }),
      }),
    },
    clock: { nowMs: () => Date.now(), wait: (ms) => sleep(ms) },
    random: Math.random,
    environment: (name) => variables[name],
    logger: makeLogger({ serviceName: 'zhihui-local', logLevel: 'ERROR' }),
    fetch,
  });
};
