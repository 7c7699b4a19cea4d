import { describe, expect, it } from 'vitest';
import { type Json, StackTemplate } from './template.ts';

const bucketOf = (template: StackTemplate): Json => template.all('AWS::S3::Bucket')[0]![1];

describe('the bucket of publications', () => {
  const template = new StackTemplate();
  const { Properties: properties, ...bucket } = bucketOf(template);

  it('cannot be opened to anybody outside the account, neither by a policy nor by an access control list', () => {
    expect(template.all('AWS::S3::Bucket')).toHaveLength(1);
    expect(properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  });

  it('is encrypted, and refuses every request without TLS', () => {
    const [encryption] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
    expect(encryption.ServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' });
    const [, policy] = template.all('AWS::S3::BucketPolicy')[0]!;
    const { Statement: statements } = policy.Properties.PolicyDocument;
    expect(statements.every(({ Effect }: Json) => Effect === 'Deny')).toBe(true);
    expect(statements.map(({ Condition }: Json) => Condition)).toContainEqual({
      Bool: { 'aws:SecureTransport': 'false' },
    });
  });

  it('keeps every version, and stays when the stack is deleted, unless the stage is disposable', () => {
    expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(bucketOf(new StackTemplate({}, { disposable: true }))).toMatchObject({ DeletionPolicy: 'Delete' });
  });

  it('deletes the work files of exports and draws after some days, and nothing that is public', () => {
    for (const rule of properties.LifecycleConfiguration.Rules) {
      const deletes = rule.ExpirationInDays !== undefined || rule.NoncurrentVersionExpiration !== undefined;
      if (deletes) expect(rule.Prefix).toBe('work/');
    }
  });
});
