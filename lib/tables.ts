/** Makes the tables of the stack. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

export interface TableOptions {
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  /** Name of the sort key, a string; without it, a partition is one item. */
  readonly sortKey?: string;
  /** Attribute that holds an item's expiry, in seconds since 1970; without it, items stay. */
  readonly expiryAttribute?: string;
  /** Write units/s that the table takes without warming up; left out if those of a new table are enough. */
  readonly warmWriteUnits?: number | undefined;
  /** Whether deleting the stack deletes the table and its data. */
  readonly removalPolicy: RemovalPolicy;
  /** Whether the table cannot be deleted until this protection is switched off. */
  readonly deletionProtection: boolean;
}

/**
 * A table on demand with point-in-time recovery. It is `Table` and not `TableV2`, whose one advantage is replicas in other
 * regions: transactions are atomic within one region only, so a budget in a replicated table could be spent twice.
 */
export const durableTable = (scope: Construct, id: string, options: TableOptions): Table =>
  new Table(scope, id, {
    partitionKey: { name: options.partitionKey, type: AttributeType.STRING },
    ...(options.sortKey === undefined
      ? {}
      : { sortKey: { name: options.sortKey, type: AttributeType.STRING } }),
    billingMode: BillingMode.PAY_PER_REQUEST,
    ...(options.warmWriteUnits === undefined
      ? {}
      : { warmThroughput: { writeUnitsPerSecond: options.warmWriteUnits } }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: TableEncryption.AWS_MANAGED,
    ...(options.expiryAttribute === undefined ? {} : { timeToLiveAttribute: options.expiryAttribute }),
    deletionProtection: options.deletionProtection,
    removalPolicy: options.removalPolicy,
  });
