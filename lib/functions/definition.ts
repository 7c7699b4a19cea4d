import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { FunctionTuning, MappingTuning, Tuning } from '../limits.ts';
import type { PipelineFunction } from '../pipeline-function.ts';
import type { QueueFunction } from '../queue-function.ts';
import type { Settings } from '../settings.ts';
import type { WatcherName, WorkerName } from './index.ts';

export interface Tables {
  readonly campaigns: Table;
  readonly members: Table;
  readonly grants: Table;
  readonly draws: Table;
  readonly metricRows: Table;
}

/** The parts of the stack that a function can be wired to. */
export interface Parts {
  readonly tables: Tables;
  readonly rejects: Queue;
  readonly grantsOutbox: Queue;
  /** Grants that the readers of the outbox failed to process. */
  readonly deadGrants: Queue;
  /** Ticks that could not be delivered, and ticks for which a worker's call failed. */
  readonly deadTicks: Queue;
  readonly drawSecret: ISecret;
  /** The published facts of draws, and their exports. */
  readonly publications: IBucket;
  /** The secret behind the ids of coupons. */
  readonly couponSecret: ISecret;
  /** The secret behind the names that erased members get in place of their ids. */
  readonly erasureSecret: ISecret;
  readonly workers: Readonly<Record<WorkerName, QueueFunction>>;
  readonly watchers: Readonly<Record<WatcherName, PipelineFunction>>;
}

/** A function that processes a queue. */
export interface Worker {
  /** Construct id of the queue and its function. A part of the logical ids, so it never changes. */
  readonly constructId: string;
  readonly tuning: Tuning;
  /** Further queues that it processes, by the first part of their construct ids. */
  readonly sideQueues?: Readonly<Record<string, MappingTuning>>;
  /** Replaces the tuning's window, in seconds. */
  readonly windowSeconds?: (settings: Settings) => number;
  readonly environment?: (settings: Settings, tables: Tables) => Readonly<Record<string, string>>;
  /** Whether the clock calls it every minute. */
  readonly isTicked?: boolean;
  /** Lets it reach what it needs, and nothing else. */
  readonly wire: (worker: QueueFunction, parts: Parts) => void;
}

/** A function that no event passes through. A lost call does no harm, because another one follows. */
export interface Watcher {
  readonly tuning: FunctionTuning;
  readonly isTicked?: boolean;
  readonly wire: (watcher: PipelineFunction, parts: Parts) => void;
}

/**
 * What a function does with the metrics table to fold examples and make a model of them. It updates an item
 * only to remove folded examples from the set of pending blocks that the previous version of the code kept.
 */
export const LEARNING_ACTIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
] as const;
