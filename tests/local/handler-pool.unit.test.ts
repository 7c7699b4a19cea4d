import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startClock } from '#local/aws/clock.ts';
import { handlerLogs } from '#local/aws/handler-logs.ts';
import { handlerPool } from '#local/aws/handler-pool.ts';
import { REPOSITORY } from '../support/run-start.ts';

const directory = mkdtempSync(join(tmpdir(), 'zhihui-pool-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a pool that stops answers all who wait for a place, however many they are', async () => {
  writeFileSync(join(directory, 'index.mjs'), 'export const handler = () => new Promise(() => {});\n');
  const pool = handlerPool({
    lambda: {
      ...{ shortName: 'slow', name: 'slow', arn: 'arn:aws:lambda:us-east-1:0:function:slow' },
      ...{ directory, handler: 'index.handler', memoryMib: 128, timeoutSeconds: 60, environment: {} },
    },
    program: join(REPOSITORY, 'local/aws/handler-process.ts'),
    environment: {},
    processesMax: 1,
    clock: startClock(),
    logs: handlerLogs(),
  });
  const outcomes = Promise.all(Array.from({ length: 4 }, () => pool.invoke({})));
  await pool.stop();
  expect((await outcomes).map(({ ok }) => ok)).toEqual([false, false, false, false]);
});
