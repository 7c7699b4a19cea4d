import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmWhenBehind, alarmWhenNotEmpty } from './alarms.ts';
import { RECEIVE_COUNT_MAX, type Tuning, VISIBILITY_TIMEOUTS } from './limits.ts';
import { keptQueue, secureQueue } from './queues.ts';
import { RUNTIME } from './runtime.ts';

export interface QueueFunctionProps {
  /** Construct id of the function. */
  readonly functionId: string;
  /** A directory or archive with `index.mjs`, which exports `handler`. */
  readonly code: Code;
  readonly tuning: Tuning;
  /** What becomes of the logs when the stack is deleted. */
  readonly logRemoval: RemovalPolicy;
  /** Variables beyond those that `sendsTo` and `uses` set. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A queue, the function that works it off, and the dead-letter queue for what it never manages to. What the function may
 * do is said where it is wired: `sendsTo` and `uses` set an environment variable and grant what it stands for, so a
 * function can reach exactly what it can name.
 */
export class QueueFunction extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly function: LambdaFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: QueueFunctionProps) {
    super(scope, id);
    const { tuning } = props;

    this.deadLetterQueue = keptQueue(this, 'DeadLetterQueue');
    this.queue = secureQueue(this, 'Queue', {
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * tuning.timeoutSeconds + tuning.windowSeconds),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVE_COUNT_MAX },
    });

    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: props.logRemoval,
    });
    // A role of our own, because the one that Lambda's construct makes may write to every log group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new LambdaFunction(this, props.functionId, {
      runtime: RUNTIME,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      role,
      logGroup,
      // As text, what a handler writes to stdout is logged as it is, and CloudWatch finds the metrics in bare JSON lines.
      loggingFormat: LoggingFormat.TEXT,
      memorySize: tuning.memoryMib,
      timeout: Duration.seconds(tuning.timeoutSeconds),
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    });
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: tuning.batchMessagesMax,
        maxBatchingWindow: Duration.seconds(tuning.windowSeconds),
        maxConcurrency: tuning.concurrencyMax,
        reportBatchItemFailures: true,
      }),
    );
    acknowledgeChoices(this.function);
    this.alarms = [
      alarmWhenNotEmpty(this, 'DeadLetterAlarm', this.deadLetterQueue),
      alarmWhenBehind(this, 'BacklogAlarm', this.queue),
    ];
  }

  /**
   * Lets the function send to a queue whose address it finds in the environment variable. Lambda takes a function that
   * sends to its own queue for a runaway after 16 rounds and stops it; such a function is exempt here, and must end its
   * rounds itself, by a deadline or a cursor that only moves forward.
   */
  sendsTo(variable: string, queue: IQueue): this {
    this.function.addEnvironment(variable, queue.queueUrl);
    queue.grantSendMessages(this.function);
    if (queue === this.queue) {
      (this.function.node.defaultChild as CfnFunction).recursiveLoop = RecursiveLoop.ALLOW;
    }
    return this;
  }

  /** Lets the function call these actions (`dynamodb:…`) on a table whose name it finds in the environment variable. */
  uses(variable: string, table: ITable, ...actions: readonly string[]): this {
    this.function.addEnvironment(variable, table.tableName);
    table.grant(this.function, ...actions);
    return this;
  }

  /** Lets the function read a secret, whose ARN it finds in the environment variable: the value is in no template. */
  reads(variable: string, secret: ISecret): this {
    this.function.addEnvironment(variable, secret.secretArn);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [secret.secretArn],
    });
    return this;
  }
}

function acknowledgeChoices(worker: LambdaFunction): void {
  const reason =
    'a queue invokes this function: what fails goes back to the queue and in the end to its dead-letter queue';
  Validations.of(worker).acknowledge({ id: 'Serverless-LambdaDLQ', reason });
  Validations.of(worker).acknowledge({ id: 'Serverless-LambdaEventSourceMappingDestination', reason });
  Validations.of(worker).acknowledge({
    id: 'Serverless-LambdaTracing',
    reason:
      'a trace of a batch of thousands of events tells nothing about any of them, and is paid by the invocation',
  });
}
