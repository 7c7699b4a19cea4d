import { examplesOf } from '#domain/coupons/examples.ts';
import type { RefusedLink } from '#domain/coupons/link-members.ts';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { type CouponReport, metricEventsOf } from '#domain/coupons/report.ts';
import { sendExamples } from '#domain/coupons/send-examples.ts';
import { sendGrants, sendMetrics } from '#domain/grants/grant-events.ts';
import { rejectOf, sendRejects } from '#domain/intake/rejects.ts';
import { type CouponMessage, halvesOf, memberEventsIn } from '#domain/members/member-event.ts';
import { batchHandler, eachRecord } from '#platform/batch.ts';
import { allOver } from '#platform/concurrency.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { logTraces } from '#platform/traces.ts';
import { partWorn } from '#platform/worn-messages.ts';
import { lambdaOutside } from '../outside.ts';

/** A refused link as a reject. If the link is refused again, the reject has the same id. */
const linkReject = ({ event: { event, id, timeMs }, rejection }: RefusedLink) =>
  rejectOf(rejection, event, { body: JSON.stringify(event), place: id, sentMs: timeMs });

/** The traces of orders, by the ids of their events. */
const tracesOf = (reports: readonly CouponReport[]): Map<string, string> =>
  new Map(
    reports.flatMap(({ order: { id, traceparent } }) =>
      traceparent === undefined ? [] : [[id, traceparent]],
    ),
  );

/**
 * Processes members' events: remembers them, redeems the coupons that they use, and decides the members' next coupons. The
 * outcomes are published after they are written and before a message is acknowledged. So after a crash in between, the next
 * delivery publishes them again.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const nowMs = runtime.clock.nowMs();
    const read = eachRecord(records, fail, ({ body }) => {
      const message = JSON.parse(body) as CouponMessage;
      const { campaigns } = message;
      return { ...message, tasks: memberEventsIn(message).map((event) => ({ event, campaigns })) };
    });
    // A message that keeps failing is split by its events and not by campaigns: one campaign's decision on an order takes the
    // decisions of the others into account.
    const parting = { queueUrl: runtime.environment('COUPON_QUEUE_URL'), partsOf: halvesOf };
    const messages = await partWorn(runtime, read, parting, fail);
    logTraces(
      runtime,
      'traced events',
      messages.flatMap(([, { tasks }]) => tasks.flatMap(({ event }) => event.traceparent ?? [])),
    );
    const publish = async (reports: readonly CouponReport[]): Promise<void> => {
      await allOver([
        sendGrants(
          runtime,
          reports.flatMap(({ grants }) => grants),
          tracesOf(reports),
        ),
        sendMetrics(runtime, reports.flatMap(metricEventsOf), nowMs),
        sendExamples(runtime, reports.flatMap(examplesOf)),
      ]);
    };
    const { failures, refusedLinks } = await processMemberEvents(
      runtime,
      messages.flatMap(([, { tasks }]) => tasks),
      { nowMs, publish, isLate },
    );
    await sendRejects(runtime, refusedLinks.map(linkReject));
    for (const [record, { tasks }] of messages) {
      const failed = tasks.find(({ event }) => failures.has(event.member));
      if (failed !== undefined) fail(record, failures.get(failed.event.member));
    }
  });
};

export const handler = makeHandler(lambdaOutside());
