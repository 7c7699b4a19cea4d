/** What the code of a function gets from outside, so that it does not itself read a clock, random numbers or the environment. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { Consumption, metered } from './capacity.ts';
import { Memory } from './memory.ts';
import { patient } from './patience.ts';

/** Clients of AWS. Only `send` is used, so anything that answers it will do. */
export type Clients = {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly secrets: Pick<SecretsManagerClient, 'send'>;
};

export type Clock = {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves that many milliseconds later. */
  wait(ms: number): Promise<void>;
};

/** Everything outside of its code that a function depends on. */
export type Outside = {
  readonly clients: Clients;
  readonly clock: Clock;
  /** Uniform from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** A variable that the stack sets on the function; undefined if it is missing. */
  readonly environment: (name: string) => string | undefined;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
  /**
   * Where results of pure functions are kept (see `remembered.ts`). Workers may share it, because a result is
   * the same whoever computed it. If it is left out, the worker has one of its own.
   */
  readonly results?: Memory;
};

/** What the code of one worker gets: the outside, and the worker's own memory. */
export type Runtime = Pick<Outside, 'clock' | 'random' | 'logger' | 'fetch'> &
  Clients & {
    /** Reads a variable that the stack sets on the function. If it is missing or empty, this throws an error that names it. */
    readonly environment: (name: string) => string;
    readonly memory: Memory;
    readonly results: Memory;
    readonly consumption: Consumption;
  };

/** Makes a worker's runtime, with an empty memory. */
export const makeRuntime = ({
  clients,
  environment,
  results = new Memory(),
  ...outside
}: Outside): Runtime => {
  const consumption = new Consumption();
  return {
    ...outside,
    ...clients,
    dynamodb: patient(metered(clients.dynamodb, consumption), outside),
    environment: (name) => {
      const value = environment(name);
      if (value === undefined || value === '')
        throw new Error(`environment variable ${name}: expected a value, got none`);
      return value;
    },
    memory: new Memory(),
    results,
    consumption,
  };
};
