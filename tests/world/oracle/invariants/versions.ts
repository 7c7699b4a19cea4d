import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Invariant, Seen } from '../invariant.ts';
import type { Item, Step } from '../observation.ts';

type Write = { readonly name: string; readonly version: number };

/** Members that a call has written. A member's whole state is one attribute, which contains a version. */
const membersOf = ({ operation, input, answer }: Step): Write[] => {
  const written = (member: string | undefined, body: AttributeValue | undefined): Write[] => {
    const version = body?.M?.version?.N;
    return member === undefined || version === undefined
      ? []
      : [{ name: `member ${member}`, version: Number(version) }];
  };
  switch (operation) {
    case 'TransactWriteItems':
      return (input as { TransactItems: { Put?: { Item: Item } }[] }).TransactItems.flatMap(({ Put }) =>
        written(Put?.Item.member?.S, Put?.Item.body),
      );
    case 'BatchExecuteStatement': {
      const { Responses = [] } = answer as { Responses?: { Error?: object }[] };
      return (input as { Statements: { Parameters?: AttributeValue[] }[] }).Statements.flatMap(
        ({ Parameters = [] }, i) =>
          Responses[i]?.Error !== undefined
            ? []
            : written(
                Parameters.find(({ S }) => S !== undefined)?.S,
                Parameters.find(({ M }) => M !== undefined),
              ),
      );
    }
    default:
      return [];
  }
};

/** Members that a call has deleted because they were erased. A worker that began before that may write such a member again. */
const deletedOf = ({ operation, input }: Step): string[] =>
  operation === 'TransactWriteItems'
    ? (input as { TransactItems: { Delete?: { Key: Item } }[] }).TransactItems.flatMap(({ Delete }) =>
        Delete?.Key.member === undefined || Delete.Key.grant !== undefined
          ? []
          : [`member ${Delete.Key.member.S}`],
      )
    : [];

/** Progress items and grants that a call has written. A grant stores how often it was changed; a new one has version 1 here. */
const watchedOf = ({ changes }: Seen): Write[] =>
  changes.flatMap(({ table, key, before, after }) => {
    const name = key.replace('\n', ' ');
    if (table === 'campaigns' && after?.isDone !== undefined)
      return [{ name: `progress ${name}`, version: Number(after.version?.N) }];
    if (table === 'grants' && after?.id !== undefined && (before === undefined || isOther(before, after)))
      return [{ name: `grant ${name}`, version: 1 + Number(after.changes?.N ?? 0) }];
    return [];
  });

const isOther = (before: Item, after: Item): boolean =>
  before.state?.S !== after.state?.S || before.changes?.N !== after.changes?.N;

/** An item with a version is only replaced by a worker that has read its last version, so no worker's write is lost. */
export const versions: Invariant = {
  name: 'versions',
  begin: (_, report) => {
    const last = new Map<string, number>();
    const check = (writes: readonly Write[], { worker, atMs }: Step): void => {
      for (const { name, version } of writes) {
        const before = last.get(name) ?? 0;
        if (version !== before + 1)
          report(atMs, `${name}: ${worker} wrote version ${version} over version ${before}`);
        last.set(name, version);
      }
    };
    return {
      onCall: (step) => {
        check(membersOf(step), step);
        for (const name of deletedOf(step)) last.delete(name);
      },
      onStep: (seen) => check(watchedOf(seen), seen.step),
    };
  },
};
