/**
 * How orders with a winning ticket were judged in an instant draw, each once. The item `JUDGED` is stored beside the order's
 * refunds in the draws table. Later events of the member never change a judgement, and an order that was refused stays refused.
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expiryOf } from '#domain/campaigns/retention.ts';
import { batchGet } from '#platform/batch-get.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { DrawOutcome } from '../rules/reasons.ts';
import { drawsTable, putOnce } from './draws-items.ts';
import type { KeptOrder } from './kept-order.ts';
import { readNotes } from './refund-notes.ts';

const JUDGED_ITEM = 'JUDGED';

/** Why an order did not win, and how much of it had been refunded by then, in fen. */
export type Refusal = { outcome: Exclude<DrawOutcome, 'won'>; givenBackFen: number };

/** An order with the facts by which it was judged; `refusal` is set once the order is refused. */
export type StoredJudgement = {
  order: KeptOrder;
  /** How much of the order had been refunded when it was first judged, in fen. Earlier versions leave this out. */
  givenBackFen?: number;
  refusal?: Refusal;
};

export type Judgement = StoredJudgement & { givenBackFen: number };

const judgementKey = (campaignId: string, participation: string): Item => ({
  draw: { S: `${campaignId}#refund#${participation}` },
  item: { S: JUDGED_ITEM },
});

const judgementOf = (item: Item): StoredJudgement => ({
  order: JSON.parse(item.order!.S!) as KeptOrder,
  ...(item.givenBackFen === undefined ? {} : { givenBackFen: Number(item.givenBackFen.N) }),
  ...(item.refusal === undefined ? {} : { refusal: JSON.parse(item.refusal.S!) as Refusal }),
});

/** The stored judgements, by participation, by a strongly consistent read. */
export const readJudgements = async (
  runtime: Runtime,
  campaignId: string,
  participations: readonly string[],
): Promise<Map<string, StoredJudgement>> => {
  const keys = [...new Set(participations)].map((one) => judgementKey(campaignId, one));
  const items = await batchGet(runtime, drawsTable(runtime), keys);
  return new Map(items.map((item) => [item.draw!.S!.split('#refund#')[1]!, judgementOf(item)]));
};

/**
 * Judges orders, by participation, unless they were judged before. Returns the stored judgements. The refunds
 * are a part of them: otherwise, of two workers that know different refunds of an order, one could find that
 * the order wins, and the other could refuse it.
 */
export const judgeOnce = async (
  runtime: Runtime,
  campaignId: string,
  orders: ReadonlyMap<string, KeptOrder>,
): Promise<Map<string, Judgement>> => {
  const names = [...orders.keys()];
  const [judgements, notes] = await Promise.all([
    readJudgements(runtime, campaignId, names),
    readNotes(runtime, campaignId, names),
  ]);
  const givenBackOf = (name: string): number => notes.get(name) ?? 0;
  const expiry = await expiryOf(runtime, campaignId);
  const unjudged = [...orders].filter(([participation]) => !judgements.has(participation));
  await mapLimited(unjudged, CALLS_AT_ONCE, async ([participation, order]) => {
    const item = await putOnce(runtime, {
      ...judgementKey(campaignId, participation),
      order: { S: JSON.stringify(order) },
      givenBackFen: { N: String(givenBackOf(participation)) },
      ...expiry,
    });
    judgements.set(participation, judgementOf(item));
  });
  return new Map(
    [...judgements].map(([name, judgement]) => [name, { givenBackFen: givenBackOf(name), ...judgement }]),
  );
};

/** Lets `change` replace the order in the judgement of a participation, if there is one. Nothing else ever replaces it. */
export const replaceJudgedOrder = async (
  runtime: Runtime,
  campaignId: string,
  participation: string,
  change: (order: KeptOrder) => KeptOrder,
): Promise<void> => {
  const judgement = (await readJudgements(runtime, campaignId, [participation])).get(participation);
  if (judgement === undefined) return;
  const order = change(judgement.order);
  if (order === judgement.order) return;
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: drawsTable(runtime),
      Key: judgementKey(campaignId, participation),
      UpdateExpression: 'SET #order = :order',
      ExpressionAttributeNames: { '#order': 'order' },
      ExpressionAttributeValues: { ':order': { S: JSON.stringify(order) } },
    }),
  );
};

const refuseOne = async (
  runtime: Runtime,
  campaignId: string,
  participation: string,
  refusal: Refusal,
): Promise<Refusal> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: drawsTable(runtime),
        Key: judgementKey(campaignId, participation),
        UpdateExpression: 'SET refusal = :refusal',
        ConditionExpression: 'attribute_not_exists(refusal)',
        ExpressionAttributeValues: { ':refusal': { S: JSON.stringify(refusal) } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return refusal;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return judgementOf(error.Item).refusal!;
  }
};

/**
 * Stores refusals of judged orders, by participation. Returns the stored refusals, which are another worker's if that worker
 * came first.
 */
export const refuseOnce = async (
  runtime: Runtime,
  campaignId: string,
  refusals: ReadonlyMap<string, Refusal>,
): Promise<Map<string, Refusal>> =>
  new Map(
    await mapLimited(
      [...refusals],
      CALLS_AT_ONCE,
      async ([participation, refusal]) =>
        [participation, await refuseOne(runtime, campaignId, participation, refusal)] as const,
    ),
  );
