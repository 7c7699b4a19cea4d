import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createProducer, type ProducerOptions } from '#producer/producer.ts';
import { NOW_MS, orderPaid } from '../events/factories.ts';

type Answer = (entries: { Id: string; MessageBody: string }[], call: number) => object;

/** A queue service that answers as a test says, and the messages that it accepted, by queue. */
const serviceOf = (answer: Answer = () => ({})) => {
  const taken = new Map<string, string[]>();
  const waits: number[] = [];
  let calls = 0;
  const options: ProducerOptions = {
    sqs: {
      send: (async (command: unknown) => {
        if (!(command instanceof SendMessageBatchCommand)) throw new Error(`got ${command}`);
        const { QueueUrl, Entries } = command.input;
        const result = answer(Entries as never, ++calls) as { Failed?: { Id: string }[] };
        const failed = new Set(result.Failed?.map(({ Id }) => Id));
        const bodies = Entries!.filter(({ Id }) => !failed.has(Id!)).map(({ MessageBody }) => MessageBody!);
        taken.set(QueueUrl!, [...(taken.get(QueueUrl!) ?? []), ...bodies]);
        return result;
      }) as never,
    },
    eventsQueueUrl: 'events',
    controlQueueUrl: 'control',
    clock: { nowMs: () => NOW_MS, wait: async (ms) => void waits.push(ms) },
    random: () => 0.5,
  };
  const idsIn = (queue: string): string[] =>
    (taken.get(queue) ?? []).flatMap((body) => [JSON.parse(body)].flat().map(({ id }) => id));
  return { options, idsIn, waits, calls: () => calls, taken };
};

const orders = (count: number, changes: object = {}) =>
  Array.from({ length: count }, (_, i) => ({ ...orderPaid(), id: `order-${i}`, ...changes }));

describe('a producer', () => {
  it('packs a hundred events into a message and ten messages into a call, and sends every event once', async () => {
    const { options, idsIn, calls, taken } = serviceOf();
    const events = orders(2_345);
    expect(await createProducer(options).send(events)).toEqual({ sent: 2_345, unsent: [] });
    expect(idsIn('events').sort()).toEqual(events.map(({ id }) => id).sort());
    expect({ calls: calls(), messages: taken.get('events')!.length }).toEqual({ calls: 3, messages: 24 });
  });

  it('sends events that open campaigns or change members to the control queue, and refuses them if it has none', async () => {
    const { options, idsIn } = serviceOf();
    const tier = {
      ...orderPaid(),
      type: 'member.updated',
      id: 'tier',
      data: { memberId: 'm', tier: 'gold' },
    };
    expect(await createProducer(options).send([tier, ...orders(1)])).toEqual({ sent: 2, unsent: [] });
    expect([idsIn('control'), idsIn('events')]).toEqual([['tier'], ['order-0']]);
    const { controlQueueUrl: _, ...withoutControl } = options;
    expect((await createProducer(withoutControl).send([tier])).unsent).toMatchObject([
      { kind: 'refused', index: 0, rejection: { reason: 'wrong-queue', field: 'type' } },
    ]);
  });

  it('passes the trace of an event on', async () => {
    const { options, taken } = serviceOf();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await createProducer(options).send(orders(2, { traceparent }));
    expect(JSON.parse(taken.get('events')![0]!)).toMatchObject([{ traceparent }, { traceparent }]);
  });

  it('refuses what the pipeline would refuse, names its place and the reason, and sends the rest', async () => {
    const { options, idsIn } = serviceOf();
    const [good, bad] = orders(2);
    const negative = { ...bad!, data: { ...bad!.data, amountFen: -5 } };
    const huge = { ...orderPaid(), id: 'huge', source: `urn:${'x'.repeat(1_100_000)}` };
    const report = await createProducer(options).send([negative, good, huge, 'no event']);
    expect(report.sent).toBe(1);
    expect(report.unsent).toMatchObject([
      { kind: 'refused', index: 0, event: negative, rejection: { field: 'data.amountFen' } },
      { kind: 'refused', index: 2 },
      { kind: 'refused', index: 3, rejection: { reason: 'not-an-object' } },
    ]);
    expect(idsIn('events')).toEqual(['order-0']);
  });

  it('sends again only what was not taken, waiting longer each time', async () => {
    const { options, idsIn, waits } = serviceOf((entries, call) =>
      call < 4 ? { Failed: entries.slice(1).map(({ Id }) => ({ Id, Code: 'Throttled' })) } : {},
    );
    const events = orders(450);
    expect(await createProducer(options).send(events)).toEqual({ sent: 450, unsent: [] });
    expect(idsIn('events').sort()).toEqual(events.map(({ id }) => id).sort());
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.length).toBe(3);
  });

  it('names every event that was never taken, with the cause, and none of those that were', async () => {
    const { options, idsIn, calls } = serviceOf((entries, call) => {
      if (call > 1) throw new Error('no answer');
      return { Failed: entries.slice(1).map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'later' })) };
    });
    const report = await createProducer(options).send(orders(250));
    expect(calls()).toBe(8);
    expect(report.sent).toBe(100);
    expect(report.unsent.map(({ index }) => index)).toEqual(Array.from({ length: 150 }, (_, i) => 100 + i));
    expect(report.unsent[0]).toMatchObject({ kind: 'failed', cause: { message: 'no answer' } });
    expect(idsIn('events')).toHaveLength(100);
  });
});
