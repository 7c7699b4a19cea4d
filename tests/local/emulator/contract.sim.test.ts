import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dynamodb, hasDynoxide, startDynoxide } from '#local/aws/dynamodb.ts';
import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { Tables } from '#local/emulator/tables.ts';
import { QUERIES, UNITS, WRITES } from './contract-calls.ts';
import { type Client, CONDITIONS, KEYS, TABLE, UPDATES } from './contract-cases.ts';

const CASES = [...CONDITIONS, ...UPDATES, ...KEYS, ...UNITS, ...QUERIES, ...WRITES];

/** What Dynoxide does differently from what the service documents. */
const DYNOXIDE_DIFFERS: ReadonlyMap<string, string> = new Map([
  ['the condition n = :v of {":v":{"N":"1"},":unused":{"N":"2"}} is refused', 'unused values are accepted'],
  ['the condition n = :v of {":v":{"N":"1"}} is refused', 'unused names are accepted'],
  ['an index beyond the end appends', 'the gap is filled with NULL'],
  ['REMOVE closes the gaps of a list', 'an index refers to the list without the elements removed before'],
  ['ADD joins sets', 'numbers of sets are compared as written'],
]);

describe('the emulated tables', () => {
  const tables = new Tables({ clock: { nowMs: () => 0 }, random: () => 0 });
  const client = emulatedDynamoDb(tables);
  beforeAll(() => client.send(new CreateTableCommand(TABLE)));

  for (const [i, { policy, observe, expected }] of CASES.entries())
    it(policy, async () => expect(await observe(client, `p${i}`)).toEqual(expected));
});

// Skipped where there is no Dynoxide for this machine.
describe.skipIf(!hasDynoxide())('Dynoxide (skipped if it has no binary here)', () => {
  let dynamodb: Dynamodb;
  let client: Client & { destroy(): void };
  beforeAll(async () => {
    dynamodb = await startDynoxide(0);
    client = new DynamoDBClient({
      endpoint: dynamodb.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await client.send(new CreateTableCommand(TABLE));
  });
  afterAll(async () => {
    client.destroy();
    await dynamodb.stop();
  });

  for (const [i, { policy, observe, expected }] of CASES.entries()) {
    const difference = DYNOXIDE_DIFFERS.get(policy);
    if (difference === undefined) {
      it(policy, async () => expect(await observe(client, `p${i}`)).toEqual(expected));
    } else {
      it(`differs from "${policy}": ${difference}`, async () =>
        expect(await observe(client, `p${i}`).catch(String)).not.toEqual(expected));
    }
  }
});
