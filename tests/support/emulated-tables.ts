/** The tables in this process, empty, with the hooks that a test wants around each call. */

import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { Tables, type TablesOptions } from '#local/emulator/tables.ts';
import { UNBOUNDED } from '#local/emulator/throughput.ts';
import type { Clients } from '#platform/runtime.ts';
import { seededRandom } from './random.ts';

/** For each table its partition key, and its sort key if it has one. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  Campaigns: ['campaign', 'item'],
  Members: ['member'],
  Grants: ['member', 'grant'],
  Draws: ['draw', 'item'],
  Metrics: ['window', 'item'],
};

const createTable = (tables: Tables, TableName: string, expiryAttribute?: string): void => {
  const names = KEYS[TableName]!;
  tables.createTable({
    TableName,
    KeySchema: names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    ...(expiryAttribute === undefined
      ? {}
      : { TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true } }),
  });
};

/** The metrics table alone, as the stack defines it. */
export const metricsTables = (options: TablesOptions): Tables => {
  const tables = new Tables(options);
  createTable(tables, 'Metrics', 'expiresAt');
  return tables;
};

/** Tables that never throttle. `staleMs` is how many ms eventually consistent reads are behind. */
export const emulatedTables = (hooks: Hooks = {}, staleMs = 0): Clients['dynamodb'] => {
  const tables = new Tables({
    clock: { nowMs: () => Date.now() },
    random: seededRandom(7),
    staleness: () => staleMs,
    // Calls follow each other as fast as the machine can make them, which says nothing about throttling in AWS.
    limits: { table: UNBOUNDED, partition: UNBOUNDED },
  });
  for (const name of Object.keys(KEYS)) createTable(tables, name);
  return emulatedDynamoDb(tables, hooks);
};
