import type { Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { type Disorder, Queues } from '#local/emulator/queues.ts';
import { seededRandom } from '../../support/random.ts';

const SECOND_MS = 1_000;

const world = (attributes: Record<string, string> = {}, disorder?: Disorder) => {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms };
  const queues = new Queues({
    clock,
    random: seededRandom(1),
    ...(disorder && { disorder: () => disorder }),
  });
  queues.createQueue('failed');
  queues.createQueue('orders', attributes);
  const call = (name: string, input: object = {}) =>
    queues.execute(name, { QueueUrl: queues.urlOf('orders'), ...input }) as Record<string, unknown>;
  const receive = (input: object = {}) =>
    (call('ReceiveMessage', { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], ...input })
      .Messages ?? []) as Message[];
  return {
    clock,
    queues,
    call,
    receive,
    send: (MessageBody: string) => call('SendMessage', { MessageBody }),
  };
};

const nameOf = (call: () => unknown): string => {
  try {
    call();
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

const REDRIVE = {
  VisibilityTimeout: '5',
  RedrivePolicy: JSON.stringify({
    deadLetterTargetArn: 'arn:aws:sqs:us-east-1:1:failed',
    maxReceiveCount: 2,
  }),
};

describe('a queue', () => {
  it('hides a received message until its visibility timeout ends, then counts another receipt', () => {
    const { clock, receive, send } = world({ VisibilityTimeout: '5' });
    send('a');
    expect(receive()[0]?.Attributes?.ApproximateReceiveCount).toBe('1');
    clock.ms += 5 * SECOND_MS - 1;
    expect(receive()).toEqual([]);
    clock.ms += 1;
    const [again] = receive();
    expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2', SentTimestamp: '1000000' });
  });

  it('states times in whole milliseconds, whatever its clock counts in', () => {
    const { clock, receive, send } = world();
    clock.ms += 0.75;
    send('a');
    clock.ms += 0.5;
    expect(receive()[0]?.Attributes).toMatchObject({
      SentTimestamp: '1000000',
      ApproximateFirstReceiveTimestamp: '1000001',
    });
  });

  it('deletes a message only by the handle of its last receipt', () => {
    const { clock, queues, call, receive, send } = world({ VisibilityTimeout: '5' });
    send('a');
    const [first] = receive();
    clock.ms += 5 * SECOND_MS;
    const [second] = receive();
    call('DeleteMessage', { ReceiptHandle: first?.ReceiptHandle });
    expect(queues.counts('orders').inFlight).toBe(1);
    call('DeleteMessage', { ReceiptHandle: second?.ReceiptHandle });
    expect(queues.counts('orders')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('moves a message received too often to the dead-letter queue, with its age and the queue it came from', () => {
    const { clock, queues, receive, send } = world(REDRIVE);
    send('a');
    for (let i = 0; i < 2; i++) {
      expect(receive()).toHaveLength(1);
      clock.ms += 5 * SECOND_MS;
    }
    expect(receive()).toEqual([]);
    const [dead] = receive({ QueueUrl: queues.urlOf('failed') });
    expect(dead?.Attributes).toMatchObject({
      SentTimestamp: '1000000',
      DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:orders',
    });
  });

  it('redrives messages to the queue in which they failed, as new messages', () => {
    const { clock, queues, receive, send } = world(REDRIVE);
    send('a');
    for (let i = 0; i < 3; i++) {
      receive();
      clock.ms += 5 * SECOND_MS;
    }
    expect(queues.redrive('failed')).toBe(1);
    expect(receive()[0]).toMatchObject({
      Body: 'a',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(clock.ms) },
    });
  });

  it('shows a message after its delay, and forgets it after the retention period', () => {
    const { clock, queues, call, receive } = world({ MessageRetentionPeriod: '60' });
    call('SendMessage', { MessageBody: 'late', DelaySeconds: 30 });
    expect(queues.counts('orders').delayed).toBe(1);
    clock.ms += 30 * SECOND_MS;
    expect(receive({ VisibilityTimeout: 0 })).toHaveLength(1);
    clock.ms += 30 * SECOND_MS;
    expect(receive()).toEqual([]);
  });

  it('changes the visibility of messages in flight only', () => {
    const { call, receive, send } = world();
    send('a');
    const [message] = receive();
    const hide = (VisibilityTimeout: number) =>
      call('ChangeMessageVisibility', { ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout });
    hide(0);
    expect(nameOf(() => hide(10))).toBe('MessageNotInflight');
    expect(receive()).toHaveLength(1);
  });

  it('hands messages out twice and out of order if disorder is allowed', () => {
    const doubled = world({}, { duplicate: 1, reorder: 0 });
    doubled.send('a');
    expect([doubled.receive().length, doubled.receive().length]).toEqual([1, 1]);
    const reordered = world({}, { duplicate: 0, reorder: 1 });
    const bodies = Array.from({ length: 10 }, (_, i) => String(i));
    for (const body of bodies) reordered.send(body);
    const received = reordered.receive().map(({ Body }) => Body);
    expect(received).not.toEqual(bodies);
    expect(received.toSorted()).toEqual(bodies);
  });

  it('refuses what SQS refuses', () => {
    const { call, send, receive } = world();
    const batch = (Entries: object[]) => () => call('SendMessageBatch', { Entries });
    const entry = (Id: string, MessageBody = 'x') => ({ Id, MessageBody });
    expect(nameOf(batch([]))).toBe('EmptyBatchRequest');
    expect(nameOf(batch(Array.from({ length: 11 }, (_, i) => entry(`${i}`))))).toBe(
      'TooManyEntriesInBatchRequest',
    );
    expect(nameOf(batch([entry('a'), entry('a')]))).toBe('BatchEntryIdsNotDistinct');
    expect(nameOf(batch([entry('a', 'x'.repeat(1024 * 1024)), entry('b')]))).toBe('BatchRequestTooLong');
    expect(nameOf(() => send('\uffff'))).toBe('InvalidMessageContents');
    expect(nameOf(() => receive({ MaxNumberOfMessages: 11 }))).toBe('InvalidParameterValue');
    expect(nameOf(() => receive({ QueueUrl: 'unknown' }))).toBe('QueueDoesNotExist');
    expect(nameOf(() => call('DeleteMessage', { ReceiptHandle: 'x' }))).toBe('ReceiptHandleIsInvalid');
    expect(batch([entry('a', '\ufffe'), entry('b')])()).toMatchObject({
      Successful: [{ Id: 'b' }],
      Failed: [{ Id: 'a', Code: 'InvalidMessageContents' }],
    });
  });

  it('has no more than 120,000 messages in flight', () => {
    const { send, receive } = world();
    for (let i = 0; i <= 120_000; i++) send('x');
    for (let i = 0; i < 12_000; i++) receive();
    expect(nameOf(() => receive())).toBe('OverLimit');
    expect(receive({ WaitTimeSeconds: 1 })).toEqual([]);
  });
});
