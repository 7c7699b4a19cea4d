/** The stack: puts all parts together and wires the functions to them. */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { publicationsBucket } from './buckets.ts';
import { PLANNED } from './capacity.ts';
import { encryptWithCustomerKey } from './customer-key.ts';
import { operationsDashboard } from './dashboard.ts';
import type { Parts, Tables, Watcher, Worker } from './functions/definition.ts';
import { folderOf, WATCHERS, WORKERS, type WorkerName } from './functions/index.ts';
import { alarmTopic, costBudget, pipelineAlarms, sendAlarmsTo } from './pipeline-alarms.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { QueueFunction, type WorkQueue } from './queue-function.ts';
import { keptQueue, outboxQueue } from './queues.ts';
import { saleDashboard } from './sale-dashboard.ts';
import { lastingSecret } from './secrets.ts';
import type { Settings } from './settings.ts';
import { durableTable } from './tables.ts';

/** The labels of the queues that producers send to. */
const PRODUCERS_QUEUES: ReadonlySet<string> = new Set(['Events', 'Control']);

export interface ZhihuiStackProps extends Omit<StackProps, 'stackName'>, Settings {
  /** Gives a function's code by the name of its folder in lambdas/. */
  readonly code: (functionName: string) => Code;
}

/**
 * The pipeline: every function that events pass through processes a queue, and each can reach exactly the queues and tables
 * that it is wired to. A new function needs a folder in lambdas/, a file in functions/ and a name in functions/index.ts.
 */
export class ZhihuiStack extends Stack {
  readonly #props: ZhihuiStackProps;
  readonly #removal: RemovalPolicy;

