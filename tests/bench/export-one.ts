/**
 * Exports one draw, as a local run does, and prints as JSON how much it read and wrote. The environment names the tables. Run:
 * `npm run node -- tests/bench/export-one.ts CAMPAIGN FILE`.
 */

import type { QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { lambdaOutside } from '#lambdas/outside.ts';
import { exportToFiles } from '#local/replay/export-files.ts';
import { fileObjects } from '#local/replay/file-objects.ts';
import type { Objects } from '#platform/objects.ts';
import { makeRuntime } from '#platform/runtime.ts';

const MIB = 1_024 * 1_024;

const [campaignId, path] = process.argv.slice(2);
if (campaignId === undefined || path === undefined) throw new Error('expected a campaign and a file');
const counts = { pages: 0, blocks: 0, tableBytes: 0, objectCalls: 0, objectBytes: 0 };

const outside = lambdaOutside();
const { dynamodb } = outside.clients;
const counted = {
  send: async (command: never) => {
    const answer = (await dynamodb.send(command)) as QueryCommandOutput;
    if (answer.Items !== undefined) counts.pages++;
    for (const { item, body } of answer.Items ?? []) {
      if (!item?.S?.startsWith('BLOCK#')) continue;
      counts.blocks++;
      counts.tableBytes += body!.B!.length;
    }
    return answer;
  },
} as unknown as typeof dynamodb;

const countedObjects = (directory: string): Objects => {
  const objects = fileObjects(directory);
  const count = (body: Uint8Array | undefined): void => {
    counts.objectCalls++;
    counts.objectBytes += body?.length ?? 0;
  };
  return {
    ...objects,
    put: async (key, body) => {
      count(body);
      await objects.put(key, body);
    },
    get: async (key) => {
      const body = await objects.get(key);
      count(body);
      return body;
    },
    uploadPart: async (key, upload, number, body) => {
      count(body);
      return objects.uploadPart(key, upload, number, body);
    },
  };
};

const runtime = makeRuntime({ ...outside, clients: { ...outside.clients, dynamodb: counted } });
await exportToFiles(runtime, campaignId, path, countedObjects);
const { pages, blocks, tableBytes, objectCalls, objectBytes } = counts;
const mib = (bytes: number): number => Number((bytes / MIB).toFixed(1));
const printed = { pages, blocks, tableMib: mib(tableBytes), objectCalls, objectMib: mib(objectBytes) };
process.stdout.write(JSON.stringify(printed));
