/** The tables in this process, empty, with the hooks that a test wants around each call. */

import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { Tables } from '#local/emulator/tables.ts';
import type { Clients } from '#platform/runtime.ts';
import { seededRandom } from './random.ts';

const KEYS: Readonly<Record<string, readonly [partition: string, sort?: string]>> = {
  Campaigns: ['campaign', 'item'],
  Members: ['member'],
  Grants: ['member', 'grant'],
  Draws: ['draw', 'item'],
  Metrics: ['window', 'item'],
};

/** `staleMs` is how far behind eventually consistent reads are. */
export const emulatedTables = (hooks: Hooks = {}, staleMs = 0): Clients['dynamodb'] => {
  const tables = new Tables({
    clock: { nowMs: () => Date.now() },
    random: seededRandom(7),
    staleness: () => staleMs,
  });
  for (const [TableName, [partition, sort]] of Object.entries(KEYS)) {
    const names = sort === undefined ? [partition] : [partition, sort];
    tables.createTable({
      TableName,
      KeySchema: names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    });
  }
  return emulatedDynamoDb(tables, hooks);
};
