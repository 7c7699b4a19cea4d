import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { createApp } from '#lib/synth.ts';

type Properties = Record<string, unknown>;
type Statement = { Action: string | string[]; Resource: unknown };

const templateOf = (hasCustomerKey: boolean): Template =>
  Template.fromStack(
    createApp({ code: (name) => Code.fromInline(name), settings: { hasCustomerKey } }).stack,
  );

const propertiesOf = (template: Template, type: string): Properties[] =>
  Object.values(template.findResources(type)).map(({ Properties: properties }) => properties as Properties);

describe('with a key of the account', () => {
  const template = templateOf(true);
  const [keyId] = Object.keys(template.findResources('AWS::KMS::Key'));
  const key = { 'Fn::GetAtt': [keyId, 'Arn'] };

  it('there is one key, which is rotated', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('services that send to a queue or the topic, or keep logs, may use it on behalf of this account only', () => {
    const [{ KeyPolicy: policy } = {}] = propertiesOf(template, 'AWS::KMS::Key');
    const statements = (policy as { Statement: (Statement & { Principal: object; Condition?: object })[] })
      .Statement;
    const own = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    const used = ['kms:Decrypt', 'kms:GenerateDataKey'];
    const services = ['budgets', 'cloudwatch', 'events'].map((service) => `${service}.amazonaws.com`);
    expect(statements).toContainEqual(
      expect.objectContaining({ Principal: { Service: services }, Action: used, Condition: own }),
    );
    expect(
      statements.every(({ Principal, Condition }) => 'AWS' in Principal || Condition !== undefined),
    ).toBe(true);
  });

  it('every table, queue, topic, bucket, secret and log group is encrypted with it', () => {
    const used = {
      'AWS::DynamoDB::Table': ({ SSESpecification: sse }: Properties) => (sse as Properties).KMSMasterKeyId,
      'AWS::SQS::Queue': ({ KmsMasterKeyId: id }: Properties) => id,
      'AWS::SNS::Topic': ({ KmsMasterKeyId: id }: Properties) => id,
      'AWS::SecretsManager::Secret': ({ KmsKeyId: id }: Properties) => id,
      'AWS::S3::Bucket': ({ BucketEncryption: encryption }: Properties) =>
        (encryption as { ServerSideEncryptionConfiguration: { ServerSideEncryptionByDefault: Properties }[] })
          .ServerSideEncryptionConfiguration[0]!.ServerSideEncryptionByDefault.KMSMasterKeyID,
      'AWS::Logs::LogGroup': ({ KmsKeyId: id }: Properties) => id,
    };
    for (const [type, keyOf] of Object.entries(used)) {
      const all = propertiesOf(template, type);
      expect(all.length, type).toBeGreaterThan(0);
      expect(all.map(keyOf), type).toEqual(all.map(() => key));
    }
    for (const properties of propertiesOf(template, 'AWS::SQS::Queue'))
      expect(properties).not.toHaveProperty('SqsManagedSseEnabled');
  });

  it('every function may decrypt and make data keys with it, and nothing else', () => {
    const allowed = propertiesOf(template, 'AWS::IAM::Policy').map(({ PolicyDocument: document }) =>
      (document as { Statement: Statement[] }).Statement.filter(
        ({ Resource }) => JSON.stringify(Resource) === JSON.stringify(key),
      ).map(({ Action }) => Action),
    );
    const functions = propertiesOf(template, 'AWS::Lambda::Function').length;
    expect(allowed.filter((actions) => actions.length > 0)).toEqual(
      Array.from({ length: functions }, () => [['kms:Decrypt', 'kms:GenerateDataKey']]),
    );
  });
});

it('without a key of the account, AWS manages the keys, and the stack has none', () => {
  templateOf(false).resourceCountIs('AWS::KMS::Key', 0);
});
