/** Tables in memory, workers and a clock to bench the metrics: time is virtual, and units are counted by DynamoDB's rules. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { operationOf, type SentCommand } from '#local/emulator/hooks.ts';
import { itemBytes } from '#local/emulator/sizes.ts';
import type { Tables } from '#local/emulator/tables.ts';
import { UNBOUNDED } from '#local/emulator/throughput.ts';
import { SECOND_MS } from '#platform/duration.ts';
import type { Item } from '#platform/item.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { metricsTables } from '../../support/emulated-tables.ts';
import { seededRandom } from '../../support/random.ts';
import { testOutside } from '../../support/runtime.ts';

export const TABLE = 'Metrics';
/** How long a call to a table takes. */
const CALL_MS = 5;
const UNIT_BYTES = 1_024;
/** A key's units a second are the mean over this many seconds. */
const KEY_SECONDS = 10;

/** A clock that stands still while anything computes, and then moves on to the end of the wait that ends first. */
export class VirtualTime {
  nowMs: number;
  #waiting: { atMs: number; resolve: () => void }[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ atMs: this.nowMs + ms, resolve }));
  }

  /** Runs work to its end. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    while (!isOver) {
      await nextTurn();
      if (this.#waiting.length === 0) continue;
      const atMs = Math.min(...this.#waiting.map((one) => one.atMs));
      const due = this.#waiting.filter((one) => one.atMs === atMs);
      this.#waiting = this.#waiting.filter((one) => one.atMs !== atMs);
      this.nowMs = Math.max(this.nowMs, atMs);
      for (const { resolve } of due) resolve();
    }
    return work;
  }
}

export type SentMessage = { body: string; visibleMs: number };

export type World = {
  tables: Tables;
  time: VirtualTime;
  spent: { calls: number; tablesMs: number; rowWrites: number };
  /** Write units of whole items that were put, by key and by spans of ten seconds. Updates do not count. */
  keyUnits: Map<string, number>;
  sent: SentMessage[];
  /** What a worker is made with; each worker has a memory of its own. */
  outside: Outside;
  runtime: Runtime;
};

type Written = { Item?: Item; RequestItems?: Record<string, { PutRequest?: { Item: Item } }[]> };

/** The whole items that a call puts. */
const putItems = ({ Item: one, RequestItems: many = {} }: Written): Item[] => [
  ...(one === undefined ? [] : [one]),
  ...Object.values(many).flatMap((requests) =>
    Array.isArray(requests)
      ? requests.flatMap(({ PutRequest: put }) => (put === undefined ? [] : [put.Item]))
      : [],
  ),
];

export const newWorld = (startMs: number): World => {
  const time = new VirtualTime(startMs);
  const tables = metricsTables({
    clock: { nowMs: () => time.nowMs },
    random: seededRandom(1),
    // Units are counted here, and no call is throttled.
    limits: { table: UNBOUNDED, partition: UNBOUNDED },
  });
  const emulated = emulatedDynamoDb(tables);
  const spent = { calls: 0, tablesMs: 0, rowWrites: 0 };
  const keyUnits = new Map<string, number>();
  const sent: SentMessage[] = [];
  const send = async (command: SentCommand): Promise<object> => {
    spent.calls++;
    await time.wait(CALL_MS);
    const cpu = process.cpuUsage();
    try {
      return await emulated.send(command as never);
    } finally {
      const second = Math.floor(time.nowMs / SECOND_MS / KEY_SECONDS);
      for (const item of putItems(operationOf(command).input)) {
        if (item.item!.S === 'ROW') spent.rowWrites++;
        const key = `${item.window!.S} ${second}`;
        keyUnits.set(key, (keyUnits.get(key) ?? 0) + Math.ceil(itemBytes(item) / UNIT_BYTES));
      }
      const { user, system } = process.cpuUsage(cpu);
      spent.tablesMs += (user + system) / 1_000;
    }
  };
  const toQueue = async ({
    input,
  }: {
    input: { Entries: { MessageBody: string; DelaySeconds?: number }[] };
  }) => {
    for (const { MessageBody: body, DelaySeconds: delay = 0 } of input.Entries)
      sent.push({ body, visibleMs: time.nowMs + delay * SECOND_MS });
    return {};
  };
  const outside = testOutside({
    clock: { nowMs: () => time.nowMs, wait: (ms) => time.wait(ms) },
    environment: { ROLLUP_QUEUE_URL: 'rollup', QUIET_SLOT_SECONDS: '10' },
    clients: {
      dynamodb: { send: send as unknown as DynamoDBClient['send'] },
      sqs: { send: toQueue as never },
    },
  });
  return { tables, time, spent, keyUnits, sent, outside, runtime: makeRuntime(outside) };
};

/** Write and read units, calls and CPU ms of some work. */
export type Cost = { write: number; read: number; calls: number; cpuMs: number };

export const FREE: Cost = { write: 0, read: 0, calls: 0, cpuMs: 0 };

/** What some work costs. Its CPU time is that of our own code: that of the process less that of the tables. No SDK runs. */
export const costOf = async ({ tables, spent, time }: World, work: () => Promise<unknown>): Promise<Cost> => {
  const unitsOf = () => tables.consumed.get(TABLE) ?? { read: 0, write: 0 };
  const [units, { calls, tablesMs }, cpu] = [{ ...unitsOf() }, { ...spent }, process.cpuUsage()];
  await time.run(work());
  const { user, system } = process.cpuUsage(cpu);
  return {
    write: unitsOf().write - units.write,
    read: unitsOf().read - units.read,
    calls: spent.calls - calls,
    cpuMs: Math.max(0, (user + system) / 1_000 - (spent.tablesMs - tablesMs)),
  };
};

export const added = (a: Cost, b: Cost): Cost => ({
  write: a.write + b.write,
  read: a.read + b.read,
  calls: a.calls + b.calls,
  cpuMs: a.cpuMs + b.cpuMs,
});

export const perOne = (cost: Cost, count: number): Cost => ({
  write: cost.write / count,
  read: cost.read / count,
  calls: cost.calls / count,
  cpuMs: cost.cpuMs / count,
});

/** The most write units a second that any key got, as a mean over ten seconds. */
export const busiestKey = ({ keyUnits }: World): number => Math.max(0, ...keyUnits.values()) / KEY_SECONDS;
