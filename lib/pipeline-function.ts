/** A function of the pipeline, with its role, its log and the methods that give it access to other parts. */
import { Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionTuning } from './limits.ts';

export interface PipelineFunctionProps {
  /** Construct id of the function. */
  readonly functionId: string;
  /** A directory or archive with `index.mjs`, which exports `handler`. */
  readonly code: Code;
  readonly tuning: FunctionTuning;
  /** Whether the logs stay when the stack is deleted. */
  readonly logRemoval: RemovalPolicy;
  /** Variables beyond those that `sendsTo`, `knows`, `uses`, `reads`, `stores` and `looksAt` set. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A function with a role and a log group of its own. Its permissions are stated where it is wired: a method that grants access
 * also sets the environment variable that names what may be reached, so a function reaches nothing that it cannot name.
 */
export class PipelineFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { tuning } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: props.logRemoval,
    });
    // The function has its own role, because the one that Lambda's construct makes may write to every log
    // group of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new LambdaFunction(this, props.functionId, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      role,
      logGroup,
      // In the text format, stdout is logged unchanged, so CloudWatch finds the metrics in bare JSON lines.
      loggingFormat: LoggingFormat.TEXT,
      memorySize: tuning.memoryMib,
      timeout: Duration.seconds(tuning.timeoutSeconds),
      environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        'an invocation works on a batch of many events, which the log follows by trace ids of their own, or only looks at figures',
    });
  }

  /** Lets the function send to a queue whose address it finds in the environment variable. */
  sendsTo(variable: string, queue: IQueue): this {
    this.function.addEnvironment(variable, queue.queueUrl);
    queue.grantSendMessages(this.function);
    return this;
  }

  /** Tells the function the address of a queue, so that it recognises messages of that queue. It gives no permission. */
  knows(variable: string, queue: IQueue): this {
    this.function.addEnvironment(variable, queue.queueUrl);
    return this;
  }

  /** Lets the function call these actions (`dynamodb:…`) on a table whose name it finds in the environment variable. */
  uses(variable: string, table: ITable, ...actions: readonly string[]): this {
    this.function.addEnvironment(variable, table.tableName);
    table.grant(this.function, ...actions);
    return this;
  }

  /**
   * Lets the function store and read the objects whose keys begin with `prefix`, in a bucket whose name it finds in the
   * environment variable. It can delete none. It may also list the whole bucket, because otherwise S3 gives
   * the same answer for a missing object as for a forbidden one.
   */
  stores(variable: string, bucket: IBucket, prefix = ''): this {
    this.function.addEnvironment(variable, bucket.bucketName);
    const allow = (resourceArn: string, ...actions: string[]): void => {
      Grant.addToPrincipal({ grantee: this.function, actions, resourceArns: [resourceArn] });
    };
    allow(bucket.arnForObjects(`${prefix}*`), 's3:GetObject', 's3:PutObject');
    allow(bucket.bucketArn, 's3:ListBucket');
    const id = Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket);
    Validations.of(this).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/${prefix}*]`,
      reason: 'the keys of objects name campaigns, which are not known when the stack is deployed',
    });
    return this;
  }

  /** Lets the function read a secret whose ARN it finds in the environment variable. The secret's value is in no template. */
  reads(variable: string, secret: ISecret): this {
    this.function.addEnvironment(variable, secret.secretArn);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [secret.secretArn],
    });
    return this;
  }

  /** A deployment replaces the others before this function, because they must be able to read what this function writes. */
  deployedAfter(...others: readonly PipelineFunction[]): this {
    for (const other of others) this.function.node.addDependency(other.function);
    return this;
  }

  /** Lets the function ask how many messages queues hold, and nothing else; the variable lists their addresses. */
  looksAt(variable: string, ...queues: readonly IQueue[]): this {
    this.function.addEnvironment(variable, queues.map(({ queueUrl }) => queueUrl).join());
    for (const queue of queues) queue.grant(this.function, 'sqs:GetQueueAttributes');
    return this;
  }
}
