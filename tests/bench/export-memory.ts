/**
 * What exporting a draw and verifying the export cost, by the draw's length and in both modes: reads of tables and objects, bytes,
 * seconds of a CPU and peak resident memory. All but the memory grow with the entries. Draws have random ids, and a draw in slots
 * is one slot. Run: `npm run node -- tests/bench/export-memory.ts [instant:ENTRIES | slot:ENTRIES …]`.
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
import { definitionOf, instantRules, STARTS_AT_MS, slotRules } from '../free-orders/factory.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { askRelay } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';

const DEFAULT_DRAWS = ['instant:100000', 'instant:2000000', 'slot:100000', 'slot:1000000'];
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
): Promise<{ peakMib: number; cpuSeconds: number; output: string }> => {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT_USAGE)}`;
  const child = spawn(process.execPath, ['--import', preload, script, ...parameters], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let report = '';
  child.stderr.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script}: expected exit code 0, got ${code}: ${report}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(report) as NodeJS.ResourceUsage;
  return { peakMib: maxRSS / KIB_PER_MIB, cpuSeconds: (userCPUTime + systemCPUTime) / SECOND_US, output };
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
// Nobody reads what the draw publishes.
const sqs = { send: (async () => ({})) as never };
const runtime = testRuntime({ clients: { dynamodb: dynoxide.client, sqs, secrets }, fetch: askRelay });

const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** Makes a finished draw of this many orders with hardly a win, because a win takes long to make and is exported like a loss. */
const drawOf = async (campaignId: string, mode: string, entries: number): Promise<void> => {
  const rules =
    mode === 'slot'
      ? slotRules({ slotSeconds: 3_600, prizes: 10, perMember: 1 })
      : instantRules({ odds: { win: 1, in: 1_000_000_000 } });
  const definition = { ...definitionOf(rules), campaignId };
  const { stored } = await registerCampaign(runtime, definition);
  await putItemsOnce(
    runtime,
    campaignId,
    drawOpeningItems(
      definition,
      { keys: await drawKeys(runtime, campaignId), layout: stored.layout },
      STARTS_AT_MS,
    ),
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
  await advanceDraw(runtime, campaignId, {
    nowMs: Date.now() + HOUR_MS,
    deadlineMs,
    relays: ['https://relay.test'],
  });
};

/** What `export-one.ts` prints of an export. */
type Operations = Record<'pages' | 'blocks' | 'tableMib' | 'objectCalls' | 'objectMib', number>;

const draws = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_DRAWS;
const folder = await mkdtemp(join(tmpdir(), 'export-'));
type Row = Record<string, string | number>;
const rows: Row[] = [];
/** The costs of a mode's longest draw as multiples of those of its shortest. */
const ratiosOf = (mode: string): Row => {
  const ofMode = rows.filter((row) => row.mode === mode);
  const [first, last] = [ofMode[0]!, ofMode.at(-1)!];
  const ratios = Object.keys(first).map((key) => [key, (Number(last[key]) / Number(first[key])).toFixed(1)]);
  return { ...Object.fromEntries(ratios), mode: `${mode}, ratio` };
};
try {
  for (const [number, wanted] of draws.entries()) {
    const [mode = '', count] = wanted.split(':');
    const entries = Number(count);
    const campaignId = `draw-${number}`;
    await drawOf(campaignId, mode, entries);
    const path = join(folder, 'draw.ndjson');
    const exported = await usageOf('tests/bench/export-one.ts', campaignId, path);
    const verified = await usageOf('local/verify.ts', '--draw', path);
    rows.push({
      mode,
      entries,
      ...(JSON.parse(exported.output) as Operations),
      'file MiB': ((await stat(path)).size / MIB).toFixed(1),
      'export, CPU s': exported.cpuSeconds.toFixed(1),
      'export, peak MiB': Math.round(exported.peakMib),
      'verify, CPU s': verified.cpuSeconds.toFixed(1),
      'verify, peak MiB': Math.round(verified.peakMib),
    });
  }
  console.table([...rows, ...[...new Set(rows.map(({ mode }) => String(mode)))].map(ratiosOf)]);
} finally {
  await rm(folder, { recursive: true });
  await secretsManager.stop();
  await dynoxide.stop();
}
