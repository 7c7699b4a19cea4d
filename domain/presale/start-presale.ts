/** Starts the presale of a campaign once its time has come. */
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { advance, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import { compartment } from '#platform/memory.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { AudienceMessage } from './segment.ts';

const startKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'PRESALE_START' });

/** Campaigns whose presale has started: it never starts again. */
const STARTED = compartment(() => new Set<string>());

/** Sends the message that begins a presale. Once the presale has begun, the message is a no-op. */
const startPresale = (runtime: Runtime, campaignId: string): Promise<void> => {
  const message: AudienceMessage = { pass: 'start', campaignId };
  return sendAll(runtime, runtime.environment('AUDIENCE_QUEUE_URL'), [{ message }]);
};

/**
 * Starts the presale of a campaign once its time has come: when the campaign opens, or with a later tick. The presale is marked
 * as started only after its message is sent, so after a crash between the two the message is sent again. Lost or doubled ticks do
 * no harm.
 */
export const startPresaleWhenDue = async (
  runtime: Runtime,
  { settings: { campaignId }, presaleAtMs }: Pick<OpenCampaign, 'settings' | 'presaleAtMs'>,
  nowMs: number,
): Promise<void> => {
  if (presaleAtMs === undefined || nowMs < presaleAtMs) return;
  const started = runtime.memory.of(STARTED);
  if (started.has(campaignId)) return;
  const key = startKey(campaignId);
  const known = await readProgress(runtime, key);
  if (!known.isDone) {
    await startPresale(runtime, campaignId);
    await advance(runtime, key, known, { isDone: true, doneMs: nowMs });
    runtime.logger.info('presale started', { campaignId });
  }
  started.add(campaignId);
};
