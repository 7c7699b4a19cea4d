/**
 * Peak memory (resident) of exporting an instant draw from the tables, and of verifying the export, for draws of several
 * lengths with random ids. The memory limit is reached at half a million entries; more entries must not need more memory. Run:
 * `npm run node -- tests/bench/export-memory.ts [ENTRIES …]`.
 */

import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import { keepOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { startSecrets } from '#local/aws/secrets.ts';
import { definitionOf, instantRules, STARTS_AT_MS } from '../free-orders/factory.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { testRuntime } from '../support/runtime.ts';

const DEFAULT_ENTRIES = [500_000, 1_000_000];
/** The orders in a block: those of a batch of ten messages. */
const BLOCK_ORDERS = 1_000;
const HOUR_MS = 3_600_000;
const SECOND_US = 1_000_000;
const MIB = 1_024 * 1_024;
const KIB_PER_MIB = 1_024;
const SECRET = 'draw-secret';

const REPORT_USAGE = "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())))";

/** Runs a script in a separate process, which reports its own resource use at its end. */
const usageOf = async (
  script: string,
  ...parameters: string[]
): Promise<{ peakMib: number; cpuSeconds: number }> => {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT_USAGE)}`;
  const child = spawn(process.execPath, ['--import', preload, script, ...parameters], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let report = '';
  child.stderr.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script}: expected exit code 0, got ${code}: ${report}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(report) as NodeJS.ResourceUsage;
  return { peakMib: maxRSS / KIB_PER_MIB, cpuSeconds: (userCPUTime + systemCPUTime) / SECOND_US };
};

const dynoxide = await startDynoxide();
const secretsManager = await startSecrets([SECRET]);
const environment = {
  ...process.env,
  ...dynoxide.environment,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
};
const secrets = new SecretsManagerClient({
  endpoint: secretsManager.endpoint,
  region: LOCAL_REGION,
  credentials: DUMMY_CREDENTIALS,
});
const runtime = testRuntime({ clients: { dynamodb: dynoxide.client, secrets } });

const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** Makes a finished draw of this many orders, none of which wins: a win is exported like a loss, but takes long to make. */
const drawOf = async (campaignId: string, entries: number): Promise<void> => {
  const rules = instantRules({ odds: { win: 1, in: 1_000_000_000 } });
  const definition = { ...definitionOf(rules), campaignId };
  await registerCampaign(runtime, definition);
  await putItemsOnce(
    runtime,
    campaignId,
    drawOpeningItems(definition, await drawKeys(runtime, campaignId), STARTS_AT_MS),
  );
  await listCampaign(runtime, definition);
  const draw = await openDraw(runtime, campaignId);
  for (let first = 0; first < entries; first += BLOCK_ORDERS) {
    const size = Math.min(BLOCK_ORDERS, entries - first);
    const orders = Array.from({ length: size }, (_, i) => ({
      orderId: digits(`order ${first + i}`),
      memberId: digits(`member ${(first + i) >> 1}`),
      timeMs: STARTS_AT_MS + Math.floor(((first + i) / entries) * HOUR_MS),
      channel: 'near' as const,
      storeId: `store-${i}`,
      paidFen: 1_000 + i,
      tier: '',
      firstOrder: false,
    }));
    await keepOrders(runtime, draw, orders, STARTS_AT_MS);
  }
  const deadlineMs = Number.POSITIVE_INFINITY;
  await advanceDraw(runtime, campaignId, { nowMs: Date.now() + HOUR_MS, deadlineMs, relays: [] });
};

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_ENTRIES;
const folder = await mkdtemp(join(tmpdir(), 'export-'));
try {
  const rows = [];
  for (const entries of counts) {
    const campaignId = `draw-${entries}`;
    await drawOf(campaignId, entries);
    const path = join(folder, 'draw.ndjson');
    const exported = await usageOf('tests/bench/export-one.ts', campaignId, path);
    const verified = await usageOf('local/verify.ts', '--draw', path);
    rows.push({
      entries,
      'file MiB': Math.round((await stat(path)).size / MIB),
      'export, peak MiB': Math.round(exported.peakMib),
      'export, CPU s': exported.cpuSeconds.toFixed(1),
      'verify, peak MiB': Math.round(verified.peakMib),
      'verify, CPU s': verified.cpuSeconds.toFixed(1),
    });
  }
  console.table(rows);
} finally {
  await rm(folder, { recursive: true });
  await secretsManager.stop();
  await dynoxide.stop();
}
