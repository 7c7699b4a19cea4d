/** DynamoDB's TransactWriteItems and TransactGetItems. */
import { hash } from 'node:crypto';
import type {
  CancellationReason,
  ConsumedCapacity,
  TransactGetItemsCommandInput,
  TransactGetItemsCommandOutput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import {
  isValidationError,
  tokenMismatch,
  transactionCanceled,
  transactionInProgress,
  validationError,
} from './exceptions.ts';
import { projected } from './expressions/projections.ts';
import { readUnits } from './reads.ts';
import { type CallUnits, consumedCapacity, flightId, noUnits, type Store } from './store.ts';
import { givenKey } from './table-keys.ts';
import { handOutItem } from './values.ts';
import { apply, type Effect, effectOf, payFor, prepareWrite, type Write } from './writes.ts';

const ACTIONS_MAX = 100;
const TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;
/** How long a client's token is remembered. */
const TOKEN_MS = 600_000;

type TransactWriteOutput = Omit<TransactWriteItemsCommandOutput, '$metadata'>;

const NO_REASON: CancellationReason = { Code: 'None' };

const prepareAction = (store: Store, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write => {
  const given = [Put, Update, Delete, ConditionCheck].filter((action) => action !== undefined);
  if (given.length !== 1) {
    throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (Put !== undefined) return prepareWrite(store, 'put', Put);
  if (Update !== undefined) return prepareWrite(store, 'update', Update);
  if (Delete !== undefined) return prepareWrite(store, 'delete', Delete);
  if (ConditionCheck!.ConditionExpression === undefined)
    throw validationError('The ConditionExpression of a ConditionCheck must not be null');
  return prepareWrite(store, 'check', ConditionCheck!);
};

const checkDistinct = (writes: readonly Write[]): void => {
  const ids = new Set(writes.map(({ table, key }) => flightId(table, key)));
  if (ids.size < writes.length)
    throw validationError('Transaction request cannot include multiple operations on one item');
};

/** The reasons of a cancellation, one for each action; undefined if no action has a reason. */
const reasonsBy = <Element>(
  elements: readonly Element[],
  reasonOf: (element: Element) => CancellationReason | undefined,
): CancellationReason[] | undefined => {
  const reasons = elements.map(reasonOf);
  return reasons.some((reason) => reason !== undefined)
    ? reasons.map((reason) => reason ?? NO_REASON)
    : undefined;
};

const conflict = (): CancellationReason => ({
  Code: 'TransactionConflict',
  Message: 'Transaction is ongoing for the item',
});

const throttle = (): CancellationReason => ({
  Code: 'ThrottlingError',
  Message: 'Throughput exceeds the current capacity of your table or index',
});

const refusal = ({ isRefused, write, before }: Effect): CancellationReason | undefined =>
  isRefused
    ? {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        ...(write.showsRefusedItem && before !== undefined ? { Item: handOutItem(before) } : {}),
      }
    : undefined;

/**
 * A TransactWriteItems from its start to its end. In between, its items are in flight: other transactions and writes that
 * touch them meet a conflict, while reads see them as they were. It ends with {@link commit} or {@link abort}.
 */
export class WriteTransaction {
  readonly #store: Store;
  readonly #input: TransactWriteItemsCommandInput;
  readonly #writes: readonly Write[];
  readonly #tokens: Tokens;
  #isOpen = true;

  constructor(store: Store, tokens: Tokens, input: TransactWriteItemsCommandInput, writes: readonly Write[]) {
    this.#store = store;
    this.#tokens = tokens;
    this.#input = input;
    this.#writes = writes;
    for (const { table, key } of writes) store.inFlight.add(flightId(table, key));
  }

  /** Carries out the whole transaction. If it is refused, throws what DynamoDB throws and changes no item. */
  commit(): TransactWriteOutput {
    this.#close();
    const store = this.#store;
    const throttles = reasonsBy(this.#writes, ({ table, key }) =>
      store.admits('write', table, key.partition) ? undefined : throttle(),
    );
    if (throttles !== undefined) throw transactionCanceled(throttles);
    const effects = this.#writes.map((write) => {
      try {
        return effectOf(write, 2);
      } catch (error) {
        if (!isValidationError(error)) throw error;
        return { invalid: error.message };
      }
    });
    for (const effect of effects) if (!('invalid' in effect)) payFor(store, effect);
    const reasons = reasonsBy(effects, (effect) =>
      'invalid' in effect ? { Code: 'ValidationError', Message: effect.invalid } : refusal(effect),
    );
    if (reasons !== undefined) throw transactionCanceled(reasons);
    const done = effects as Effect[];
    const bytes = done.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0);
    if (bytes > TRANSACTION_BYTES_MAX) {
      throw validationError(
        'Transaction request size exceeded the maximum allowed: the aggregate size of the items cannot exceed 4 MB',
      );
    }
    for (const effect of done) apply(store, effect);
    this.#tokens.remember(this.#input, done, store.clock.nowMs());
    return capacityOf(this.#input, done);
  }

  /** Ends the transaction without changing any item. */
  abort(): void {
    if (this.#isOpen) this.#close();
  }

  #close(): void {
    if (!this.#isOpen) throw new Error('transaction: expected an open one, got one that has ended');
    this.#isOpen = false;
    for (const { table, key } of this.#writes) this.#store.inFlight.delete(flightId(table, key));
    this.#tokens.end(this.#input);
  }
}

const capacityOf = (
  input: TransactWriteItemsCommandInput,
  effects: readonly Effect[],
): TransactWriteOutput => {
  const byTable = new Map<string, CallUnits>();
  for (const { write, units } of effects) {
    const sum = byTable.get(write.table.name) ?? noUnits();
    byTable.set(write.table.name, sum);
    sum.table += units.table;
    for (const [name, more] of units.indexes) sum.indexes.set(name, (sum.indexes.get(name) ?? 0) + more);
  }
  return capacities(input.ReturnConsumedCapacity, byTable, 'write');
};

const capacities = (
  wanted: TransactWriteItemsCommandInput['ReturnConsumedCapacity'],
  byTable: ReadonlyMap<string, CallUnits>,
  kind: 'read' | 'write',
): { ConsumedCapacity?: ConsumedCapacity[] } => {
  const list = [...byTable]
    .map(([table, units]) => consumedCapacity(wanted, table, units, kind))
    .filter((capacity) => capacity !== undefined);
  return list.length === 0 ? {} : { ConsumedCapacity: list };
};

/** A digest that stands for a request. If whole requests were kept, the items of ten minutes would be in memory twice. */
const requestId = ({ TransactItems }: TransactWriteItemsCommandInput): string => {
  const text = JSON.stringify(TransactItems, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return hash('sha256', text, 'base64');
};

/** What is kept of a transaction that was done. `units` is what a repetition of it costs. */
type Remembered = {
  readonly request: string;
  readonly units: ReadonlyMap<string, CallUnits>;
  readonly untilMs: number;
};

/** A repetition of a transaction only reads, so it costs read units for the same bytes. */
const repetitionUnits = (effects: readonly Effect[]): Map<string, CallUnits> => {
  const byTable = new Map<string, CallUnits>();
  for (const { write, bytesAfter } of effects) {
    const sum = byTable.get(write.table.name) ?? noUnits();
    byTable.set(write.table.name, sum);
    sum.table += 2 * readUnits(bytesAfter, true);
  }
  return byTable;
};

/** The requests that came with clients' tokens: those under way, and those done in the last ten minutes. */
export class Tokens {
  readonly #running = new Set<string>();
  readonly #done = new Map<string, Remembered>();

  /**
   * The answer to a request that was done before; undefined for one that has to be done. Throws if a request
   * with this token is under way, or if the token came with another request before.
   */
  find(input: TransactWriteItemsCommandInput, nowMs: number): TransactWriteOutput | undefined {
    const { ClientRequestToken: token } = input;
    if (token === undefined) return undefined;
    if (this.#running.has(token)) throw transactionInProgress();
    const done = this.#done.get(token);
    if (done === undefined || done.untilMs <= nowMs) return undefined;
    if (done.request !== requestId(input)) throw tokenMismatch();
    return capacities(input.ReturnConsumedCapacity, done.units, 'read');
  }

  start({ ClientRequestToken: token }: TransactWriteItemsCommandInput): void {
    if (token !== undefined) this.#running.add(token);
  }

  end({ ClientRequestToken: token }: TransactWriteItemsCommandInput): void {
    if (token !== undefined) this.#running.delete(token);
  }

  remember(input: TransactWriteItemsCommandInput, effects: readonly Effect[], nowMs: number): void {
    const { ClientRequestToken: token } = input;
    if (token === undefined) return;
    for (const [known, { untilMs }] of this.#done) {
      if (untilMs > nowMs) break;
      this.#done.delete(known);
    }
    this.#done.delete(token);
    this.#done.set(token, {
      request: requestId(input),
      units: repetitionUnits(effects),
      untilMs: nowMs + TOKEN_MS,
    });
  }
}

/**
 * Starts a TransactWriteItems. Returns its answer at once if a request with its token was done before. Throws if it is refused
 * before it starts: for a malformed request, a token that is in use or was given with another request, or a conflict with items
 * in flight.
 */
export const beginWriteTransaction = (
  store: Store,
  tokens: Tokens,
  input: TransactWriteItemsCommandInput,
): WriteTransaction | { readonly answer: TransactWriteOutput } => {
  const actions = input.TransactItems ?? [];
  if (actions.length === 0 || actions.length > ACTIONS_MAX) {
    throw validationError(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${ACTIONS_MAX} and greater than or equal to 1`,
    );
  }
  const writes = actions.map((action) => prepareAction(store, action));
  checkDistinct(writes);
  const answer = tokens.find(input, store.clock.nowMs());
  if (answer !== undefined) return { answer };
  const conflicts = reasonsBy(writes, ({ table, key }) =>
    store.isInFlight(table, key) ? conflict() : undefined,
  );
  if (conflicts !== undefined) throw transactionCanceled(conflicts);
  tokens.start(input);
  return new WriteTransaction(store, tokens, input, writes);
};

/**
 * TransactGetItems: all items as they are at one instant. Throws a TransactionCanceledException if one of them is in flight or
 * is throttled.
 */
export const transactGet = (
  store: Store,
  input: TransactGetItemsCommandInput,
): Omit<TransactGetItemsCommandOutput, '$metadata'> => {
  const gets = (input.TransactItems ?? []).map(({ Get }) => {
    if (Get === undefined) throw validationError('TransactItems can only contain Get');
    const table = store.table(Get.TableName);
    return { table, key: givenKey(table.schema, Get.Key), ...store.expressions.bind(Get) };
  });
  if (gets.length === 0 || gets.length > ACTIONS_MAX)
    throw validationError(`TransactItems must have 1 to ${ACTIONS_MAX} members`);
  const reasons = reasonsBy(gets, ({ table, key }) => {
    if (store.isInFlight(table, key)) return conflict();
    return store.admits('read', table, key.partition) ? undefined : throttle();
  });
  if (reasons !== undefined) throw transactionCanceled(reasons);
  const byTable = new Map<string, CallUnits>();
  const responses = gets.map(({ table, key, projection }) => {
    const current = table.find(key)?.current;
    const units = 2 * readUnits(current?.bytes ?? 0, true);
    store.pay('read', table, key.partition, units);
    const sum = byTable.get(table.name) ?? noUnits();
    byTable.set(table.name, sum);
    sum.table += units;
    return current?.item === undefined ? {} : { Item: projected(current.item, projection) };
  });
  return { Responses: responses, ...capacities(input.ReturnConsumedCapacity, byTable, 'read') };
};
