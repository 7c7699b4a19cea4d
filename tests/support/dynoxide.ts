import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { startDynamodb } from '#local/aws/dynamodb.ts';
import { VARIABLES } from './runtime.ts';

const key = (partition: string, sort?: string) => ({
  KeySchema: [
    { AttributeName: partition, KeyType: 'HASH' as const },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
  ],
  AttributeDefinitions: [partition, ...(sort === undefined ? [] : [sort])].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  })),
});

const TABLES: Readonly<Record<string, Omit<CreateTableCommandInput, 'TableName'>>> = {
  Campaigns: key('campaign', 'item'),
  Members: key('member'),
  Grants: key('member', 'grant'),
  Metrics: key('window', 'item'),
  Draws: key('draw', 'item'),
};

export type Dynoxide = {
  client: DynamoDBClient;
  /** The environment variables that a separate process needs to use these tables. */
  environment: Record<string, string>;
  stop(): Promise<void>;
};

/** Starts a DynamoDB with all tables, empty: Dynoxide, or tables in memory where it does not run. */
export const startDynoxide = async (): Promise<Dynoxide> => {
  const { endpoint, stop } = await startDynamodb(0);
  const client = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  for (const [TableName, definition] of Object.entries(TABLES)) {
    await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', ...definition }));
  }
  return {
    client,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
      ...VARIABLES,
    },
    async stop() {
      client.destroy();
      await stop();
    },
  };
};
