import type { HandlerPool } from './handler-pool.ts';
import type { Depth, QueuedMessage, Sqs } from './sqs.ts';
import type { LambdaFunction, LocalStack } from './template.ts';

/** What can be seen of a stack's queues, and whether there is work left in them. */
export type QueueView = {
  /** Messages in each queue by short name, all counted at one instant. */
  depths(): Promise<Record<string, Depth>>;
  /**
   * True when no queue that a function processes holds a message in any state, and no function that a queue or a schedule calls
   * is running.
   */
  idle(): Promise<boolean>;
  /** The messages in a queue, by its short name, without receiving them. */
  queued(queue: string): Promise<QueuedMessage[]>;
  /** The bodies of these messages. */
  messages(queue: string): Promise<string[]>;
};

type Viewed = {
  readonly stack: LocalStack;
  readonly sqs: Sqs;
  readonly pools: ReadonlyMap<LambdaFunction, HandlerPool>;
};

export const queueView = ({ stack, sqs, pools }: Viewed): QueueView => {
  const workQueues = new Set(stack.mappings.map(({ queue }) => queue.name));
  const working = [...pools].filter(([lambda]) => !stack.called.includes(lambda)).map(([, pool]) => pool);
  const invocationsStarted = (): number => sum(working.map((pool) => pool.counts().invocations));
  const running = (): boolean => working.some((pool) => pool.running > 0);
  const queued = async (shortName: string): Promise<QueuedMessage[]> => {
    const queue = stack.queues.find((candidate) => candidate.shortName === shortName);
    if (queue !== undefined) return sqs.messages(queue.name);
    const names = stack.queues.map((candidate) => candidate.shortName).join(', ');
    throw new Error(`queue: expected one of ${names}, got ${shortName}`);
  };
  return {
    async depths() {
      const depths = await sqs.depths();
      return Object.fromEntries(
        stack.queues.map(({ shortName, name }) => [shortName, depths.get(name) ?? NO_MESSAGES]),
      );
    },
    async idle() {
      // A message stays in its queue until its function's output is in another queue, so counting all queues at one instant
      // cannot miss it. Scheduled functions have no message, so their invocations are counted instead.
      const started = invocationsStarted();
      const depths = await sqs.depths();
      const left = [...depths].filter(([name]) => workQueues.has(name)).map(([, depth]) => messagesIn(depth));
      return sum(left) === 0 && !running() && invocationsStarted() === started;
    },
    queued,
    messages: async (shortName) => (await queued(shortName)).map(({ body }) => body),
  };
};

const NO_MESSAGES: Depth = { visible: 0, inFlight: 0, delayed: 0 };

const messagesIn = ({ visible, inFlight, delayed }: Depth): number => visible + inFlight + delayed;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
