/** The environment variables of a function's process. */
import { devNull } from 'node:os';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './addresses.ts';
import type { LambdaFunction } from './template.ts';

export type Endpoints = {
  /** The endpoint of both SQS and S3. */
  readonly sqs: string;
  readonly dynamodb: string;
  /**
   * The endpoint in the template's queue URLs, if it differs from `sqs`. It is replaced by `sqs`, because the SDK sends to the
   * host of a queue's URL.
   */
  readonly sqsInAddresses?: string;
  /** Undefined for a stack without secrets. */
  readonly secretsManager?: string;
  /** Undefined for a stack without a beacon. */
  readonly beacon?: string;
};

/**
 * The variable with the relays that a function asks for a beacon's rounds. Here it names the relay of recorded rounds instead.
 */
export const BEACON_VARIABLE = 'BEACON_RELAYS';

/**
 * The variable that says whether a recorded round may be used for a draw. Here it may, because a local run is not a real sale and
 * must do without a network.
 */
const REHEARSALS_VARIABLE = 'ALLOW_REHEARSALS';

/**
 * The whole environment of a function's process: the template's variables, what Lambda sets, and where the services are.
 * Nothing is inherited, so a function cannot depend on this machine. The SDK reads no configuration files, so it cannot reach a
 * developer's own account.
 */
export const handlerEnvironment = (lambda: LambdaFunction, endpoints: Endpoints): Record<string, string> => {
  return {
    ...withQueuesAt(lambda.environment, endpoints),
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_S3: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    ...(endpoints.secretsManager === undefined
      ? {}
      : { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager }),
    ...(endpoints.beacon === undefined || lambda.environment[BEACON_VARIABLE] === undefined
      ? {}
      : { [BEACON_VARIABLE]: endpoints.beacon }),
    ...(lambda.environment[REHEARSALS_VARIABLE] === undefined ? {} : { [REHEARSALS_VARIABLE]: 'true' }),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMib),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    // Every arena of glibc's allocator keeps memory that the other threads of the process cannot use.
    MALLOC_ARENA_MAX: '2',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: lambda.directory,
    _HANDLER: lambda.handler,
    TZ: ':UTC',
  };
};

const withQueuesAt = (
  environment: LambdaFunction['environment'],
  { sqs, sqsInAddresses = sqs }: Endpoints,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll(sqsInAddresses, sqs)]),
  );
