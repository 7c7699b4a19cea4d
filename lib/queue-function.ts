/** A function that processes queues, with these queues, their dead-letter queues and their alarms. */
import { Duration, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type CfnFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Pollers } from '#domain/capacity/sizes.ts';
import { alarmWhenBehind, alarmWhenNotEmpty } from './alarms.ts';
import { type MappingTuning, RECEIVE_COUNT_MAX, type Tuning, visibilitySeconds } from './limits.ts';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
import { keptQueue, secureQueue } from './queues.ts';

export interface QueueFunctionProps extends PipelineFunctionProps {
  readonly tuning: Tuning;
  /** The provisioned pollers of the function's queue; Lambda's own if left out. They replace the tuning's `concurrencyMax`. */
  readonly pollers?: Pollers;
  /** Further queues that the function processes, by the first part of their construct ids, with their mappings. */
  readonly sideQueues?: Readonly<Record<string, MappingTuning>>;
}

/** A queue that a function processes, and the dead-letter queue for messages that keep failing. */
export interface WorkQueue {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly alarms: readonly Alarm[];
}

/** Queues, the function that processes them, and a dead-letter queue for each, for messages that keep failing. */
export class QueueFunction extends PipelineFunction implements WorkQueue {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly alarms: readonly Alarm[];
  /** The further queues, by the first part of their construct ids. */
  readonly sideQueues: Readonly<Record<string, WorkQueue>>;

  constructor(scope: Construct, id: string, props: QueueFunctionProps) {
    super(scope, id, props);
    const { timeoutSeconds } = props.tuning;
    const main = this.#workQueue('', props.tuning, timeoutSeconds, props.pollers);
    this.queue = main.queue;
    this.deadLetterQueue = main.deadLetterQueue;
    this.alarms = main.alarms;
    this.sideQueues = Object.fromEntries(
      Object.entries(props.sideQueues ?? {}).map(([name, tuning]) => [
        name,
        this.#workQueue(name, tuning, timeoutSeconds),
      ]),
    );
    this.function.addEnvironment('OWN_QUEUE_URLS', this.workQueues.map(({ queue }) => queue.queueUrl).join());
    const reason =
      'a queue invokes this function: what fails goes back to it and in the end to its dead-letter queue; a tick that is lost goes to the queue of dead ticks';
    Validations.of(this.function).acknowledge({ id: 'Serverless-LambdaDLQ', reason });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason,
    });
  }

  /** All queues that the function processes. */
  get workQueues(): readonly WorkQueue[] {
    return [this, ...Object.values(this.sideQueues)];
  }

  #workQueue(name: string, mapping: MappingTuning, timeoutSeconds: number, pollers?: Pollers): WorkQueue {
    const deadLetterQueue = keptQueue(this, `${name}DeadLetterQueue`);
    const queue = secureQueue(this, `${name}Queue`, {
      visibilityTimeout: Duration.seconds(visibilitySeconds(timeoutSeconds, mapping.windowSeconds)),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: RECEIVE_COUNT_MAX },
    });
    this.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: mapping.batchMessagesMax,
        maxBatchingWindow: Duration.seconds(mapping.windowSeconds),
        // A mapping with provisioned pollers takes no bound: each poller runs at most ten invocations at a time.
        ...(pollers === undefined
          ? { maxConcurrency: mapping.concurrencyMax }
          : { provisionedPollerConfig: { minimumPollers: pollers.min, maximumPollers: pollers.max } }),
        reportBatchItemFailures: true,
      }),
    );
    return {
      queue,
      deadLetterQueue,
      alarms: [
        alarmWhenNotEmpty(this, `${name}DeadLetterAlarm`, deadLetterQueue, {
          what: 'a function gave up on messages of this queue',
          entry: 'dead-letters',
        }),
        alarmWhenBehind(this, `${name}BacklogAlarm`, queue),
      ],
    };
  }

  /**
   * Lambda stops a function that has sent to its own queue about 16 times in a row, because that looks like an endless loop. Such
   * a function is exempt here and must end the loop itself, by a deadline or a cursor that only moves forward.
   */
  override sendsTo(variable: string, queue: IQueue): this {
    if (this.workQueues.some((own) => own.queue === queue)) {
      (this.function.node.defaultChild as CfnFunction).recursiveLoop = RecursiveLoop.ALLOW;
    }
    return super.sendsTo(variable, queue);
  }
}
