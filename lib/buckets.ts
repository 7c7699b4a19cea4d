/** Makes the bucket that holds what is published about draws. */
import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { WORK_PREFIX } from './limits.ts';

/** Long enough for an export whose message waits as a dead letter over a weekend. */
const WORK_DAYS = 7;

/**
 * A bucket that nobody outside the account can read: the team publishes copies of what is in it. Every version of an
 * object is kept, so that the versions' times say when each was stored. What is stored under `work/` is deleted
 * after some days.
 */
export const publicationsBucket = (scope: Construct, id: string, removalPolicy: RemovalPolicy): Bucket => {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    lifecycleRules: [
      {
        prefix: WORK_PREFIX,
        expiration: Duration.days(WORK_DAYS),
        noncurrentVersionExpiration: Duration.days(1),
      },
      { abortIncompleteMultipartUploadAfter: Duration.days(WORK_DAYS) },
    ],
    removalPolicy,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'only the draw and the publisher write to it, and its versions say when; readers get copies that the team publishes',
  });
  return bucket;
};
