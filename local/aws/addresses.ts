/** Gives a stack's resources the names and addresses that they have on this machine. */
import type { Scope } from './intrinsics.ts';
import type { Resource, Template } from './template.ts';

/** The region of the local run. It is the default of fauxqs, the package that serves SQS and S3 here. */
export const LOCAL_REGION = 'us-east-1';
/** The account that fauxqs puts in ARNs and queue URLs. */
export const LOCAL_ACCOUNT = '000000000000';
/** No local service checks credentials, but the SDK needs some. These are valid nowhere. */
export const DUMMY_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

const QUEUE = 'AWS::SQS::Queue';
const TABLE = 'AWS::DynamoDB::Table';
const FUNCTION = 'AWS::Lambda::Function';
const SECRET = 'AWS::SecretsManager::Secret';
const BUCKET = 'AWS::S3::Bucket';

/** Endings of construct ids that only repeat the kind of the resource; short names leave them out. */
const KIND_SUFFIX = /(?:Queue|Table|Function|Bucket)$/;

/** A resource's names here. `shortName` is for people and unique within its kind. */
export type Address = { readonly shortName: string; readonly name: string; readonly arn: string };
export type QueueAddress = Address & { readonly url: string };

/** The addresses of a stack's queues, tables, functions, secrets and buckets by logical id. */
export type Addresses = {
  readonly queues: ReadonlyMap<string, QueueAddress>;
  readonly tables: ReadonlyMap<string, Address>;
  readonly functions: ReadonlyMap<string, Address>;
  readonly secrets: ReadonlyMap<string, Address>;
  readonly buckets: ReadonlyMap<string, Address>;
  readonly scope: Scope;
};

/** Gives every resource that has a local counterpart a readable name (`<prefix>-<short name>`) and an address. */
export const addressesOf = (
  template: Template,
  stackName: string,
  prefix: string,
  sqsEndpoint: string,
): Addresses => {
  const of = (type: string): Map<string, Resource> =>
    new Map(Object.entries(template.Resources).filter(([, resource]) => resource.Type === type));
  const addresses = (
    short: ReadonlyMap<string, string>,
    service: string,
    kind: string,
  ): Map<string, Address> =>
    new Map(
      [...short].map(([logicalId, shortName]) => {
        const name = `${prefix}-${shortName}`;
        return [logicalId, { shortName, name, arn: localArn(service, `${kind}${name}`) }];
      }),
    );

  const tables = addresses(shortNames(of(TABLE)), 'dynamodb', 'table/');
  const functions = addresses(shortNames(of(FUNCTION)), 'lambda', 'function:');
  const secrets = addresses(shortNames(of(SECRET)), 'secretsmanager', 'secret:');
  const buckets = addresses(shortNames(of(BUCKET)), 's3', '');
  const queues = new Map(
    [...addresses(queueShortNames(of(QUEUE)), 'sqs', '')].map(([logicalId, address]) => [
      logicalId,
      { ...address, url: `${sqsEndpoint}/${LOCAL_ACCOUNT}/${address.name}` },
    ]),
  );
  const all = { queues, tables, functions, secrets, buckets };
  return { ...all, scope: scopeOf(all, stackName) };
};

export const localArn = (service: string, resource: string): string => {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;
};

/** `DeadLetterQueue` → `dead-letter-queue`. */
export const kebab = (id: string): string => {
  return id
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .toLowerCase();
};

const scopeOf = (
  { queues, tables, functions, secrets, buckets }: Omit<Addresses, 'scope'>,
  stackName: string,
): Scope => {
  const pseudoParameters: Readonly<Record<string, string>> = {
    'AWS::AccountId': LOCAL_ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': LOCAL_REGION,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return {
    ref: (name) =>
      queues.get(name)?.url ??
      tables.get(name)?.name ??
      functions.get(name)?.name ??
      secrets.get(name)?.arn ??
      buckets.get(name)?.name ??
      pseudoParameters[name],
    attribute(logicalId, name) {
      const queue = queues.get(logicalId);
      if (queue !== undefined && name === 'QueueName') return queue.name;
      if (queue !== undefined && name === 'QueueUrl') return queue.url;
      const address =
        queue ??
        tables.get(logicalId) ??
        functions.get(logicalId) ??
        secrets.get(logicalId) ??
        buckets.get(logicalId);
      return name === 'Arn' ? address?.arn : undefined;
    },
  };
};

/** A dead-letter queue is named after the queue it serves, because the paths of dead-letter queues follow no common pattern. */
const queueShortNames = (queues: ReadonlyMap<string, Resource>): Map<string, string> => {
  const sources = new Map<string, string>();
  for (const [logicalId, { Properties }] of queues) {
    const target = deadLetterQueueOf(Properties?.RedrivePolicy);
    if (target !== undefined && !sources.has(target)) sources.set(target, logicalId);
  }
  const names = shortNames(new Map([...queues].filter(([logicalId]) => !sources.has(logicalId))));
  for (const [target, source] of sources)
    names.set(target, `${names.get(source) ?? kebab(source)}-dead-letters`);
  return names;
};

/** The logical id of the queue that a redrive policy of this stack points to. */
const deadLetterQueueOf = (redrivePolicy: unknown): string | undefined => {
  const policy = redrivePolicy as { deadLetterTargetArn?: { 'Fn::GetAtt'?: [string, string] } } | undefined;
  return policy?.deadLetterTargetArn?.['Fn::GetAtt']?.[0];
};

/**
 * Readable names from construct paths: the last id that says more than the kind of resource, so
 * `Zhihui/GrantsQueue/Resource` is `grants` and `Zhihui/Rollup/Queue/Resource` is `rollup`. If two would get the same name, both
 * get their whole path.
 */
const shortNames = (resources: ReadonlyMap<string, Resource>): Map<string, string> => {
  const paths = new Map(
    [...resources].map(([logicalId, resource]) => [logicalId, idsOf(logicalId, resource)]),
  );
  const wished = new Map([...paths].map(([logicalId, ids]) => [logicalId, lastTelling(ids)]));
  const uses = Map.groupBy(wished.values(), (name) => name);
  return new Map(
    [...paths].map(([logicalId, ids]) => {
      const name = wished.get(logicalId) ?? '';
      return [logicalId, uses.get(name)?.length === 1 ? name : kebab(ids.join('-'))];
    }),
  );
};

/** The ids in a resource's path, without the stack's id and without the last one, `Resource`. */
const idsOf = (logicalId: string, resource: Resource): readonly string[] => {
  const path = resource.Metadata?.['aws:cdk:path'];
  if (typeof path !== 'string') return [logicalId];
  const ids = path.split('/').slice(1);
  return ids.at(-1) === 'Resource' ? ids.slice(0, -1) : ids;
};

const lastTelling = (ids: readonly string[]): string => {
  const telling = ids.map((id) => id.replace(KIND_SUFFIX, '')).filter((id) => id !== '');
  return kebab(telling.at(-1) ?? ids.join('-'));
};
