import { type ExamplesMessage, toExampleTuple } from '#domain/learning/example.ts';
import { examplesSettings } from '#domain/learning/example-windows.ts';
import { chunks } from '#platform/collections.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { CampaignExample } from './examples.ts';

/** At about 110 bytes for each example, this keeps a message far below SQS's limit. */
const EXAMPLES_PER_MESSAGE = 200;

/** Sends examples to the metrics queue. Callers send their metric events at the same point. */
export const sendExamples = async (runtime: Runtime, examples: readonly CampaignExample[]): Promise<void> => {
  const messages: { message: ExamplesMessage }[] = [];
  for (const ofCampaign of Map.groupBy(examples, ({ settings }) => settings.campaignId).values()) {
    const { settings, coupons } = ofCampaign[0]!;
    for (const chunk of chunks(ofCampaign, EXAMPLES_PER_MESSAGE)) {
      messages.push({
        message: {
          settings: examplesSettings(settings, coupons),
          events: [],
          examples: chunk.map(({ example }) => toExampleTuple(example)),
        },
      });
    }
  }
  await sendAll(runtime, runtime.environment('METRICS_QUEUE_URL'), messages);
};
