/** Draws of any size over a local DynamoDB, for benches whose measured part runs in a process of its own. */
import { hash } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import { keepOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { startSecrets } from '#local/aws/secrets.ts';
import type { Runtime } from '#platform/runtime.ts';
import { definitionOf, instantRules, STARTS_AT_MS, slotRules } from '../../free-orders/factory.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { askRelay } from '../../support/free-order-world.ts';
import { testRuntime } from '../../support/runtime.ts';
import { usageOf } from '../usage-of.ts';

/** The orders in a block: those of a batch of ten messages. */
const BLOCK_ORDERS = 1_000;
export const HOUR_MS = 3_600_000;
/** The secrets behind draws and behind the names of erased members. */
const SECRETS = ['draw-secret', 'erasure-secret'];

export type DrawWorld = {
  runtime: Runtime;
  /** Opens a draw and stores this many orders in it. A draw by slots has only one slot. */
  fill: (campaignId: string, mode: string, entries: number) => Promise<void>;
  /** Runs a script on the same tables, and measures what it uses. */
  usageOf: (script: string, ...parameters: string[]) => ReturnType<typeof usageOf>;
  stop: () => Promise<void>;
};

const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/**
 * Opens a draw of an hour with this many orders. Hardly any of them wins: wins are exported like losses, but
 * take long to make.
 */
const fillDraw = async (
  runtime: Runtime,
  campaignId: string,
  mode: string,
  entries: number,
): Promise<void> => {
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
};

export const startDraws = async (): Promise<DrawWorld> => {
  const dynoxide = await startDynoxide();
  const secretsManager = await startSecrets(SECRETS);
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
  return {
    runtime,
    fill: (campaignId, mode, entries) => fillDraw(runtime, campaignId, mode, entries),
    usageOf: (script, ...parameters) => usageOf(environment, script, ...parameters),
    stop: async () => {
      await secretsManager.stop();
      await dynoxide.stop();
    },
  };
};
