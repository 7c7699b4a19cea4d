import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DRAND_RELAYS } from '#domain/free-orders/draw/drand.ts';
import { alarmWhenBehind, alarmWhenNotEmpty } from './alarms.ts';
import { operationsDashboard } from './dashboard.ts';
import {
  AUDIENCE,
  BOARD,
  COUPON,
  DRAW,
  FREE_ORDER,
  type FunctionTuning,
  HEALTH,
  INTAKE,
  METRICS,
  PACER,
  PRESALE,
  ROLLUP,
  type Tuning,
} from './limits.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { QueueFunction, type QueueFunctionProps } from './queue-function.ts';
import { keptQueue } from './queues.ts';
import { saleDashboard } from './sale-dashboard.ts';
import { committedSecret } from './secrets.ts';
import { durableTable } from './tables.ts';

export interface ZhihuiStackProps extends StackProps {
  /** Gives a function's code by the name of its folder in lambdas/. */
  readonly code: (functionName: string) => Code;
  /** How long an order waits for its campaign to open before it counts as bad. */
  readonly campaignWait: Duration;
  /** How long metrics waits for a fuller batch: a later figure against a cheaper order. */
  readonly metricsWindow: Duration;
  /** How long rollup waits for a fuller batch: a later figure against fewer recomputations. */
  readonly rollupWindow: Duration;
  /** Whether deleting the stack deletes its data: yes in a sandbox, no where a sale runs. */
  readonly disposable: boolean;
}

/**
 * The pipeline: every function that events go through works off a queue, and each is wired to exactly the queues and tables
 * it may reach. Another function is a folder in lambdas/, a tuning in limits.ts, a `worker` here with its wiring, and a name
 * in `workers`; one that looks at the pipeline from outside is a `watcher` in `watchers`.
 */