  constructor(scope: Construct, id: string, props: ZhihuiStackProps) {
    super(scope, id, { terminationProtection: props.isProtected, ...props });
    this.#props = props;
    // What holds data is retained, but not if the first deployment fails: a table left behind would block the next deployment.
    this.#removal = props.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const tables = this.#tables();
    const drawSecret = lastingSecret(
      this,
      'DrawSecret',
      this.#removal,
      'a seed must stay what its published commitment says, so the secret behind it is not rotated',
    );
    // Not the draw's secret: whoever can read that one can compute the winners of instant draws. Coupons do not need that.
    const couponSecret = lastingSecret(
      this,
      'CouponSecret',
      this.#removal,
      'a coupon must stay its owner’s until it expires, so the secret behind its id is not rotated',
    );
    // Only functions and the operator's commands need it: whoever can read it can find an erased member by the member's id.
    const erasureSecret = lastingSecret(
      this,
      'ErasureSecret',
      this.#removal,
      'an erased member must stay known as erased, so the secret behind its name is not rotated',
    );
    const publications = publicationsBucket(this, 'PublicationsBucket', this.#removal);
    const rejects = keptQueue(this, 'RejectsQueue');
    const deadGrants = keptQueue(this, 'DeadGrantsQueue');
    const deadTicks = keptQueue(this, 'DeadTicksQueue');
    const grantsOutbox = outboxQueue(this, 'GrantsQueue', deadGrants);
    const workers = mapValues(WORKERS, (worker, name) => this.#worker(name, worker, tables));
    const watchers = mapValues(WATCHERS, (watcher, name) => this.#watcher(name, watcher));
    const secrets = { drawSecret, couponSecret, erasureSecret };
    const queues = { rejects, grantsOutbox, deadGrants, deadTicks };
    const parts = { tables, ...secrets, publications, ...queues, workers, watchers };
    for (const [name, { wire }] of entriesOf(WORKERS)) wire(workers[name], parts);
    for (const [name, { wire }] of entriesOf(WATCHERS)) wire(watchers[name], parts);
    this.#tickEveryMinute(
      entriesOf(WORKERS).flatMap(([name, { isTicked }]) => (isTicked ? [workers[name]] : [])),
      entriesOf(WATCHERS).flatMap(([name, { isTicked }]) => (isTicked ? [watchers[name]] : [])),
      deadTicks,
    );
    this.#dashboards(parts);
    const topic = alarmTopic(this, 'AlarmTopic');
    sendAlarmsTo(this, topic);
    if (props.monthlyBudgetUsd !== undefined) costBudget(this, 'CostBudget', topic, props.monthlyBudgetUsd);
    new CfnOutput(this, 'AlarmTopicArn', {
      value: topic.topicArn,
      description: 'gets a message for every alarm',
    });
    this.#outputs(parts, watchers.board);
    if (props.hasCustomerKey)
      new CfnOutput(this, 'CustomerKeyArn', {
        value: encryptWithCustomerKey(this, this.#removal).keyArn,
        description: 'senders and readers of queues need kms:Decrypt and kms:GenerateDataKey on it',
      });
  }

  #tables(): Tables {
    const { warmWriteUnits: warm } = this.#props;
    const kept = { removalPolicy: this.#removal, deletionProtection: this.#props.isProtected };
    return {
      campaigns: durableTable(this, 'CampaignsTable', {
        partitionKey: 'campaign',
        sortKey: 'item',
        expiryAttribute: 'expiresAt',
        warmWriteUnits: warm.campaigns,
        ...kept,
      }),
      metricRows: durableTable(this, 'MetricsTable', {
        partitionKey: 'window',
        sortKey: 'item',
        warmWriteUnits: warm.metrics,
        expiryAttribute: 'expiresAt',
        ...kept,
      }),
      members: durableTable(this, 'MembersTable', {
        partitionKey: 'member',
        expiryAttribute: 'expiresAt',
        warmWriteUnits: warm.members,
        ...kept,
      }),
      grants: durableTable(this, 'GrantsTable', {
        partitionKey: 'member',
        sortKey: 'grant',
        expiryAttribute: 'expiresAt',
        warmWriteUnits: warm.grants,
        ...kept,
      }),
      draws: durableTable(this, 'DrawsTable', {
        partitionKey: 'draw',
        sortKey: 'item',
        expiryAttribute: 'expiresAt',
        warmWriteUnits: warm.draws,
        ...kept,
      }),
    };
  }

  #worker(name: WorkerName, worker: Worker, tables: Tables): QueueFunction {
    const { constructId, tuning, sideQueues, windowSeconds, environment } = worker;
    const { concurrency, pollers } = this.#props.sizes;
    const planned = PLANNED[name];
    return new QueueFunction(this, constructId, {
      functionId: pascalCase(name),
      code: this.#props.code(folderOf(name)),
      tuning: {
        ...tuning,
        ...(windowSeconds === undefined ? {} : { windowSeconds: windowSeconds(this.#props) }),
        ...(planned === undefined ? {} : { concurrencyMax: concurrency[planned] }),
      },
      ...(planned === undefined || pollers[planned] === undefined ? {} : { pollers: pollers[planned] }),
      logRemoval: this.#removal,
      ...(sideQueues === undefined ? {} : { sideQueues }),
      ...(environment === undefined ? {} : { environment: environment(this.#props, tables) }),
    });
  }

  #watcher(name: string, { tuning }: Watcher): PipelineFunction {
    const watching = new PipelineFunction(this, pascalCase(name), {
      functionId: 'Function',
      code: this.#props.code(folderOf(name)),
      tuning,
      logRemoval: this.#removal,
    });
    Validations.of(watching.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason: 'a lost call does no harm: each call looks at the present state, and the next one follows',
    });
    return watching;
  }

  /**
   * A tick that EventBridge cannot deliver, or for which a worker's call fails, is kept in a queue and raises an alarm. A
   * watcher's failed call is ignored, because the next one follows.
   */
  #tickEveryMinute(
    workers: readonly PipelineFunction[],
    watchers: readonly PipelineFunction[],
    deadTicks: Queue,
  ): void {
    for (const worker of workers)
      worker.function.configureAsyncInvoke({ onFailure: new SqsDestination(deadTicks) });
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [...workers, ...watchers].map(
        (one) => new LambdaFunction(one.function, { deadLetterQueue: deadTicks }),
      ),
    });
  }

  #dashboards(parts: Parts): void {
    const { tables, rejects, grantsOutbox, deadGrants, deadTicks, workers, watchers } = parts;
    const { metricRows, ...others } = tables;
    saleDashboard(this, 'SaleDashboard', watchers.board);
    operationsDashboard(this, 'Dashboard', {
      workers,
      watchers,
      rejects,
      outbox: grantsOutbox,
      kept: { 'dead grants': deadGrants, 'dead ticks': deadTicks },
      tables: { ...others, metrics: metricRows },
      alarms: [
        ...pipelineAlarms(this, parts, { ...workers, ...watchers }),
        ...Object.values(workers).flatMap(({ workQueues }) => workQueues.flatMap(({ alarms }) => alarms)),
      ],
    });
  }

  #outputs(
    {
      tables,
      drawSecret,
      erasureSecret,
      publications,
      rejects,
      grantsOutbox,
      deadGrants,
      deadTicks,
      workers,
    }: Parts,
    board: PipelineFunction,
  ): void {
    const output = (id: string, value: string, description?: string): void => {
      new CfnOutput(this, id, { value, ...(description === undefined ? {} : { description }) });
    };
    output('EventsQueueUrl', workers.intake.queue.queueUrl, 'where producers send orders and refunds');
    output(
      'ControlQueueUrl',
      workers.intake.sideQueues.Control!.queue.queueUrl,
      'where campaigns are opened, changed and closed, and members are changed, linked and erased',
    );
    output('RejectsQueueUrl', rejects.queueUrl, 'refused events, with reasons');
    output(
      'GrantsQueueUrl',
      grantsOutbox.queueUrl,
      'every grant, at least once, for the wallet and payment systems',
    );
    output(
      'BoardFunctionName',
      board.function.functionName,
      'answers with the live screen as HTML, to the dashboard or any other caller with permission',
    );
    this.#queueOutputs(workers, output);
    output('DeadGrantsQueueUrl', deadGrants.queueUrl, 'grants that no system has taken');
    output('DeadTicksQueueUrl', deadTicks.queueUrl, 'calls of the every-minute schedule that were lost');
    output('CampaignsTableName', tables.campaigns.tableName);
    output('MembersTableName', tables.members.tableName);
    output('GrantsTableName', tables.grants.tableName);
    output('MetricsTableName', tables.metricRows.tableName);
    output('DrawsTableName', tables.draws.tableName);
    output('DrawSecretArn', drawSecret.secretArn);
    output('ErasureSecretArn', erasureSecret.secretArn);
    output(
      'PublicationsBucketName',
      publications.bucketName,
      'the public facts of draws, and the exports of finished draws',
    );
  }

  /**
   * The URLs of every queue that a function processes and of its dead letters: `zhihui dead-letters` and `doctor` read them.
   */
  #queueOutputs(workers: Parts['workers'], output: (id: string, value: string) => void): void {
    for (const [name, { constructId }] of entriesOf(WORKERS)) {
      const worker = workers[name];
      const named: [string, WorkQueue][] = [[constructId, worker], ...Object.entries(worker.sideQueues)];
      for (const [label, { queue, deadLetterQueue }] of named) {
        // Producers' own queues are outputs with a description of their own.
        if (!PRODUCERS_QUEUES.has(label)) output(`${label}QueueUrl`, queue.queueUrl);
        output(`${label}DeadLetterQueueUrl`, deadLetterQueue.queueUrl);
      }
    }
  }
}

const entriesOf = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(record) as [Key, Value][];

const mapValues = <Key extends string, Value, Result>(
  record: Readonly<Record<Key, Value>>,
  map: (value: Value, key: Key) => Result,
): Record<Key, Result> =>
  Object.fromEntries(entriesOf(record).map(([key, value]) => [key, map(value, key)])) as Record<Key, Result>;

/** `freeOrder` becomes `FreeOrder`: construct ids are written like class names. */
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
