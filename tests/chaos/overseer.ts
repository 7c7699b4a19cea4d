import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inputOf } from '#local/emulator/http.ts';
import type { Figures } from '../world/oracle/invariant.ts';
import type { Names, TableName, Written } from '../world/oracle/observation.ts';
import { watchedKeys } from '../world/oracle/observation.ts';
import { Oracle } from '../world/oracle/oracle.ts';
import { CODECS } from '../world/oracle/pipeline-view.ts';
import type { Answered, Call, Forward } from './proxy.ts';

type Item = Record<string, AttributeValue>;

const READ_ONLY = /^(?:Get|BatchGet|Query|Scan|Receive|List|Describe|ChangeMessage)/;
const OK = 200;
const KEYS_PER_CALL_MAX = 100;
const BACK_POLL_MS = 50;

export const isWrite = (operation: string): boolean => !READ_ONLY.test(operation);

export type OverseerOptions = {
  readonly names: Names;
  readonly tableNames: Readonly<Record<TableName, string>>;
  /** A client of the database that no fault strikes. */
  readonly dynamodb: DynamoDBClient;
  readonly secret: string;
  readonly figuresOf: (campaignId: string) => Promise<Figures | undefined>;
  /** How many ms after the time that its worker read from the clock a write may happen. */
  readonly lateMs: number;
  /** What the clocks of the functions show, in ms since the epoch. */
  readonly nowMs: () => number;
  /** Called with each message that has been sent to a queue. */
  readonly onSent: (queue: string, body: string) => void;
};

/**
 * Lets the world's oracle see the calls of real processes: writes and sends go to their services one at a time, and after each
 * one the oracle looks at what it touched. Which process made a call is unknown, so each call counts as that of another worker.
 */
export class Overseer {
  readonly oracle: Oracle;
  readonly #options: OverseerOptions;
  /** The watched items as last read, by table and key. */
  readonly #items = new Map<string, Item>();
  /** The tokens of transactions that have happened. The service answers a transaction that comes again, and does nothing. */
  readonly #done = new Set<string>();
  #looks: Promise<unknown>[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #restarts = 0;

  constructor(options: OverseerOptions) {
    this.#options = options;
    const { names, secret, figuresOf, lateMs } = options;
    this.oracle = new Oracle({
      names,
      secret,
      lateMs,
      peek: (table, key) => this.#items.get(placeOf(table, key)),
      figuresOf: (campaignId) => {
        const look = figuresOf(campaignId);
        this.#looks.push(look);
        return look;
      },
      codecs: CODECS,
    });
  }

  get calls(): number {
    return this.#calls;
  }

  /** Does something while no call changes anything. */
  async alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const before = this.#turn;
    const done = Promise.withResolvers<void>();
    this.#turn = done.promise;
    await before;
    try {
      return await work();
    } finally {
      done.resolve();
    }
  }

  /** Drops the calls that wait for their turn, because the processes that made them are killed. */
  dropWaiting(): void {
    this.#restarts++;
  }

  /** Checks the figures of all campaigns. */
  async sample(): Promise<void> {
    await this.alone(() => this.oracle.sample(this.#options.nowMs()));
  }

  pass(call: Call, forward: Forward): Promise<Answered | undefined> {
    this.#calls++;
    const restarts = this.#restarts;
    if (!isWrite(call.operation)) return this.#read(call, forward);
    return this.alone(async () => {
      if (restarts !== this.#restarts) return undefined;
      const answered = await forward();
      if (answered === undefined || answered.status === OK) await this.#written(call, answered);
      return answered;
    });
  }

  async #read(call: Call, forward: Forward): Promise<Answered | undefined> {
    const answered = await forward();
    if (answered?.status === OK) this.#tell(call, {});
    return answered;
  }

  /** Tells the oracle of a write. A call without an answer has happened if something has changed. */
  async #written(call: Call, answered: Answered | undefined): Promise<void> {
    const hasChanged = await this.#readAgain(watchedKeys(call, this.#options.names));
    if (answered === undefined && !hasChanged) return;
    const { ClientRequestToken: token } = call.input as { ClientRequestToken?: string };
    if (token !== undefined && this.#done.has(token)) return;
    if (token !== undefined) this.#done.add(token);
    this.#tell(call, answered === undefined ? {} : inputOf(answered.body.toString()));
    // A look at the figures has to end before the next change.
    await Promise.all(this.#looks);
    this.#looks = [];
  }

  #tell({ operation, input }: Call, answer: object): void {
    const step = { atMs: this.#options.nowMs(), worker: `call-${this.#calls}`, operation, input, answer };
    this.oracle.onStep(step);
    const { names, onSent } = this.#options;
    if (!operation.startsWith('SendMessage')) return;
    const {
      QueueUrl,
      MessageBody,
      Entries = [],
    } = input as {
      QueueUrl: string;
      MessageBody?: string;
      Entries?: { MessageBody: string }[];
    };
    const bodies = MessageBody === undefined ? Entries.map((entry) => entry.MessageBody) : [MessageBody];
    for (const body of bodies) onSent(names.queueOf(QueueUrl) ?? '', body);
  }

  async #readAgain(written: readonly Written[]): Promise<boolean> {
    let hasChanged = false;
    for (let first = 0; first < written.length; first += KEYS_PER_CALL_MAX) {
      const some = written.slice(first, first + KEYS_PER_CALL_MAX);
      const found = await this.#get(some);
      for (const { table, key } of some) {
        const place = placeOf(table, key);
        const before = this.#items.get(place);
        const after = found.get(place);
        if (isDeepStrictEqual(withSortedSets(before), withSortedSets(after))) continue;
        hasChanged = true;
        if (after === undefined) this.#items.delete(place);
        else this.#items.set(place, after);
      }
    }
    return hasChanged;
  }

  async #get(written: readonly Written[]): Promise<Map<string, Item>> {
    const { dynamodb, tableNames } = this.#options;
    const byTable = Map.groupBy(written, ({ table }) => table);
    const RequestItems = Object.fromEntries(
      [...byTable].map(([table, some]) => {
        const keys = new Map(some.map(({ key }) => [placeOf(table, key), key]));
        return [tableNames[table], { Keys: [...keys.values()], ConsistentRead: true }];
      }),
    );
    const found = new Map<string, Item>();
    let left: typeof RequestItems = RequestItems;
    while (Object.keys(left).length > 0) {
      try {
        const answer = await dynamodb.send(new BatchGetItemCommand({ RequestItems: left }));
        for (const table of byTable.keys())
          for (const item of answer.Responses?.[tableNames[table]] ?? [])
            found.set(placeOf(table, item), item);
        left = (answer.UnprocessedKeys ?? {}) as typeof RequestItems;
      } catch {
        // The database is being restarted.
        await sleep(BACK_POLL_MS);
      }
    }
    return found;
  }
}

const KEYS: Readonly<Record<TableName, readonly [string, string?]>> = {
  campaigns: ['campaign', 'item'],
  members: ['member'],
  grants: ['member', 'grant'],
  draws: ['draw', 'item'],
  metrics: ['window', 'item'],
};

const placeOf = (table: TableName, item: Item): string => {
  const [partition, sort] = KEYS[table];
  return `${table}\n${item[partition]?.S}\n${sort === undefined ? '' : item[sort]?.S}`;
};

/** The service gives the elements of a set in any order, as it does the attributes of an item. */
const withSortedSets = (item: Item = {}): Item =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.SS === undefined ? value : { SS: value.SS.toSorted() },
    ]),
  );
