import { DUMMY_CREDENTIALS, LOCAL_REGION } from './addresses.ts';
import type { Pipeline } from './pipeline.ts';

/** What the pipeline's own statements need to know to read a local run's tables and secrets, as a function would. */
export const tableEnvironment = (
  pipeline: Pick<Pipeline, 'dynamodbEndpoint' | 'secretsManagerEndpoint' | 'output'>,
): Record<string, string> => ({
  AWS_REGION: LOCAL_REGION,
  AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL_DYNAMODB: pipeline.dynamodbEndpoint,
  ...(pipeline.secretsManagerEndpoint === undefined
    ? {}
    : { AWS_ENDPOINT_URL_SECRETS_MANAGER: pipeline.secretsManagerEndpoint }),
  CAMPAIGNS_TABLE: pipeline.output('CampaignsTableName'),
  METRICS_TABLE: pipeline.output('MetricsTableName'),
  MEMBERS_TABLE: pipeline.output('MembersTableName'),
  GRANTS_TABLE: pipeline.output('GrantsTableName'),
  DRAWS_TABLE: pipeline.output('DrawsTableName'),
  DRAW_SECRET: pipeline.output('DrawSecretArn'),
});
