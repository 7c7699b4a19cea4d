/** Publishes a draw, and exports it once it is over, on request. */
import { compartment } from '#platform/memory.ts';
import type { Objects } from '#platform/objects.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readFacts, readRevealedSeed } from '../draw/facts-item.ts';
import { openDraw } from '../draw/open-draw.ts';
import { EXPORT_FORMAT } from '../entries/export-items.ts';
import { continueExport, type ExportState, FIRST_STATE, openExport } from './export-draw.ts';
import { FIRST_REVISION, publicObject, publishFacts } from './public-facts.ts';

/**
 * A request to publish what is public of a draw, and to export the draw under this revision if it is over. `continues` says from
 * where an export that has begun goes on.
 */
export type PublishRequest = {
  campaignId: string;
  revision: string;
  continues?: { format: number; state: ExportState };
};

/** The outcome of a request. */
export type Published = 'no-draw' | 'open' | 'exported' | 'continued';

/** The queue of requests. */
const QUEUE = 'PUBLISHER_QUEUE_URL';

export const requestPublication = (runtime: Runtime, requests: readonly PublishRequest[]): Promise<void> =>
  sendAll(
    runtime,
    runtime.environment(QUEUE),
    requests.map((message) => ({ message })),
  );

/** The campaigns whose draw this process asked to publish when the draw was over. */
const REPORTED = compartment(() => new Set<string>());

/**
 * Asks to publish a draw: at each call while it runs, and once when it is over. A process that has just started asks again, which
 * changes nothing.
 */
export const askToPublish = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const reported = runtime.memory.of(REPORTED);
  if (reported.has(campaignId)) return;
  const isOver = (await readRevealedSeed(runtime, campaignId)) !== undefined;
  await requestPublication(runtime, [{ campaignId, revision: FIRST_REVISION }]);
  if (isOver) reported.add(campaignId);
};

const stateOf = ({ continues }: PublishRequest): ExportState =>
  continues?.format === EXPORT_FORMAT ? continues.state : FIRST_STATE;

/**
 * Carries out a request. If `isOver` says that the time is up before the export is complete, the rest is sent as another request.
 * Carrying out a request again changes nothing.
 */
export const publish = async (
  runtime: Runtime,
  objects: Objects,
  request: PublishRequest,
  isOver: () => boolean,
): Promise<Published> => {
  const { campaignId, revision } = request;
  if ((await readFacts(runtime, campaignId)) === undefined) return 'no-draw';
  await publishFacts(runtime, objects, await openDraw(runtime, campaignId));
  if ((await readRevealedSeed(runtime, campaignId)) === undefined) return 'open';
  const place = { campaignId, revision };
  if ((await objects.get(publicObject(place))) !== undefined) return 'exported';
  const exporting = await openExport(runtime, objects, place);
  const state = await continueExport(exporting, stateOf(request), isOver);
  if (state === undefined) {
    // From now on, what is public includes the root of the first export.
    await publishFacts(runtime, objects, exporting.draw);
    return 'exported';
  }
  await requestPublication(runtime, [{ campaignId, revision, continues: { format: EXPORT_FORMAT, state } }]);
  return 'continued';
};
