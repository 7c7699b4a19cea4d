import { expect, it } from 'vitest';
import { LEAST_VALIDITY_MS } from '#domain/grants/grant.ts';
import { MAX_EVENT_BYTES_PER_MESSAGE } from '#domain/intake/pack.ts';
import { WATCHERS, WORKERS } from '#lib/functions/index.ts';
import * as limits from '#lib/limits.ts';
import { SECOND_MS } from '#platform/duration.ts';

const tunings = Object.entries(WORKERS).map(([name, { tuning }]) => [name, tuning] as const);

it.each(tunings)('%s stays within what Lambda allows', (_, tuning) => {
  expect(tuning.timeoutSeconds).toBeLessThanOrEqual(limits.FUNCTION_TIMEOUT_SECONDS_MAX);
  expect(tuning.windowSeconds).toBeLessThanOrEqual(limits.MAPPING_WINDOW_SECONDS_MAX);
  expect(tuning.concurrencyMax).toBeGreaterThanOrEqual(limits.MAPPING_CONCURRENCY_MIN);
  expect(tuning.concurrencyMax).toBeLessThanOrEqual(limits.MAPPING_CONCURRENCY_MAX);
  expect(tuning.batchMessagesMax).toBeLessThanOrEqual(
    tuning.windowSeconds === 0
      ? limits.MAPPING_BATCH_MESSAGES_MAX_WITHOUT_WINDOW
      : limits.MAPPING_BATCH_MESSAGES_MAX,
  );
});

it.each(tunings)('%s gives up on a message before the queue deletes it', (_, tuning) => {
  const visibilitySeconds = limits.visibilitySeconds(
    tuning.timeoutSeconds,
    limits.MAPPING_WINDOW_SECONDS_MAX,
  );
  expect(visibilitySeconds).toBeLessThanOrEqual(limits.SQS_VISIBILITY_SECONDS_MAX);
  expect(limits.RECEIVE_COUNT_MAX * visibilitySeconds).toBeLessThan(limits.QUEUE_RETENTION_DAYS * 86_400);
});

it.each(Object.entries(WATCHERS).map(([name, { tuning }]) => [name, tuning] as const))(
  '%s ends before it is called again, a minute later',
  (_, { timeoutSeconds }) => {
    expect(timeoutSeconds).toBeLessThanOrEqual(60);
  },
);

it.each(['coupon', 'audience'] as const)('%s has written a coupon before the coupon may expire', (name) => {
  expect(WORKERS[name].tuning.timeoutSeconds * SECOND_MS).toBeLessThanOrEqual(LEAST_VALIDITY_MS);
});

it('the screen fits on a dashboard', () => {
  expect(limits.BOARD_WIDGET_COLUMNS).toBeLessThanOrEqual(limits.DASHBOARD_COLUMNS_MAX);
  expect(limits.BOARD_WIDGET_ROWS).toBeLessThanOrEqual(limits.DASHBOARD_WIDGET_ROWS_MAX);
});

it('a dead letter is kept longer than the original message', () => {
  // A message keeps its first timestamp when it is moved, so the dead-letter queue keeps it only for what is left of its time.
  expect(limits.DEAD_LETTER_RETENTION_DAYS).toBeGreaterThan(limits.QUEUE_RETENTION_DAYS);
  expect(limits.DEAD_LETTER_RETENTION_DAYS).toBeLessThanOrEqual(limits.SQS_RETENTION_DAYS_MAX);
});

it('a full batch of full metrics messages fits one invocation', () => {
  // A body is a JSON string inside the payload's JSON, and its quotes are escaped there: at most a quarter more.
  const quotedBytes = 1.25 * MAX_EVENT_BYTES_PER_MESSAGE;
  expect(WORKERS.metrics.tuning.batchMessagesMax * quotedBytes).toBeLessThanOrEqual(
    limits.LAMBDA_PAYLOAD_BYTES_MAX,
  );
  expect(MAX_EVENT_BYTES_PER_MESSAGE).toBeLessThanOrEqual(limits.SQS_MESSAGE_BYTES_MAX);
});

it('the functions together leave half of an account’s default 1,000 concurrent executions to others', () => {
  const together = tunings.reduce((sum, [, { concurrencyMax }]) => sum + concurrencyMax, 0);
  expect(together).toBeLessThanOrEqual(500);
});

it('the default wait of an order for its campaign is at most the longest that can be set', () => {
  expect(limits.CAMPAIGN_WAIT_SECONDS_DEFAULT).toBeLessThanOrEqual(limits.CAMPAIGN_WAIT_SECONDS_MAX);
});
