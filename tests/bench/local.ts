// How long the local run takes to start, and its throughput: npm run node -- tests/bench/local.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleHandlers } from '#lib/bundle.ts';
import { assemble } from '#local/aws/assembly.ts';
import { startDynamodb } from '#local/aws/dynamodb.ts';
import { startPipeline } from '#local/aws/pipeline.ts';
import { startSqs } from '#local/aws/sqs.ts';
import { startFixture } from '../local/fixture.ts';

const timed = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const beginMs = performance.now();
  const result = await work();
  return [Math.round(performance.now() - beginMs), result];
};

const startUp = async (): Promise<void> => {
  const bundles = mkdtempSync(join(tmpdir(), 'bench-'));
  const [bundleMs] = await timed(() => bundleHandlers(bundles));
  rmSync(bundles, { recursive: true });
  const context = {};
  await assemble(context);
  const [assembleMs] = await timed(() => assemble(context));
  const [sqsMs, sqs] = await timed(() => startSqs(0));
  const [dynamodbMs, dynamodb] = await timed(() => startDynamodb(0));
  await Promise.all([sqs.stop(), dynamodb.stop()]);
  const [startMs, pipeline] = await timed(() => startPipeline({ context }));
  const [stopMs] = await timed(() => pipeline.stop());
  console.log('start-up, each step alone, ms');
  console.table({ bundleMs, assembleMs, sqsMs, dynamodbMs, startMs, stopMs });
};

const SHAPES = [
  { count: 20_000, bytes: 300, mapping: { BatchSize: 10 } },
  { count: 20_000, bytes: 300, mapping: { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 } },
  { count: 20_000, bytes: 300, mapping: { BatchSize: 1_000, MaximumBatchingWindowInSeconds: 1 } },
  { count: 2_000, bytes: 40_000, mapping: { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 } },
];

/** Fills the queue while the function waits for a file, then lets the function run. */
const throughput = async ({ count, bytes, mapping }: (typeof SHAPES)[number]) => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const gate = join(directory, 'open');
  await using fixture = await startFixture({
    code: `import { existsSync } from 'node:fs';
      let open = false;
      export const handler = async () => {
        while (!open && !(open = existsSync(${JSON.stringify(gate)}))) await new Promise((r) => setTimeout(r, 5));
        return { batchItemFailures: [] };
      };`,
    mapping,
    lambda: { Timeout: 900 },
    queue: { VisibilityTimeout: 900 },
  });
  const [fillMs] = await timed(() => fixture.send(Array.from({ length: count }, () => 'x'.repeat(bytes))));
  const before = process.cpuUsage();
  writeFileSync(gate, '');
  const [drainMs] = await timed(() => fixture.untilIdle());
  const { user, system } = process.cpuUsage(before);
  rmSync(directory, { recursive: true });
  return {
    messages: count,
    bytes,
    batch: mapping.BatchSize,
    'fill messages/s': Math.round((count / fillMs) * 1_000),
    'drain messages/s': Math.round((count / drainMs) * 1_000),
    'drain MB/s': Math.round((count * bytes) / drainMs / 100) / 10,
    'host CPU ms/1000': Math.round((user + system) / count),
    invocations: fixture.pipeline.invocations().worker?.invocations,
  };
};

await startUp();
console.log('through a function that does nothing, two processes');
const rows = [];
for (const shape of SHAPES) rows.push(await throughput(shape));
console.table(rows);
