/** Carries out PartiQL statements. */
import type {
  BatchExecuteStatementCommandInput,
  BatchExecuteStatementCommandOutput,
  BatchStatementError,
  BatchStatementErrorCodeEnum,
  BatchStatementRequest,
  BatchStatementResponse,
  ConsumedCapacity,
  ExecuteStatementCommandInput,
  ExecuteStatementCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { duplicateItem, throttled, validationError } from '../exceptions.ts';
import { holds } from '../expressions/cache.ts';
import type { Condition } from '../expressions/conditions.ts';
import { checkOperandTypes } from '../expressions/evaluation.ts';
import { type Bindings, resolvePath } from '../expressions/paths.ts';
import { bindProjection, projected } from '../expressions/projections.ts';
import { bindUpdate } from '../expressions/update-application.ts';
import { readUnits } from '../reads.ts';
import { type CallUnits, consumedCapacity, noUnits, type Store } from '../store.ts';
import type { Table } from '../table.ts';
import { givenKey, type Key } from '../table-keys.ts';
import { type Item, takeIn } from '../values.ts';
import {
  changeByUpdate,
  checkKeyUnchanged,
  type Effect,
  prepareWrite,
  returned,
  type Write,
  writeAlone,
} from '../writes.ts';
import type { Statement, StatementValue } from './statement.ts';

const STATEMENTS_MAX = 25;

type Executed = { readonly table: Table; readonly units: CallUnits; readonly item: Item | undefined };

const bindingsOf = (parameters: BatchStatementRequest['Parameters'], count: number): Bindings => {
  const given = parameters ?? [];
  if (given.length !== count)
    throw validationError("Number of parameters in request and statement don't match.");
  return { names: {}, values: Object.fromEntries(given.map((value, i) => [`?${i}`, takeIn(value)])) };
};

const conjuncts = (condition: Condition): Condition[] =>
  condition.kind === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];

/** The attribute and the value of an equality condition. */
const equality = (condition: Condition): { name: string; value: StatementValue } | undefined => {
  if (condition.kind !== 'compare' || condition.comparator !== '=' || condition.left.kind !== 'path')
    return undefined;
  const { left, right } = condition;
  const [name, ...rest] = resolvePath(left.path, {});
  if (rest.length > 0 || (right.kind !== 'placeholder' && right.kind !== 'literal')) return undefined;
  return { name: name as string, value: right };
};

const givenValue = (value: StatementValue, bindings: Bindings) =>
  value.kind === 'literal' ? value.value : bindings.values[value.name]!;

/**
 * Divides a WHERE clause into the key that it names and the rest of its condition. Throws a ValidationException if the clause
 * does not name a whole key.
 */
const splitWhere = (
  table: Table,
  where: Condition,
  bindings: Bindings,
): { key: Key; rest: Condition | undefined } => {
  const { partition, sort } = table.schema;
  const given: Item = {};
  let rest: Condition | undefined;
  for (const part of conjuncts(where)) {
    const equal = equality(part);
    if (equal !== undefined && (equal.name === partition.name || equal.name === sort?.name))
      given[equal.name] = givenValue(equal.value, bindings);
    else rest = rest === undefined ? part : { kind: 'and', left: rest, right: part };
  }
  if (given[partition.name] === undefined || (sort !== undefined && given[sort.name] === undefined))
    throw validationError('Where clause does not contain a mandatory equality on all key attributes');
  return { key: givenKey(table.schema, given), rest };
};

const insert = (
  store: Store,
  statement: Extract<Statement, { kind: 'insert' }>,
  bindings: Bindings,
): Executed => {
  const { name, schema } = store.table(statement.table);
  const values = [...statement.values].map(([attribute, value]) => [attribute, givenValue(value, bindings)]);
  const write = prepareWrite(store, 'put', { TableName: name, Item: Object.fromEntries(values) as Item });
  const path = { parts: [schema.partition.name], hasPlaceholder: false };
  try {
    const condition = { condition: { kind: 'exists', path, wanted: false } as const, bindings };
    return executed(writeAlone(store, { ...write, condition }), undefined);
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? duplicateItem() : error;
  }
};

const executed = (effect: Effect, item: Item | undefined): Executed => ({
  table: effect.write.table,
  units: effect.units,
  item,
});

