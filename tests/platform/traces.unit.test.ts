import type { Logger } from '@aws-lambda-powertools/logger';
import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { sendAll } from '#platform/queue.ts';
import { logTraces, onlyTrace } from '#platform/traces.ts';
import { testRuntime } from '../support/runtime.ts';

const traceId = (number: number): string => number.toString(16).padStart(32, '0');
const traceparent = (number: number): string => `00-${traceId(number)}-b7ad6b7169203331-01`;

/** The lines that are logged for these traces. */
const linesFor = (traceparents: string[]): string[][] => {
  const lines: string[][] = [];
  const info = (message: string, { traces }: { traces: string }): void => {
    expect(message).toBe('traced events');
    lines.push(traces.split(' '));
  };
  logTraces({ logger: { info } as unknown as Logger }, 'traced events', traceparents);
  return lines;
};

it('every trace is logged once, in lines of a bounded size, and nothing is logged if there is no trace', () => {
  expect(linesFor([])).toEqual([]);
  expect(linesFor([1, 2, 1].map(traceparent))).toEqual([[traceId(1), traceId(2)]]);
  const many = Array.from({ length: 2_001 }, (_, i) => i + 1);
  const lines = linesFor(many.map(traceparent));
  expect(lines.map(({ length }) => length)).toEqual([1_000, 1_000, 1]);
  expect(lines.flat()).toEqual(many.map(traceId));
});

it('a message shows a trace in its attribute only if it has exactly one', async () => {
  expect(onlyTrace([])).toBeUndefined();
  expect(onlyTrace([1, 1].map(traceparent))).toBe(traceparent(1));
  expect(onlyTrace([1, 2].map(traceparent))).toBeUndefined();
  const attributes: unknown[] = [];
  const send = async ({ input }: SendMessageBatchCommand): Promise<object> => {
    attributes.push(...input.Entries!.map(({ MessageAttributes }) => MessageAttributes));
    return {};
  };
  await sendAll(testRuntime({ clients: { sqs: { send: send as never } } }), 'queue', [
    { message: 'traced', traceparent: traceparent(1) },
    { message: 'other', traceparent: undefined },
  ]);
  expect(attributes).toEqual([
    { traceparent: { DataType: 'String', StringValue: traceparent(1) } },
    undefined,
  ]);
});
