import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { type Clients, makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { COUPON_SECRET } from './coupon-ids.ts';
import { TEST_SHARDS } from './layouts.ts';
import { seededRandom } from './random.ts';

// Handlers print their consumption, which would hide the output of a test.
process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/** The environment variables of a function, with the names by which tests know tables, queues and secrets. */
export const VARIABLES: Readonly<Record<string, string>> = {
  CAMPAIGNS_TABLE: 'Campaigns',
  CAMPAIGN_WAIT_SECONDS: '0',
  MEMBERS_TABLE: 'Members',
  GRANTS_TABLE: 'Grants',
  METRICS_TABLE: 'Metrics',
  DRAWS_TABLE: 'Draws',
  AUDIENCE_QUEUE_URL: 'audience',
  COUPON_QUEUE_URL: 'coupon',
  DRAW_QUEUE_URL: 'draw',
  FREE_ORDER_QUEUE_URL: 'free-order',
  GRANTS_QUEUE_URL: 'grants',
  METRICS_QUEUE_URL: 'metrics',
  PACER_QUEUE_URL: 'pacer',
  PUBLISHER_QUEUE_URL: 'publisher',
  PUBLIC_BUCKET: 'public',
  REJECTS_QUEUE_URL: 'rejects',
  ROLLUP_QUEUE_URL: 'rollup',
  DRAW_SECRET: 'draw-secret',
  COUPON_SECRET: 'coupon-secret',
  ERASURE_SECRET: 'erasure-secret',
  ERASURE_WAIT_SECONDS: '900',
  PRESALE_QUEUE_URL: 'presale',
  AUDIENCE_SEGMENTS: '32',
  CAMPAIGN_SHARDS: JSON.stringify(TEST_SHARDS),
};

export type Surroundings = Partial<Omit<Outside, 'clients' | 'environment'>> & {
  clients?: Partial<Clients>;
  /** Variables in addition to {@link VARIABLES}, or in place of them. */
  environment?: Readonly<Record<string, string>>;
};

/** The text of the secret behind the names of erased members. */
export const ERASURE_SECRET = 'a text behind the names of erased members';

/** A Secrets Manager that holds the secrets behind coupon ids and the names of erased members, and no other. */
const secretsOfCoupons: Clients['secrets'] = {
  send: (async ({ input }: GetSecretValueCommand) => {
    if (input.SecretId === VARIABLES.ERASURE_SECRET) return { SecretString: ERASURE_SECRET };
    if (input.SecretId !== VARIABLES.COUPON_SECRET)
      throw new Error(`Secrets Manager: expected no call for ${input.SecretId}, got one`);
    return { SecretString: COUPON_SECRET };
  }) as unknown as Clients['secrets']['send'],
};

const unreachable = (name: string) => async (): Promise<never> => {
  throw new Error(`${name}: expected no call, got one`);
};

/**
 * The surroundings of a runtime (`Outside`) for tests, which override only what they need. The clock is real, and every call to a
 * service fails, except for those that get the secrets behind coupon ids and the names of erased members.
 */
export const testOutside = ({ clients, environment, ...others }: Surroundings = {}): Outside => {
  const variables: Readonly<Record<string, string>> = { ...VARIABLES, ...environment };
  return {
    clients: {
      dynamodb: { send: unreachable('DynamoDB') },
      sqs: { send: unreachable('SQS') },
      secrets: secretsOfCoupons,
      ...clients,
    },
    clock: { nowMs: () => Date.now(), wait: (ms) => sleep(ms) },
    random: seededRandom(1),
    environment: (name) => variables[name],
    logger: new Logger({ logLevel: 'SILENT' }),
    fetch: unreachable('fetch'),
    ...others,
  };
};

/** The runtime of a worker that has just been started in such surroundings. */
export const testRuntime = (surroundings: Surroundings = {}): Runtime =>
  makeRuntime(testOutside(surroundings));
