import { InputError } from '#local/console/input-error.ts';
import { createProducer, type Producer } from '#producer/producer.ts';
import type { Target } from './target.ts';

/** A producer that sends to a pipeline's own queues. */
export const producerOf = ({ sqs, output, runtime: { clock, random } }: Target): Producer =>
  createProducer({
    sqs,
    eventsQueueUrl: output('EventsQueueUrl'),
    controlQueueUrl: output('ControlQueueUrl'),
    clock,
    random,
  });

/** Sends one event. Throws an InputError if the contract refuses it, and another error if SQS did not take it. */
export const sendOne = async (target: Target, event: unknown): Promise<void> => {
  const {
    unsent: [unsent],
  } = await producerOf(target).send([event]);
  if (unsent === undefined) return;
  switch (unsent.kind) {
    case 'refused':
      throw new InputError(unsent.rejection.message);
    case 'failed':
      throw new Error('the event was not taken by its queue', { cause: unsent.cause });
    default:
      unsent satisfies never;
  }
};

/** In ms: how long a command waits at most for its event to take effect, and how long it waits between two looks. */
const EFFECT_MS_MAX = 30_000;
const LOOK_MS = 100;

/** Waits until `holds` resolves to true, and returns true; false if that takes more than half a minute. */
export const untilHolds = async (
  { runtime: { clock } }: Target,
  holds: () => Promise<boolean>,
): Promise<boolean> => {
  const untilMs = clock.nowMs() + EFFECT_MS_MAX;
  while (!(await holds())) {
    if (clock.nowMs() > untilMs) return false;
    await clock.wait(LOOK_MS);
  }
  return true;
};
