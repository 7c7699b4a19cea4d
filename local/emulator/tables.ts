import type {
  DeleteTableCommandInput,
  DescribeTableCommandInput,
  ListTablesCommandInput,
  TableDescription,
  TransactWriteItemsCommandInput,
  UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import { batchWrite } from './batch-write.ts';
import { tableInUse, unknownOperationError, validationError } from './exceptions.ts';
import { query, scan } from './pages.ts';
import { batchExecuteStatement, executeStatement } from './partiql/execution.ts';
import { batchGet, getItem } from './reads.ts';
import {
  AWS_LIMITS,
  type Clock,
  type Limits,
  type OnThrottle,
  type OnUnits,
  Store,
  type Units,
} from './store.ts';
import { Table, type TableDefinition } from './table.ts';
import { givenKey } from './table-keys.ts';
import { beginWriteTransaction, Tokens, transactGet, WriteTransaction } from './transactions.ts';
import { handOutItem, type Item } from './values.ts';
import { singleWrite } from './writes.ts';

export type TablesOptions = {
  readonly clock: Clock;
  /** Gives numbers of at least 0 and below 1, which decide how late expired items are deleted. */
  readonly random: () => number;
  readonly limits?: Partial<Limits>;
  /** How far behind an eventually consistent read of a table is, in ms; asked at each read, 0 by default. */
  readonly staleness?: (table: string) => number;
  readonly onUnits?: OnUnits;
  readonly onThrottle?: OnThrottle;
  /** Whether calls on a partition key are throttled just now, whatever the limits say; never by default. */
  readonly isHot?: (table: string, partition: string) => boolean;
  /** Asked for each item of a batch: whether it is left unprocessed; never by default. */
  readonly isBusy?: (table: string) => boolean;
};

/** An expired item that is in a running transaction is deleted this much later. */
const EXPIRY_RETRY_MS = 1_000;

const COMMAND = 'Command';

/** The operations that happen at one instant and need nothing but the store. */
const ITEM_OPERATIONS: ReadonlyMap<string, (store: Store, input: never) => object> = new Map<
  string,
  (store: Store, input: never) => object
>([
  ['GetItem', getItem],
  ['BatchGetItem', batchGet],
  ['Query', query],
  ['Scan', scan],
  ['PutItem', (store, input) => singleWrite(store, 'put', input)],
  ['UpdateItem', (store, input) => singleWrite(store, 'update', input)],
  ['DeleteItem', (store, input) => singleWrite(store, 'delete', input)],
  ['BatchWriteItem', batchWrite],
  ['TransactGetItems', transactGet],
  ['BatchExecuteStatement', batchExecuteStatement],
  ['ExecuteStatement', executeStatement],
]);

/**
 * A DynamoDB in memory, by the service's own rules. Time and randomness are passed in, so the same calls at the same times give
 * the same answers. Each operation happens at one instant; only transactions have a duration, see {@link begin}.
 */
export class Tables {
  readonly #store: Store;
  readonly #tokens = new Tokens();
  #expired = 0;

  constructor(options: TablesOptions) {
    const { clock, random, limits, staleness = () => 0, onUnits, onThrottle, isHot, isBusy } = options;
    this.#store = new Store({
      clock,
      random,
      limits: { ...AWS_LIMITS, ...limits },
      staleness,
      onUnits,
      onThrottle,
      isHot: isHot ?? (() => false),
      isBusy: isBusy ?? (() => false),
    });
  }

  /** Creates a table, which can be used at once. Throws a ResourceInUseException if there is one of that name. */
  createTable(definition: TableDefinition): TableDescription {
    const { tables, clock, limits } = this.#store;
    const { TableName: name } = definition;
    if (name === undefined) throw validationError('TableName must not be null');
    if (tables.has(name)) throw tableInUse(name);
    const table = new Table(name, definition, clock.nowMs(), limits.staleMsMax);
    tables.set(name, table);
    return table.describe();
  }

  /**
   * Carries out an operation, named like its command ("PutItem" or "PutItemCommand"), at this instant and returns its answer.
   * Throws the SDK's exceptions.
   */
  execute(commandName: string, input: object): object {
    this.deleteExpired();
    const name = commandName.endsWith(COMMAND) ? commandName.slice(0, -COMMAND.length) : commandName;
    const operation = ITEM_OPERATIONS.get(name);
    if (operation !== undefined) return operation(this.#store, input as never);
    if (name !== 'TransactWriteItems') return this.#administer(name, input);
    const begun = this.begin(input as TransactWriteItemsCommandInput);
    return begun instanceof WriteTransaction ? begun.commit() : begun.answer;
  }

  /** Carries out an operation for a check: it sees the current items, is never throttled, and consumes nothing. */
  inspect(commandName: string, input: object): object {
    return this.#store.unmetered(() => this.execute(commandName, input));
  }

  /**
   * Starts a TransactWriteItems, whose items are in flight until it is committed or aborted; if its token is that of a
   * transaction that was already carried out, returns the answer instead. Throws the SDK's exceptions.
   */
  begin(input: TransactWriteItemsCommandInput): WriteTransaction | { readonly answer: object } {
    this.deleteExpired();
    return beginWriteTransaction(this.#store, this.#tokens, input);
  }

  /** Units that each table has consumed so far, including those of refused writes. */
  get consumed(): ReadonlyMap<string, Units> {
    return this.#store.consumed;
  }

  /**
   * The current item under a key, for checks; undefined if there is none. This is not an operation and consumes nothing. It is
   * the stored item itself, which nobody may change.
   */
  peek(tableName: string, key: Item): Readonly<Item> | undefined {
    this.deleteExpired();
    const table = this.#store.table(tableName);
    return table.find(givenKey(table.schema, key))?.current.item;
  }

  /** The current items of a table, for checks. This is not an operation and consumes nothing. */
  *items(tableName: string): Generator<Item> {
    this.deleteExpired();
    for (const item of this.#store.table(tableName).items()) yield handOutItem(item);
  }

  /** How many items were deleted because they had expired. */
  get expired(): number {
    return this.#expired;
  }

  /**
   * No expired item is deleted before this time, in ms since 1970; the first call from then on deletes what
   * is due. The time can be too early, because of items that have changed since.
   */
  get nextExpiryMs(): number {
    return this.#store.expiries.nextMs;
  }

  /** Deletes expired items that are due. */
  deleteExpired(): void {
    const { expiries, clock } = this.#store;
    const nowMs = clock.nowMs();
    for (;;) {
      const expiry = expiries.pop(nowMs);
      if (expiry === undefined) return;
      const { table, stored } = expiry;
      if (stored.expiry !== expiry) continue;
      if (this.#store.isInFlight(table, stored.key)) {
        this.#store.expire(table, stored, nowMs + EXPIRY_RETRY_MS);
        continue;
      }
      table.write(stored.key, undefined, 0, nowMs);
      this.#expired++;
    }
  }

  #administer(operation: string, input: object): object {
    const { tables } = this.#store;
    switch (operation) {
      case 'CreateTable':
        return { TableDescription: this.createTable(input as TableDefinition) };
      case 'DescribeTable':
        return { Table: this.#store.table((input as DescribeTableCommandInput).TableName).describe() };
      case 'DeleteTable': {
        const table = this.#store.table((input as DeleteTableCommandInput).TableName);
        tables.delete(table.name);
        return { TableDescription: { ...table.describe(), TableStatus: 'DELETING' } };
      }
      case 'ListTables': {
        const { Limit: limit = 100, ExclusiveStartTableName: start = '' } = input as ListTablesCommandInput;
        const names = [...tables.keys()].sort().filter((name) => name > start);
        return {
          TableNames: names.slice(0, limit),
          ...(names.length > limit ? { LastEvaluatedTableName: names[limit - 1] } : {}),
        };
      }
      case 'UpdateTimeToLive': {
        const { TableName, TimeToLiveSpecification: expiry } = input as UpdateTimeToLiveCommandInput;
        this.#store.table(TableName).expiryAttribute = expiry?.Enabled ? expiry.AttributeName : undefined;
        return { TimeToLiveSpecification: expiry };
      }
      case 'DescribeTimeToLive': {
        const { expiryAttribute: name } = this.#store.table((input as DescribeTableCommandInput).TableName);
        return {
          TimeToLiveDescription:
            name === undefined
              ? { TimeToLiveStatus: 'DISABLED' }
              : { TimeToLiveStatus: 'ENABLED', AttributeName: name },
        };
      }
      default:
        throw unknownOperationError(operation);
    }
  }
}
