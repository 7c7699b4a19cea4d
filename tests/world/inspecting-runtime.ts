import { Logger } from '@aws-lambda-powertools/logger';
import { inspectingDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import type { World } from './world.ts';

/** A runtime that reads the world's tables. Its calls take no virtual time. */
export const inspectingRuntime = (world: World): Runtime => {
  const variables: Record<string, string> = {
    CAMPAIGNS_TABLE: world.tableOf('campaigns'),
    MEMBERS_TABLE: world.tableOf('members'),
    METRICS_TABLE: world.tableOf('metrics'),
  };
  return makeRuntime({
    clients: {
      dynamodb: inspectingDynamoDb(world.tables),
      sqs: undefined as never,
      secrets: undefined as never,
    },
    clock: { nowMs: () => world.scheduler.nowMs, wait: () => Promise.resolve() },
    random: () => 0,
    environment: (name) => variables[name],
    logger: new Logger({ serviceName: 'world', logLevel: 'SILENT' }),
    fetch,
  });
};
