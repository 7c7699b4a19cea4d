import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** What the oracle sees of a world: calls that have happened, the items that they touched, and the messages that they sent. */

export type Item = Record<string, AttributeValue>;

export const TABLES = ['campaigns', 'members', 'grants', 'draws', 'metrics'] as const;
export type TableName = (typeof TABLES)[number];

/** Key attributes by table. */
const KEYS: Readonly<Record<TableName, readonly string[]>> = {
  campaigns: ['campaign', 'item'],
  members: ['member'],
  grants: ['member', 'grant'],
  draws: ['draw', 'item'],
  metrics: ['window', 'item'],
};

/** A call that has happened, as a worker reports it. */
export type Step = {
  readonly atMs: number;
  readonly worker: string;
  readonly operation: string;
  readonly input: object;
  readonly answer: object;
  /** How long the worker has been stopped so far, in ms: what it has read or decided may be that much older. 0 by default. */
  readonly stoppedMs?: number;
};

/** What this world's table names and queue URLs stand for. Most queues are named after the function that they feed. */
export type Names = {
  readonly tableOf: (tableName: string) => TableName | undefined;
  readonly queueOf: (queueUrl: string) => string | undefined;
};

/** An item that a call has written; `before` is what the oracle last saw of it. */
export type Change = {
  readonly table: TableName;
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
};

export type Sent = { readonly queue: string; readonly body: string };

/** The item that is stored under a key now. */
export type Peek = (table: TableName, key: Item) => Item | undefined;

type Write = { TableName?: string; Item?: Item; Key?: Item };

const keyOf = (table: TableName, item: Item): Item => {
  const key: Item = {};
  for (const name of KEYS[table]) key[name] = item[name]!;
  return key;
};

const textOf = (table: TableName, key: Item): string => {
  const [partition, sort] = KEYS[table];
  const first = key[partition!]?.S ?? '';
  return sort === undefined ? first : `${first}\n${key[sort]?.S ?? ''}`;
};

const STATEMENT = /^(?:INSERT INTO|UPDATE|DELETE FROM) "([^"]+)"/;

/**
 * The writes of a call, whatever its operation. Every PartiQL statement is taken to be on a member, because the pipeline sends no
 * other.
 */
const writesOf = ({ operation, input }: Pick<Step, 'operation' | 'input'>): Write[] => {
  switch (operation) {
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [input as Write];
    case 'TransactWriteItems':
      return (
        input as { TransactItems: { Put?: Write; Update?: Write; Delete?: Write }[] }
      ).TransactItems.flatMap(({ Put, Update, Delete }) => Put ?? Update ?? Delete ?? []);
    case 'BatchWriteItem':
      return Object.entries(
        (input as { RequestItems: Record<string, { PutRequest?: Write; DeleteRequest?: Write }[]> })
          .RequestItems,
      ).flatMap(([TableName, requests]) =>
        requests.map(({ PutRequest, DeleteRequest }) => ({ TableName, ...(PutRequest ?? DeleteRequest) })),
      );
    case 'BatchExecuteStatement':
      return (
        input as { Statements: { Statement: string; Parameters?: AttributeValue[] }[] }
      ).Statements.flatMap(({ Statement, Parameters = [] }) => {
        const member = Parameters.find(({ S }) => S !== undefined);
        const TableName = STATEMENT.exec(Statement)?.[1];
        return TableName === undefined || member === undefined ? [] : [{ TableName, Key: { member } }];
      });
    default:
      return [];
  }
};

/** Whether any invariant needs an item. None needs rows or milestones: rows are large, and their figures are checked instead. */
const isWatched = (table: TableName, key: string): boolean =>
  table !== 'metrics' || !(key.includes('\nROW') || key.includes('\nMILESTONES'));

/** An item that a call writes: its table, its key, and the key as a text. */
export type Written = { readonly table: TableName; readonly key: Item; readonly text: string };

/** The watched items that a call writes, if it happens. */
export const watchedKeys = (step: Pick<Step, 'operation' | 'input'>, names: Names): Written[] =>
  writesOf(step).flatMap(({ TableName, Item: item, Key }) => {
    const table = names.tableOf(TableName ?? '');
    const given = item ?? Key;
    if (table === undefined || given === undefined) return [];
    const key = keyOf(table, given);
    const text = textOf(table, key);
    return isWatched(table, text) ? [{ table, key, text }] : [];
  });

/** Follows the tables by looking at what each call has touched, and at nothing else. */
export class Observer {
  readonly #names: Names;
  readonly #peek: Peek;
  readonly #withIds: (text: string) => string;
  readonly #seen: Readonly<Record<TableName, Map<string, Item>>> = {
    campaigns: new Map(),
    members: new Map(),
    grants: new Map(),
    draws: new Map(),
    metrics: new Map(),
  };

  /** `withIds` puts the ids of erased members in place of the names that replaced them. */
  constructor(names: Names, peek: Peek, withIds: (text: string) => string) {
    this.#names = names;
    this.#peek = peek;
    this.#withIds = withIds;
  }

  /** The items of a table as last seen, by their keys. */
  items(table: TableName): ReadonlyMap<string, Item> {
    return this.#seen[table];
  }

  changesOf(step: Step): Change[] {
    const changes: Change[] = [];
    const moved = new Set<string>();
    for (const { table, key, text } of watchedKeys(step, this.#names)) {
      const place = table === 'grants' ? this.#withIds(text) : text;
      const before = this.#seen[table].get(place);
      const after = this.#underId(place, text, this.#peek(table, key));
      // An erased member's grant is written under the name that replaces the id, and deleted under the id. Here it keeps the id.
      if (after === undefined && moved.has(place)) continue;
      if (place !== text) moved.add(place);
      if (after === undefined) this.#seen[table].delete(place);
      else this.#seen[table].set(place, after);
      changes.push({ table, key: place, before, after });
    }
    return changes;
  }

  #underId(place: string, text: string, item: Item | undefined): Item | undefined {
    if (place === text || item === undefined) return item;
    return { ...item, member: { S: place.slice(0, place.indexOf('\n')) } };
  }

  sentBy({ operation, input, answer }: Step): Sent[] {
    if (operation !== 'SendMessage' && operation !== 'SendMessageBatch') return [];
    const { QueueUrl, MessageBody, Entries } = input as {
      QueueUrl: string;
      MessageBody?: string;
      Entries?: { Id: string; MessageBody: string }[];
    };
    const queue = this.#names.queueOf(QueueUrl);
    if (queue === undefined) return [];
    const bodyOf = (body: string): string => (queue === 'grants' ? this.#withIds(body) : body);
    if (MessageBody !== undefined) return [{ queue, body: bodyOf(MessageBody) }];
    const failed = new Set((answer as { Failed?: { Id: string }[] }).Failed?.map(({ Id }) => Id));
    return (Entries ?? [])
      .filter(({ Id }) => !failed.has(Id))
      .map((entry) => ({ queue, body: bodyOf(entry.MessageBody) }));
  }
}
