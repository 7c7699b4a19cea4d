import {
  type AttributeValue,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  type PutItemCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/** Writes as the previous version did, which some workers still run in the middle of a deployment. */

type Client = Pick<DynamoDBClient, 'send'>;

const PREFIX = 'PENDING#';
const SET_ITEM = 'PENDING';

type Pending = { table: string; window: string; text: string };

/** The pending blocks that a batch write notes; none if it writes anything else. */
const pendingOf = (input: object): Pending[] => {
  const { RequestItems = {} } = input as BatchWriteItemCommandInput;
  const puts = Object.entries(RequestItems).flatMap(([table, requests]) =>
    requests.map(({ PutRequest }) => ({ table, item: PutRequest?.Item })),
  );
  if (!puts.every(({ item }) => item?.item?.S?.startsWith(PREFIX))) return [];
  return puts.map(({ table, item }) => ({
    table,
    window: item!.window!.S!,
    text: item!.item!.S!.slice(PREFIX.length),
  }));
};

const addToSet = (table: string, window: string, texts: string[]): UpdateItemCommand => {
  const Key: Record<string, AttributeValue> = { window: { S: window }, item: { S: SET_ITEM } };
  return new UpdateItemCommand({
    TableName: table,
    Key,
    UpdateExpression: 'ADD #blocks :blocks',
    ExpressionAttributeNames: { '#blocks': 'blocks' },
    ExpressionAttributeValues: { ':blocks': { SS: texts } },
  });
};

const DEFINITION_ITEM = 'DEFINITION';

/**
 * A client for a worker that opens campaigns as the previous version did: their definitions say neither that coupon ids are keyed
 * nor how many shards there are, so all items of a campaign are under its own key.
 */
export const formerOpenings = (client: Client): Client => {
  const send = async (command: { input: object }): Promise<object> => {
    const { Item: item } = command.input as PutItemCommandInput;
    if (item?.item?.S === DEFINITION_ITEM) {
      delete item.couponIds;
      delete item.shards;
    }
    return (client.send as (command: object) => Promise<object>)(command);
  };
  return { send: send as unknown as DynamoDBClient['send'] };
};

/** A client for a worker that keeps a shard's pending blocks as one set, as the previous version did. */
export const formerBlocks = (client: Client): Client => {
  const send = async (command: { input: object }): Promise<object> => {
    const pending = pendingOf(command.input);
    if (pending.length === 0) return (client.send as (command: object) => Promise<object>)(command);
    for (const [window, ofWindow] of Map.groupBy(pending, (one) => one.window))
      await client.send(
        addToSet(
          ofWindow[0]!.table,
          window,
          ofWindow.map(({ text }) => text),
        ),
      );
    return {};
  };
  return { send: send as unknown as DynamoDBClient['send'] };
};
