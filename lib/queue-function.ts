import { Duration, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type CfnFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alarmWhenBehind, alarmWhenNotEmpty } from './alarms.ts';
import { RECEIVE_COUNT_MAX, type Tuning, VISIBILITY_TIMEOUTS } from './limits.ts';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
import { keptQueue, secureQueue } from './queues.ts';

export interface QueueFunctionProps extends PipelineFunctionProps {
  readonly tuning: Tuning;
}

/** A queue, the function that processes it, and the dead-letter queue for messages that keep failing. */
export class QueueFunction extends PipelineFunction {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: QueueFunctionProps) {
    super(scope, id, props);
    const { tuning } = props;
    this.deadLetterQueue = keptQueue(this, 'DeadLetterQueue');
    this.queue = secureQueue(this, 'Queue', {
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * tuning.timeoutSeconds + tuning.windowSeconds),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVE_COUNT_MAX },
    });
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: tuning.batchMessagesMax,
        maxBatchingWindow: Duration.seconds(tuning.windowSeconds),
        maxConcurrency: tuning.concurrencyMax,
        reportBatchItemFailures: true,
      }),
    );
    const reason =
      'a queue invokes this function: what fails goes back to the queue and in the end to its dead-letter queue';
    Validations.of(this.function).acknowledge({ id: 'Serverless-LambdaDLQ', reason });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason,
    });
    this.alarms = [
      alarmWhenNotEmpty(this, 'DeadLetterAlarm', this.deadLetterQueue),
      alarmWhenBehind(this, 'BacklogAlarm', this.queue),
    ];
  }

  /**
   * Lambda stops a function that sends to its own queue after 16 rounds, because it looks like a runaway. Such a function is
   * exempt here and must end its rounds itself, by a deadline or a cursor that only moves forward.
   */
  override sendsTo(variable: string, queue: IQueue): this {
    if (queue === this.queue) {
      (this.function.node.defaultChild as CfnFunction).recursiveLoop = RecursiveLoop.ALLOW;
    }
    return super.sendsTo(variable, queue);
  }
}
