import { beforeAll, expect, it } from 'vitest';
import type { LocalStack } from '#local/aws/template.ts';
import { StackTemplate } from '../lib/template.ts';
import { FAULTS } from './faults.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import type { Step } from './worker.ts';
import { workloadOf } from './workload/index.ts';

/** A few sales that draw, learn, refund, erase and link, one of them in the middle of a deployment. */
const SEEDS = [1, 2, 4, 9, 12];

type Actions = Readonly<Record<string, unknown>>;
type Input = {
  readonly TableName?: string;
  readonly RequestItems?: Actions;
  readonly TransactItems?: readonly Readonly<Record<string, { TableName: string }>>[];
  readonly Statements?: readonly { Statement: string }[];
};

/** What a call needs permission for: pairs of a table and an action. Calls to SQS need none of these. */
const neededBy = ({ operation, input }: Step): [table: string, action: string][] => {
  const { TableName: table, RequestItems, TransactItems, Statements } = input as Input;
  if (TransactItems !== undefined)
    return TransactItems.flatMap((one) =>
      Object.entries(one).map(([kind, { TableName }]): [string, string] => [
        TableName,
        kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`,
      ]),
    );
  if (Statements !== undefined)
    return Statements.map(({ Statement }) => {
      const [, verb = '', name = ''] = /^(INSERT|UPDATE|DELETE|SELECT)[^"]*"([^"]+)"/.exec(Statement) ?? [];
      return [name, `PartiQL${verb.charAt(0)}${verb.slice(1).toLowerCase()}`];
    });
  if (RequestItems !== undefined) return Object.keys(RequestItems).map((name) => [name, operation]);
  return table === undefined ? [] : [[table, operation]];
};

/**
 * Some workers run the previous version of the metrics function, as in the middle of a deployment. That version
 * needs this permission, and today's does not.
 */
const OF_THE_PREVIOUS_VERSION = 'metrics: UpdateItem on metrics';

let stack: LocalStack;
beforeAll(() => {
  stack = synthesizeStack();
});

it('every function makes only the calls that its role permits', async () => {
  const shortNames = new Map(stack.tables.map(({ name, shortName }) => [name, shortName]));
  const used = new Set<string>();
  const onCall = (step: Step): void => {
    for (const [table, action] of neededBy(step))
      used.add(`${step.worker.replace(/-\d+$/, '')}: ${action} on ${shortNames.get(table)}`);
  };
  for (const seed of SEEDS)
    await judgedRun(stack, workloadOf(seed), { seed, faults: new Set(FAULTS), onCall });
  const template = new StackTemplate();
  const granted = new Set(
    template.functions().flatMap(({ name }) =>
      Object.entries(template.grantsOf(name))
        .filter(([path]) => path.endsWith('Table'))
        .flatMap(([path, actions]) =>
          actions.map(
            (action) =>
              `${name}: ${action.replace('dynamodb:', '')} on ${path.replace('Table', '').toLowerCase()}`,
          ),
        ),
    ),
  );
  expect([...used].filter((one) => !granted.has(one) && one !== OF_THE_PREVIOUS_VERSION)).toEqual([]);
  // Many granted actions are used in these few sales, which shows that both sides spell the names alike.
  expect([...granted].filter((one) => used.has(one)).length).toBeGreaterThan(60);
}, 120_000);