export class ZhihuiStack extends Stack {
  constructor(scope: Construct, id: string, props: ZhihuiStackProps) {
    super(scope, id, { terminationProtection: !props.disposable, ...props });
    const { disposable } = props;
    const removal = disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

    const worker = (
      queueId: string,
      functionName: string,
      tuning: Tuning,
      more: Partial<QueueFunctionProps> = {},
    ): QueueFunction =>
      new QueueFunction(this, queueId, {
        functionId: pascalCase(functionName),
        code: props.code(functionName),
        tuning,
        logRemoval: removal,
        ...more,
      });
    /** A function that no event goes through, and that a call is lost on without harm, because there will be another. */
    const watcher = (functionName: string, tuning: FunctionTuning): PipelineFunction => {
      const watching = new PipelineFunction(this, pascalCase(functionName), {
        functionId: 'Function',
        code: props.code(functionName),
        tuning,
        logRemoval: removal,
      });
      Validations.of(watching.function).acknowledge({
        id: 'Serverless-LambdaDLQ',
        reason: 'a call asks how things are now: one that is lost is followed by the next',
      });
      return watching;
    };

    const campaigns = durableTable(this, 'CampaignsTable', {
      partitionKey: 'campaign',
      sortKey: 'item',
      disposable,
    });
    const metricRows = durableTable(this, 'MetricsTable', {
      partitionKey: 'window',
      sortKey: 'item',
      expiryAttribute: 'expiresAt',
      disposable,
    });
    const members = durableTable(this, 'MembersTable', { partitionKey: 'member', disposable });
    const grants = durableTable(this, 'GrantsTable', {
      partitionKey: 'member',
      sortKey: 'grant',
      disposable,
    });
    const draws = durableTable(this, 'DrawsTable', { partitionKey: 'draw', sortKey: 'item', disposable });
    const drawSecret = committedSecret(this, 'DrawSecret', removal);
    const rejects = keptQueue(this, 'RejectsQueue');
    const grantsOutbox = keptQueue(this, 'GrantsQueue');

    const intake = worker('Events', 'intake', INTAKE, {
      environment: { CAMPAIGN_WAIT_SECONDS: String(props.campaignWait.toSeconds()) },
    });
    const presale = worker('Presale', 'presale', PRESALE);
    const audience = worker('Audience', 'audience', AUDIENCE);
    const coupon = worker('Coupon', 'coupon', COUPON);
    const freeOrder = worker('FreeOrder', 'free-order', FREE_ORDER);
    const pacer = worker('Pacer', 'pacer', PACER, {
      // What hands out and takes back is one module, which names the members' table; this function may not touch it.
      environment: { MEMBERS_TABLE: members.tableName },
    });
    const draw = worker('Draw', 'draw', DRAW, {
      // As with the pacer, the members' table is named and may not be touched.
      environment: { MEMBERS_TABLE: members.tableName, BEACON_RELAYS: DRAND_RELAYS.join() },
    });
    const metrics = worker('Metrics', 'metrics', {
      ...METRICS,
      windowSeconds: props.metricsWindow.toSeconds(),
    });
    const rollup = worker('Rollup', 'rollup', { ...ROLLUP, windowSeconds: props.rollupWindow.toSeconds() });
    const workers = { intake, presale, audience, coupon, freeOrder, pacer, draw, metrics, rollup };

    const health = watcher('health', HEALTH);
    const board = watcher('board', BOARD);
    const watchers = { health, board };

    intake
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:Query')
      .sendsTo('EVENTS_QUEUE_URL', intake.queue)
      .sendsTo('PRESALE_QUEUE_URL', presale.queue)
      .sendsTo('COUPON_QUEUE_URL', coupon.queue)
      .sendsTo('FREE_ORDER_QUEUE_URL', freeOrder.queue)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects);
    presale
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:GetItem', 'dynamodb:PutItem')
      .reads('DRAW_SECRET', drawSecret)
      .sendsTo('AUDIENCE_QUEUE_URL', audience.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects);
    audience
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .uses('MEMBERS_TABLE', members, 'dynamodb:Scan')
      .uses('GRANTS_TABLE', grants, 'dynamodb:GetItem', 'dynamodb:PutItem')
      .sendsTo('AUDIENCE_QUEUE_URL', audience.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue);
    coupon
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .uses(
        'MEMBERS_TABLE',
        members,
        'dynamodb:BatchGetItem',
        'dynamodb:PartiQLInsert',
        'dynamodb:PartiQLUpdate',
        'dynamodb:PutItem',
      )
      .uses(
        'GRANTS_TABLE',
        grants,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue);
    freeOrder
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .uses('MEMBERS_TABLE', members, 'dynamodb:BatchGetItem')
      .uses('GRANTS_TABLE', grants, 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .uses(
        'DRAWS_TABLE',
        draws,
        'dynamodb:BatchGetItem',
        'dynamodb:BatchWriteItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
      )
      .reads('DRAW_SECRET', drawSecret)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue);
    pacer
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .uses('GRANTS_TABLE', grants, 'dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:UpdateItem')
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchGetItem', 'dynamodb:GetItem')
      .sendsTo('PACER_QUEUE_URL', pacer.queue)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue);
    draw
      .uses(
        'CAMPAIGNS_TABLE',
        campaigns,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .uses('GRANTS_TABLE', grants, 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem')
      .uses(
        'DRAWS_TABLE',
        draws,
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      )
      .reads('DRAW_SECRET', drawSecret)
      .sendsTo('DRAW_QUEUE_URL', draw.queue)
      .sendsTo('GRANTS_QUEUE_URL', grantsOutbox)
      .sendsTo('METRICS_QUEUE_URL', metrics.queue);
    const everyMinute = new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [pacer, draw, health].map((ticked) => new LambdaFunction(ticked.function)),
    });
    Validations.of(everyMinute).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'a tick says nothing but that a minute has passed: one that is lost is followed by the next',
    });
    metrics
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem')
      .sendsTo('ROLLUP_QUEUE_URL', rollup.queue);
    rollup.uses(
      'METRICS_TABLE',
      metricRows,
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    );

    health
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:PutItem')
      .looksAt('REJECTS_QUEUE_URL', rejects)
      .looksAt(
        'DEAD_LETTER_QUEUE_URLS',
        ...Object.values(workers).map(({ deadLetterQueue }) => deadLetterQueue),
      );
    board
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query')
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchGetItem', 'dynamodb:GetItem');

    saleDashboard(this, 'SaleDashboard', board);
    operationsDashboard(this, 'Dashboard', {
      workers,
      watchers,
      rejects,
      outboxes: { grants: grantsOutbox },
      tables: { campaigns, members, grants, draws, metrics: metricRows },
      alarms: [
        alarmWhenNotEmpty(this, 'RejectsAlarm', rejects),
        alarmWhenBehind(this, 'GrantsAlarm', grantsOutbox),
        ...Object.values(workers).flatMap(({ alarms }) => alarms),
      ],
    });

    new CfnOutput(this, 'EventsQueueUrl', {
      value: intake.queue.queueUrl,
      description: 'where producers send events',
    });
    new CfnOutput(this, 'RejectsQueueUrl', {
      value: rejects.queueUrl,
      description: 'refused events, with reasons',
    });
    new CfnOutput(this, 'GrantsQueueUrl', {
      value: grantsOutbox.queueUrl,
      description: 'every grant, at least once, for the wallet and payment systems',
    });
    new CfnOutput(this, 'BoardFunctionName', {
      value: board.function.functionName,
      description: 'answers the live screen as HTML, to the dashboard or whoever may call it',
    });
    new CfnOutput(this, 'CampaignsTableName', { value: campaigns.tableName });
    new CfnOutput(this, 'MembersTableName', { value: members.tableName });
    new CfnOutput(this, 'GrantsTableName', { value: grants.tableName });
    new CfnOutput(this, 'MetricsTableName', { value: metricRows.tableName });
    new CfnOutput(this, 'DrawsTableName', { value: draws.tableName });
    new CfnOutput(this, 'DrawSecretArn', { value: drawSecret.secretArn });
  }
}

/** `free-order` becomes `FreeOrder`: construct ids are written like class names, folders like package names. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
