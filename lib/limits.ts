/** Settings of functions and of their mappings, and the limits of AWS and of the stack. */

/** Settings of a function. */
export interface FunctionTuning {
  /** MiB; Lambda gives CPU in proportion to it, one whole vCPU at 1,769. */
  readonly memoryMib: number;
  /** Seconds until Lambda ends an invocation; the service's maximum is 900. */
  readonly timeoutSeconds: number;
}

/** Settings of an event source mapping. */
export interface MappingTuning {
  /** Messages in one invocation at most; the service's maximum is 10,000, and 10 without a window. */
  readonly batchMessagesMax: number;
  /** Seconds the mapping waits for a batch to fill; the service's maximum is 300. */
  readonly windowSeconds: number;
  /** Concurrent invocations from this queue at most; the service's range is 2 to 1,000. */
  readonly concurrencyMax: number;
}

/** Settings of a function and of the event source mapping that feeds it. */
export interface Tuning extends FunctionTuning, MappingTuning {}

/** The largest payload of an invocation. Lambda makes a batch smaller rather than exceed it. */
export const LAMBDA_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** The largest message that SQS takes, and the most that the ten messages of one send may hold together. */
export const SQS_MESSAGE_BYTES_MAX = 1024 * 1024;
/** The longest time that SQS hides a received message: 12 hours. */
export const SQS_VISIBILITY_SECONDS_MAX = 43_200;
/** The longest time that SQS keeps a message: 14 days. */
export const SQS_RETENTION_DAYS_MAX = 14;
/** Messages that one batch of an event source mapping holds at most. */
export const MAPPING_BATCH_MESSAGES_MAX = 10_000;
/** Messages that a mapping without a batching window takes at most. */
export const MAPPING_BATCH_MESSAGES_MAX_WITHOUT_WINDOW = 10;
/** Seconds that a mapping waits at most for a batch to fill. */
export const MAPPING_WINDOW_SECONDS_MAX = 300;
/** The smallest concurrency bound a mapping accepts. */
export const MAPPING_CONCURRENCY_MIN = 2;
/** The largest concurrency bound a mapping accepts. */
export const MAPPING_CONCURRENCY_MAX = 1_000;
/** The longest timeout that Lambda allows a function. */
export const FUNCTION_TIMEOUT_SECONDS_MAX = 900;

/**
 * A message stays hidden for this many function timeouts (and one batching window), as the Lambda documentation asks:
 * the mapping itself retries a throttled batch, and a message that reappears meanwhile is processed twice.
 */
const VISIBILITY_TIMEOUTS = 6;

/** Seconds for which a queue hides a received message, from the timeout of its function and the window of its mapping. */
export const visibilitySeconds = (timeoutSeconds: number, windowSeconds: number): number =>
  VISIBILITY_TIMEOUTS * timeoutSeconds + windowSeconds;

/**
 * Deliveries of a message before it goes to the dead-letter queue. A refused event is an outcome and never comes back, so only
 * faults count here. A failed message comes back after 2 s, 4 s and so on up to 10 min, so its eleventh delivery is 14 to 27
 * min after its first, and thirty take two to four hours. A batch that Lambda had no capacity for counts as delivered too, and
 * comes back after its visibility timeout of at least 3 min. An hour of that is at most twenty deliveries, so nothing goes
 * to a dead-letter queue. The alarm on a message's age reports a stuck message within minutes.
 */
export const RECEIVE_COUNT_MAX = 30;

/**
 * Deliveries of a message of the outbox before it goes to the dead-letter queue: very many, because it is unknown how the
 * systems that read the outbox retry.
 */
export const OUTBOX_RECEIVE_COUNT_MAX = 1_000;

/** Days a message waits in a work queue: longer than a weekend, so an outage on a Friday evening loses nothing. */
export const QUEUE_RETENTION_DAYS = 4;
/** Days a message stays in a dead-letter queue or the rejects queue: as long as SQS keeps one. */
export const DEAD_LETTER_RETENTION_DAYS = SQS_RETENTION_DAYS_MAX;

/** Seconds an order of a campaign that is not open yet waits before it is refused. */
export const CAMPAIGN_WAIT_SECONDS_DEFAULT = 300;
/** The longest campaign wait that can be asked for: an hour. */
export const CAMPAIGN_WAIT_SECONDS_MAX = 3_600;

/** Seconds for which a worker that began before a member's erasure may still run: no invocation is longer. */
export const ERASURE_WAIT_SECONDS_DEFAULT = FUNCTION_TIMEOUT_SECONDS_MAX;
export const ERASURE_WAIT_SECONDS_MAX = 3_600;

/** Seconds between two refreshes of the figures of a quiet sale, one with fewer than 125 orders a second. */
export const QUIET_SLOT_SECONDS_DEFAULT = 10;
/** The longest time between them that can be asked for: five minutes, far below the longest delay that SQS gives a message. */
export const QUIET_SLOT_SECONDS_MAX = 300;

/** Age of the oldest message at which a queue alarms: the figures shown are minutes old by then. */
export const BACKLOG_AGE_ALARM_SECONDS = 300;

/** Columns and rows of a CloudWatch dashboard that the sale's screen takes: the whole width, in the shape of a wall screen. */
export const BOARD_WIDGET_COLUMNS = 24;
export const BOARD_WIDGET_ROWS = 18;
/** The width of a CloudWatch dashboard, in columns. */
export const DASHBOARD_COLUMNS_MAX = 24;
/** The largest height of a CloudWatch widget, in rows. */
export const DASHBOARD_WIDGET_ROWS_MAX = 1_000;
/** The prefix of the objects that an export, or the draw of a large slot, stores only until it is complete. */
export const WORK_PREFIX = 'work/';
