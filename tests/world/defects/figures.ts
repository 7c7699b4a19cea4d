import { bySeeds, byTest, byWorkload, type Defect, defect, type PlainWeather } from './defect.ts';

/** In three invocations of ten, the worker is paused for minutes in the middle of its work; the calls of all workers are slow. */
const PAUSES: PlainWeather = { rates: { zombie: 0.3, sluggish: 1 }, attempts: 1 };

/** Defects in the figures, and in the code that reads and writes tables and queues. */
export const FIGURES: readonly Defect[] = [
  defect(
    'stale-queries',
    ['platform/query-pages.ts', 'ConsistentRead: true', 'ConsistentRead: false'],
    'queries read what was true a second ago',
    bySeeds(20, 'outbox', 'coupon-accounts', 'coupon-metrics'),
  ),
  defect(
    'stale-batch-reads',
    ['platform/batch-get.ts', 'ConsistentRead: true', 'ConsistentRead: false'],
    'reads of several items read what was true a second ago',
    bySeeds(40, 'watermark', 'metrics', 'revocations', 'winners'),
  ),
  defect(
    'refused-row-is-written',
    [
      'domain/metrics/row-items.ts',
      'if (error instanceof ConditionalCheckFailedException) return false;',
      'if (error instanceof ConditionalCheckFailedException) return true;',
    ],
    'a row that was refused counts as written',
    byTest(
      'tests/metrics/put-row.unit.test.ts',
      'workers of one campaign take turns, and a message that comes back makes the row again',
    ),
  ),
  defect(
    'row-over-a-newer-one',
    [
      'domain/metrics/row-items.ts',
      "ConditionExpression: '#version = :before'",
      "ConditionExpression: '#version = :before OR attribute_exists(#version)'",
    ],
    'a row made of fewer blocks replaces a row made of more',
    byWorkload('row-races', PAUSES, 'rows'),
  ),
  defect(
    'first-row-over-another',
    [
      'domain/metrics/row-items.ts',
      "ConditionExpression: 'attribute_not_exists(#version)'",
      "ConditionExpression: 'attribute_not_exists(#version) OR attribute_exists(#version)'",
    ],
    'a worker that saw no row of a window overwrites the row that another has written since',
    byWorkload('row-races', PAUSES, 'rows'),
  ),
  {
    name: 'struck-out-before-the-total',
    file: 'domain/metrics/rollup/tree.ts',
    edits: [
      {
        search: '  const marks = await readMarks(runtime, settings);\n',
        replacement:
          '  await removeDone(runtime, settings, changes, { dirty, done });\n  const marks = await readMarks(runtime, settings);\n',
      },
      {
        search: '  await removeDone(runtime, settings, changes, { dirty, done });\n  await',
        replacement: '  await',
      },
    ],
    breaks: 'blocks count as folded in before the rows above their windows have them',
    caughtBy: bySeeds(10, 'watermark'),
  },
  {
    name: 'pending-before-the-block',
    file: 'lambdas/metrics/handler.ts',
    edits: [
      { search: '      await putBlocks(runtime, settings, blocks);\n', replacement: '' },
      {
        search: '      const windows = [',
        replacement: '      await putBlocks(runtime, settings, blocks);\n      const windows = [',
      },
    ],
    breaks: 'a block is pending before it exists',
    caughtBy: bySeeds(10, 'blocks'),
  },
  defect(
    'watermark-ahead',
    ['domain/metrics/rollup/tree.ts', 'Math.min(newestMs, oldestMs)', 'Math.min(newestMs, oldestMs * 2)'],
    'figures are said to be complete though blocks are not folded in',
    bySeeds(10, 'watermark-truth'),
  ),
  defect(
    'refunds-do-not-move-the-newest',
    ['domain/metrics/rollup/row.ts', 'if (ORDERS.has(head)) row.newestMs', 'if (head === PAID) row.newestMs'],
    'the newest time of a row ignores its refunds',
    bySeeds(20, 'watermark-truth'),
  ),
  defect(
    'doubles-counted',
    [
      'domain/metrics/rollup/row.ts',
      'for (const event of byId.values()) addEvent(row, event);',
      'for (const event of events) addEvent(row, event);',
    ],
    'an event that came twice counts twice',
    bySeeds(10, 'metrics'),
  ),
  defect(
    'expired-blocks-forgotten',
    [
      'domain/metrics/rollup/fold-window.ts',
      'const hasExpired = isSealed(settings, key, window, runtime.clock.nowMs());',
      'const hasExpired = isSealed(settings, key, window, runtime.clock.nowMs()) && news.length < 0;',
    ],
    'a window whose blocks have expired is made again without them',
    byTest(
      'tests/metrics/late.sim.test.ts',
      'in a simulated run, all messages of a window are delivered again, and make the same row again',
    ),
  ),
  defect(
    'blocks-expire-early',
    [
      'domain/metrics/metrics-table.ts',
      'export const BLOCK_MARGIN_MS = 21 * DAY_MS;',
      'export const BLOCK_MARGIN_MS = 0 * DAY_MS;',
    ],
    'blocks expire while a message may still lie in a dead-letter queue',
    bySeeds(10, 'blocks'),
  ),
];
