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

const poolOf = (code: string) => {
  writeFileSync(join(directory, 'index.mjs'), code);
  return handlerPool({
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
};

it('a pool that is stopped answers every invocation that waits for a process, however many wait', async () => {
  const pool = poolOf('export const handler = () => new Promise(() => {});\n');
  const outcomes = Promise.all(Array.from({ length: 4 }, () => pool.invoke({})));
  await pool.stop();
  expect((await outcomes).map(({ ok }) => ok)).toEqual([false, false, false, false]);
});

it('a pool that is warmed starts one process, which takes the first invocation', async () => {
  const pool = poolOf('export const handler = () => process.pid;\n');
  pool.warm();
  pool.warm();
  const first = await pool.invoke({});
  expect(first).toEqual({ ok: true, response: expect.any(Number) });
  pool.warm();
  expect(await pool.invoke({})).toEqual(first);
  await pool.stop();
});
