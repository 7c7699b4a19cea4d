/** DynamoDB's Query and Scan. */
import type {
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { throttled, validationError } from './exceptions.ts';
import { type BoundExpressions, holds } from './expressions/cache.ts';
import { pathsIn } from './expressions/conditions.ts';
import { keyConditionOf } from './expressions/key-conditions.ts';
import { resolvePath } from './expressions/paths.ts';
import { projected } from './expressions/projections.ts';
import {
  type Candidate,
  checkSegments,
  indexItems,
  keyAttributes,
  type PageInput,
  partitionItems,
  type Source,
  scannedItems,
  sourceOf,
  startOf,
} from './page-source.ts';
import { readUnits } from './reads.ts';
import { checkKeyTypes, inRange } from './sort-range.ts';
import { consumedCapacity, noUnits, type Store } from './store.ts';
import { type KeySchema, scalarId } from './table-keys.ts';
import type { Item } from './values.ts';

const PAGE_BYTES_MAX = 1024 * 1024;

type Page = { items: Item[]; scanned: number; count: number; bytes: number; last: Item | undefined };

/** Fills a page with up to `Limit` items and 1 MiB, both counted before the filter. */
const fillPage = (
  source: Source,
  candidates: Iterable<Candidate>,
  input: PageInput,
  { filter, projection }: BoundExpressions,
): Page => {
  const page: Page = { items: [], scanned: 0, count: 0, bytes: 0, last: undefined };
  const isCount = input.Select === 'COUNT';
  let previous: Item | undefined;
  for (const { item, bytes } of candidates) {
    if (page.bytes + bytes > PAGE_BYTES_MAX && previous !== undefined) {
      page.last = keyAttributes(source, previous);
      break;
    }
    page.scanned++;
    page.bytes += bytes;
    previous = item;
    if (holds(filter, item)) {
      page.count++;
      if (!isCount) page.items.push(projected(item, projection));
    }
    if (page.scanned === input.Limit) {
      page.last = keyAttributes(source, item);
      break;
    }
  }
  return page;
};

const answer = (
  store: Store,
  { table, index }: Source,
  { page, partition }: { page: Page; partition: string | undefined },
  input: PageInput,
): Omit<QueryCommandOutput, '$metadata'> => {
  const units = readUnits(page.bytes, input.ConsistentRead === true);
  store.pay('read', table, partition, units);
  const callUnits = noUnits();
  if (index?.isGlobal) callUnits.indexes.set(index.name, units);
  else callUnits.table = units;
  const consumed = consumedCapacity(input.ReturnConsumedCapacity, table.name, callUnits);
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: page.items }),
    Count: page.count,
    ScannedCount: page.scanned,
    ...(page.last === undefined ? {} : { LastEvaluatedKey: page.last }),
    ...(consumed === undefined ? {} : { ConsumedCapacity: consumed }),
  };
};

const checkLimit = ({ Limit: limit }: PageInput): void => {
  if (limit !== undefined && limit < 1)
    throw validationError(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
};

const refuseKeysInFilter = ({ filter }: BoundExpressions, { partition, sort }: KeySchema): void => {
  if (filter === undefined) return;
  for (const path of pathsIn(filter.condition)) {
    const [name] = resolvePath(path, filter.bindings.names);
    if (name === partition.name || name === sort?.name) {
      throw validationError(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
    }
  }
};

/** Query: a page of one partition, in the order of its sort keys. */
export const query = (store: Store, input: QueryCommandInput): Omit<QueryCommandOutput, '$metadata'> => {
  const source = sourceOf(store, input);
  const { table, index, schema } = source;
  checkLimit(input);
  const bound = store.expressions.bind(input);
  if (bound.keyCondition === undefined) {
    throw validationError(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  const names = { partition: schema.partition.name, sort: schema.sort?.name };
  const condition = keyConditionOf(bound.keyCondition.condition, names, bound.keyCondition.bindings);
  checkKeyTypes(schema, condition);
  refuseKeysInFilter(bound, schema);
  const partition = scalarId(condition.partition);
  if (!store.admits('read', table, partition)) throw throttled();
  const instantMs = store.readInstant(table, input.ConsistentRead === true);
  const isForward = input.ScanIndexForward !== false;
  const start = startOf(source, input.ExclusiveStartKey);
  const candidates =
    index === undefined
      ? partitionItems(table.partition(partition), instantMs, isForward, start?.key)
      : indexItems(index, partition, instantMs, { isForward, start });
  const wanted = inRange(candidates, condition.range, schema);
  return answer(store, source, { page: fillPage(source, wanted, input, bound), partition }, input);
};

/** Scan: a page of all items of a table, or of a segment of it. */
export const scan = (store: Store, input: ScanCommandInput): Omit<ScanCommandOutput, '$metadata'> => {
  const source = sourceOf(store, input);
  const { table, index } = source;
  checkLimit(input);
  checkSegments(input);
  const bound = store.expressions.bind(input);
  if (!store.admits('read', table, undefined)) throw throttled();
  const instantMs = store.readInstant(table, input.ConsistentRead === true);
  const start = startOf(source, input.ExclusiveStartKey);
  const candidates =
    index === undefined
      ? scannedItems(table, instantMs, start?.key, input)
      : indexItems(index, undefined, instantMs, { isForward: true, start });
  return answer(
    store,
    source,
    { page: fillPage(source, candidates, input, bound), partition: undefined },
    input,
  );
};
