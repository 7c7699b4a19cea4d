import { DescribeLimitsCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Demand } from '#domain/capacity/demand.ts';
import { type CapacityPlan, planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { invocationsAtMost, SETUPS } from '#lib/capacity.ts';
import { contextOfCdkJson } from '#lib/context.ts';
import { readSettings } from '#lib/settings.ts';
import { InputError } from '#local/console/input-error.ts';

/** A quota of an account, and what the stack may ask of it. `advice` is there if the quota is too small. */
export type Check = {
  readonly what: string;
  readonly asked: number;
  readonly allowed: number;
  readonly unit: string;
  readonly advice?: string;
};

export type Preflight = {
  readonly stackName: string;
  readonly region: string;
  readonly checks: readonly Check[];
};

/** What an account allows at most in its region. */
type Quotas = {
  readonly region: string;
  /** Invocations at a time that no other function of the account has reserved. */
  readonly invocations: number;
  /** Units a second of one table. */
  readonly writeUnits: number;
  readonly readUnits: number;
};

/** The quotas' services, names and codes in the Service Quotas console. */
const CONCURRENCY_QUOTA = 'Lambda, "Concurrent executions" (L-B99A9384)';
const WRITES_QUOTA = 'DynamoDB, "Table-level write throughput limit" (L-AB614373)';
const READS_QUOTA = 'DynamoDB, "Table-level read throughput limit" (L-CF0CBE56)';

const NO_CREDENTIALS =
  'AWS credentials: expected some, got none; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** The error that says why the account could not be asked: no credentials, no region, or AWS's own answer. */
const unanswered = (action: string, cause: unknown): Error => {
  const { name, message } = cause as Error;
  if (name === 'CredentialsProviderError') return new InputError(NO_CREDENTIALS, { cause });
  // An empty variable counts as one that is not set.
  if (/^Region is missing|region=""/.test(message))
    return new InputError('AWS_REGION: expected a region such as us-east-1, got nothing', { cause });
  return new Error(`${action}: expected an answer, got ${name}: ${message}`, { cause });
};

const asked = async <Answer>(action: string, ask: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await ask();
  } catch (cause) {
    throw unanswered(action, cause);
  }
};

/** The quotas of the account that the SDK's own configuration names. */
const readQuotas = async (): Promise<Quotas> => {
  // Loaded only when an account is asked: a run on this machine does not need this package.
  const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const lambda = new LambdaClient();
  const dynamodb = new DynamoDBClient();
  try {
    const { AccountLimit: limit } = await asked('lambda:GetAccountSettings', () =>
      lambda.send(new GetAccountSettingsCommand()),
    );
    const tables = await asked('dynamodb:DescribeLimits', () => dynamodb.send(new DescribeLimitsCommand()));
    return {
      region: await dynamodb.config.region(),
      invocations: limit!.UnreservedConcurrentExecutions!,
      writeUnits: tables.TableMaxWriteCapacityUnits!,
      readUnits: tables.TableMaxReadCapacityUnits!,
    };
  } finally {
    lambda.destroy();
    dynamodb.destroy();
  }
};

const checkOf = (check: Omit<Check, 'advice'>, quota: string, then: string): Check =>
  check.asked <= check.allowed ? check : { ...check, advice: `${then}: ask AWS for more of ${quota}` };

const invocationsAtPeak = ({ loads }: CapacityPlan): number =>
  loads.reduce((sum, { concurrency }) => sum + concurrency, 0);

const tableChecks = ({ tables }: CapacityPlan, quotas: Quotas): Check[] =>
  Object.entries(tables).flatMap(([name, { writeUnits, readUnits }]) => [
    checkOf(
      { what: `table ${name}`, asked: writeUnits, allowed: quotas.writeUnits, unit: 'write units a second' },
      WRITES_QUOTA,
      'orders wait at the peak',
    ),
    checkOf(
      { what: `table ${name}`, asked: readUnits, allowed: quotas.readUnits, unit: 'read units a second' },
      READS_QUOTA,
      'orders wait at the peak',
    ),
  ]);

/**
 * Compares what an account allows with what a stage's stack may ask of it: at the peak of a demand, and at most. Throws an
 * InputError if credentials or a region are missing.
 */
export const preflight = async (stage: string, demand: Demand): Promise<Preflight> => {
  const ofCdkJson = contextOfCdkJson();
  const settings = readSettings((key) => (key === 'stage' ? stage : ofCdkJson[key]));
  const quotas = await readQuotas();
  const plan = planCapacity(demand, UNIT_COSTS, SETUPS);
  const { region, invocations: allowed } = quotas;
  const unit = 'invocations at a time';
  return {
    stackName: settings.stackName,
    region,
    checks: [
      checkOf(
        { what: 'all functions at the peak', asked: invocationsAtPeak(plan), allowed, unit },
        CONCURRENCY_QUOTA,
        'orders wait, and the figures fall behind',
      ),
      checkOf(
        { what: 'all functions at most', asked: invocationsAtMost(settings.sizes), allowed, unit },
        CONCURRENCY_QUOTA,
        'a function with a backlog takes the capacity of all others',
      ),
      ...tableChecks(plan, quotas),
    ],
  };
};
