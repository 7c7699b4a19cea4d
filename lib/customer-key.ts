/** Encrypts what a stack holds with a key of the account. */
import { ArnFormat, type RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';

/** What a function, or a service that sends to a queue or the topic, may do with the key. */
const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];
/** CloudWatch Logs asks for these as well ("Encrypt log data in CloudWatch Logs using AWS KMS"). */
const LOG_ACTIONS = [
  ...KEY_ACTIONS,
  'kms:Encrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:DescribeKey',
];

/**
 * Encrypts everything that holds data of the stack (tables, queues, the topic, buckets, secrets and logs) with one key of the
 * account, in place of keys that AWS manages. The account's owner can watch and disable this key. Call this
 * last, so that nothing is left out. Those who send events or read grants need permission to use the key.
 */
export const encryptWithCustomerKey = (stack: Stack, removalPolicy: RemovalPolicy): Key => {
  const key = new Key(stack, 'CustomerKey', { enableKeyRotation: true, removalPolicy });
  const logGroups = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: LOG_ACTIONS,
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
    }),
  );
  // EventBridge puts lost ticks into a queue; alarms and the cost budget send to the topic. Queue and topic are encrypted.
  for (const service of ['events', 'cloudwatch', 'budgets'])
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
        actions: KEY_ACTIONS,
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
  for (const construct of stack.node.findAll()) {
    if (construct instanceof CfnTable)
      construct.sseSpecification = { sseEnabled: true, sseType: 'KMS', kmsMasterKeyId: key.keyArn };
    else if (construct instanceof CfnQueue) {
      construct.sqsManagedSseEnabled = undefined;
      construct.kmsMasterKeyId = key.keyArn;
    } else if (construct instanceof CfnTopic) construct.kmsMasterKeyId = key.keyArn;
    else if (construct instanceof CfnSecret) construct.kmsKeyId = key.keyArn;
    else if (construct instanceof CfnLogGroup) construct.kmsKeyId = key.keyArn;
    else if (construct instanceof CfnBucket)
      construct.bucketEncryption = {
        serverSideEncryptionConfiguration: [
          {
            bucketKeyEnabled: true,
            serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.keyArn },
          },
        ],
      };
    else if (construct instanceof LambdaFunction)
      Grant.addToPrincipal({ grantee: construct, actions: KEY_ACTIONS, resourceArns: [key.keyArn] });
  }
  return key;
};