const change = (
  store: Store,
  statement: Extract<Statement, { kind: 'update' | 'delete' }>,
  bindings: Bindings,
  showsRefusedItem: boolean,
): Executed => {
  const table = store.table(statement.table);
  const { key, rest } = splitWhere(table, statement.where, bindings);
  if (rest !== undefined) checkOperandTypes('statement', rest, bindings);
  const path = { parts: [table.schema.partition.name], hasPlaceholder: false };
  const exists: Condition = { kind: 'exists', path, wanted: true };
  // An update inserts nothing. Without a further condition, deleting an item that does not exist succeeds.
  const condition: Condition | undefined =
    rest !== undefined
      ? { kind: 'and', left: exists, right: rest }
      : statement.kind === 'update'
        ? exists
        : undefined;
  const update = statement.kind === 'update' ? bindUpdate(statement.actions, bindings) : undefined;
  if (update !== undefined) checkKeyUnchanged(table, update);
  const write: Write = {
    table,
    key,
    condition: condition && { condition, bindings },
    change: update === undefined ? () => undefined : changeByUpdate(table, key, update),
    update,
    showsRefusedItem,
  };
  const effect = writeAlone(store, write);
  return executed(effect, returned(statement.returning, effect));
};

const select = (
  store: Store,
  statement: Extract<Statement, { kind: 'select' }>,
  bindings: Bindings,
  isConsistent: boolean,
): Executed => {
  const table = store.table(statement.table);
  const { key, rest } = splitWhere(table, statement.where, bindings);
  if (!store.admits('read', table, key.partition)) throw throttled();
  const version = table.find(key)?.at(store.readInstant(table, isConsistent));
  const units = readUnits(version?.bytes ?? 0, isConsistent);
  store.pay('read', table, key.partition, units);
  const isFound =
    version?.item !== undefined && (rest === undefined || holds({ condition: rest, bindings }, version.item));
  const paths = statement.paths && bindProjection(statement.paths, {});
  return {
    table,
    units: { ...noUnits(), table: units },
    item: isFound ? projected(version.item!, paths) : undefined,
  };
};

const execute = (store: Store, request: BatchStatementRequest): Executed => {
  const { statement, parameters } = store.statements.parse(request.Statement ?? '');
  const bindings = bindingsOf(request.Parameters, parameters);
  switch (statement.kind) {
    case 'insert':
      return insert(store, statement, bindings);
    case 'update':
    case 'delete':
      return change(store, statement, bindings, request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD');
    case 'select':
      return select(store, statement, bindings, request.ConsistentRead === true);
    default:
      return statement satisfies never;
  }
};

const ERROR_CODES: Readonly<Record<string, BatchStatementErrorCodeEnum>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  DuplicateItemException: 'DuplicateItem',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ResourceNotFoundException: 'ResourceNotFound',
  TransactionConflictException: 'TransactionConflict',
  ValidationException: 'ValidationError',
};

const statementError = (error: unknown): BatchStatementError => {
  const code = error instanceof DynamoDBServiceException ? ERROR_CODES[error.name] : undefined;
  if (code === undefined) throw error;
  const { message, Item: item } = error as ConditionalCheckFailedException;
  return { Code: code, Message: message, ...(item === undefined ? {} : { Item: item }) };
};

/** BatchExecuteStatement: up to 25 separate statements, all reads or all writes. */
export const batchExecuteStatement = (
  store: Store,
  input: BatchExecuteStatementCommandInput,
): Omit<BatchExecuteStatementCommandOutput, '$metadata'> => {
  const requests = input.Statements ?? [];
  if (requests.length === 0 || requests.length > STATEMENTS_MAX) {
    throw validationError(
      `1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have length less than or equal to ${STATEMENTS_MAX} and greater than or equal to 1`,
    );
  }
  const areReads = requests.map(({ Statement: text = '' }) => /^\s*SELECT\b/i.test(text));
  if (new Set(areReads).size > 1)
    throw validationError('Batch request cannot contain both read and write statements');
  const consumed: ConsumedCapacity[] = [];
  const responses = requests.map((request): BatchStatementResponse => {
    try {
      const { table, units, item } = execute(store, request);
      const capacity = consumedCapacity(input.ReturnConsumedCapacity, table.name, units);
      if (capacity !== undefined) consumed.push(capacity);
      return { TableName: table.name, ...(item === undefined ? {} : { Item: item }) };
    } catch (error) {
      return { Error: statementError(error) };
    }
  });
  return { Responses: responses, ...(consumed.length === 0 ? {} : { ConsumedCapacity: consumed }) };
};

/** ExecuteStatement, for statements that name one item. */
export const executeStatement = (
  store: Store,
  input: ExecuteStatementCommandInput,
): Omit<ExecuteStatementCommandOutput, '$metadata'> => {
  const { table, units, item } = execute(store, input as BatchStatementRequest);
  const capacity = consumedCapacity(input.ReturnConsumedCapacity, table.name, units);
  return {
    Items: item === undefined ? [] : [item],
    ...(capacity === undefined ? {} : { ConsumedCapacity: capacity }),
  };
};
