/** Starts the later passes of a presale, and continues its issuing after a pause. */
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { advance, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { issuesInPresale } from './issued.ts';
import { readPlan } from './plan-item.ts';
import { segmentMessages, startMessages } from './segment.ts';
import { readSegments, segmentsDone } from './segments.ts';

const START_ITEMS = { correct: 'CORRECT_START', issue: 'ISSUE_START' } as const;

/**
 * Begins a later pass of a presale, over all segments. Every worker that finds the earlier pass complete calls this, also if its
 * message is delivered again. The messages of the pass are marked as sent only after they are sent, so they are sent again after
 * a crash.
 */
export const startPassOnce = async (
  runtime: Runtime,
  campaignId: string,
  segments: number,
  pass: keyof typeof START_ITEMS,
): Promise<void> => {
  const key: ProgressKey = { campaign: campaignId, item: START_ITEMS[pass] };
  const known = await readProgress(runtime, key);
  if (known.isDone) return;
  await sendAll(
    runtime,
    runtime.environment('AUDIENCE_QUEUE_URL'),
    startMessages(campaignId, segments, pass),
  );
  await advance(runtime, key, known, { isDone: true });
};

/**
 * After a campaign is resumed, lets its presale issue the rest of its plan. If there is no plan yet, the issuing begins by
 * itself once there is one.
 */
export const resumeIssuing = async (runtime: Runtime, campaignId: string): Promise<void> => {
  const definition = await readDefinition(runtime, campaignId);
  if (definition?.coupons === undefined || !issuesInPresale(definition.coupons)) return;
  const segments = await readSegments(runtime, campaignId);
  if (segments === undefined || (await readPlan(runtime, campaignId)) === undefined) return;
  const done = await segmentsDone(runtime, campaignId, segments, 'issue');
  const indexes = [...Array(segments).keys()].filter((index) => !done.has(index));
  await sendAll(
    runtime,
    runtime.environment('AUDIENCE_QUEUE_URL'),
    segmentMessages(campaignId, { segments, indexes }, 'issue'),
  );
};
