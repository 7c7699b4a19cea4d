/** Ends the draws of a replay, and writes their exports. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { MAX_GRACE_SECONDS } from '#events/sections/free-orders.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import { readerRuntime } from '../aws/reader-runtime.ts';
import { exportToFiles, publishedFileOf } from './export-files.ts';
import { sqsSender } from './producer.ts';

/** Longer than any draw waits for late orders, which is the longest grace time of a slot, and an hour for an instant draw. */
const AFTER_THE_END_MS = 2 * MAX_GRACE_SECONDS * 1_000;
const IDLE_POLL_MS = 50;

/**
 * Tells the draw function a time long after `lastMs`, when every campaign has ended, and waits until the function has
 * closed and drawn what it can. What it then publishes carries that time.
 */
export const endDraws = async (
  pipeline: Pick<Pipeline, 'sqsEndpoint' | 'queueUrls' | 'idle'>,
  lastMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const { send, close } = sqsSender(pipeline.sqsEndpoint, pipeline.queueUrls.draw!);
  try {
    const body = JSON.stringify({ time: new Date(lastMs + AFTER_THE_END_MS).toISOString() });
    await send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
    while (!signal.aborted && !(await pipeline.idle())) await sleep(IDLE_POLL_MS);
  } finally {
    close();
  }
};

/**
 * Writes `<campaign>.ndjson` and `<campaign>.published.ndjson` for every campaign with free orders; returns a line for each
 * that says how to verify what was written, or why nothing was.
 */
export const writeDraws = async (pipeline: Pipeline, directory: string): Promise<string[]> => {
  const runtime = readerRuntime(pipeline);
  mkdirSync(directory, { recursive: true });
  const lines: string[] = [];
  for (const { settings, hasFreeOrders } of await readListing(runtime)) {
    if (!hasFreeOrders) continue;
    const { campaignId } = settings;
    if ((await readRevealedSeed(runtime, campaignId)) === undefined) {
      lines.push(`draw of ${campaignId}: not over, because rounds of its beacon are still to come`);
      continue;
    }
    const path = join(directory, `${campaignId}.ndjson`);
    await exportToFiles(runtime, campaignId, path);
    lines.push(
      `draw of ${campaignId}: npm run verify -- --draw ${path} --published ${publishedFileOf(path)}`,
    );
  }
  return lines;
};
