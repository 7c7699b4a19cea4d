import type {
  AttributeValue,
  BatchExecuteStatementCommand,
  BatchStatementErrorCodeEnum,
  BatchWriteItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { executeStatements } from '#platform/batch-statements.ts';
import { batchWrite } from '#platform/batch-write.ts';
import { queryAll, queryPages } from '#platform/query-pages.ts';
import { testRuntime } from '../support/runtime.ts';

const send = vi.fn();
const runtime = testRuntime({
  clients: { dynamodb: { send } },
  clock: { nowMs: () => 0, wait: () => Promise.resolve() },
});

type Item = Record<string, AttributeValue>;
const itemsUpTo = (count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ key: { N: `${i}` } }));
const requestsOf = ({ input }: BatchWriteItemCommand) => input.RequestItems!.rows!;

describe('in calls to DynamoDB', () => {
  it('items are written 25 in a call, and what a call leaves is written by the next', async () => {
    const written: (Item | undefined)[] = [];
    const sizes: number[] = [];
    send.mockReset().mockImplementation(async (command: BatchWriteItemCommand) => {
      const requests = requestsOf(command);
      sizes.push(requests.length);
      const done = Math.ceil(requests.length / 2);
      written.push(...requests.slice(0, done).map(({ PutRequest: put }) => put?.Item));
      return { UnprocessedItems: done === requests.length ? {} : { rows: requests.slice(done) } };
    });
    await batchWrite(runtime, 'rows', itemsUpTo(30));
    // The two calls go out side by side, so their parts are written in no fixed order.
    const byKey = (a: Item | undefined, b: Item | undefined) => Number(a?.key?.N) - Number(b?.key?.N);
    expect(written.toSorted(byKey)).toEqual(itemsUpTo(30));
    expect(sizes.toSorted((a, b) => b - a)).toEqual([25, 12, 6, 5, 3, 2, 1, 1]);
  });

  it('items that the table never accepts cause an error that says how many there are', async () => {
    send.mockReset().mockImplementation(async ({ input }: BatchWriteItemCommand) => ({
      UnprocessedItems: input.RequestItems,
    }));
    await expect(batchWrite(runtime, 'rows', itemsUpTo(3))).rejects.toThrow(
      'table rows: 3 items not written in 10 attempts',
    );
  });

  it('a query reads all of its pages, also those after an empty one, and always strongly consistently', async () => {
    const pages = [itemsUpTo(3), [], itemsUpTo(2)];
    const asked: QueryCommand['input'][] = [];
    const answer = async ({ input }: QueryCommand) => {
      asked.push(input);
      const at = Number(input.ExclusiveStartKey?.page?.N ?? 0);
      return { Items: pages[at], ...(at < 2 ? { LastEvaluatedKey: { page: { N: `${at + 1}` } } } : {}) };
    };
    send.mockReset().mockImplementation(answer);
    expect(await queryAll(runtime, { TableName: 'rows' })).toEqual(pages.flat());
    expect(asked.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true, true]);
  });

  it('a query that is left early asks for no further page', async () => {
    send.mockReset().mockResolvedValue({ Items: itemsUpTo(2), LastEvaluatedKey: { page: { N: '1' } } });
    for await (const item of queryPages(runtime, { TableName: 'rows' })) if (item.key?.N === '1') break;
    expect(send).toHaveBeenCalledTimes(1);
  });

  const statementsUpTo = (count: number) => Array.from({ length: count }, (_, i) => ({ Statement: `${i}` }));

  /**
   * Answers a statement with the error code that `codeOf` gives for the statement and the number of the attempt; undefined means
   * success. Returns the sizes of the calls.
   */
  const answerStatements = (codeOf: (statement: number, attempt: number) => string | undefined): number[] => {
    const sizes: number[] = [];
    const attempts = new Map<number, number>();
    send.mockReset().mockImplementation(async ({ input }: BatchExecuteStatementCommand) => {
      sizes.push(input.Statements!.length);
      return {
        Responses: input.Statements!.map(({ Statement: text }) => {
          const statement = Number(text);
          const attempt = (attempts.get(statement) ?? 0) + 1;
          attempts.set(statement, attempt);
          const code = codeOf(statement, attempt) as BatchStatementErrorCodeEnum | undefined;
          return code === undefined ? {} : { Error: { Code: code, Message: 'why' } };
        }),
      };
    });
    return sizes;
  };

  it('statements are executed 25 in a call, each with an outcome of its own', async () => {
    const sizes = answerStatements(
      (i) => ({ 3: 'ConditionalCheckFailed', 27: 'DuplicateItem', 40: 'ValidationError' })[i],
    );
    const outcomes = await executeStatements(runtime, statementsUpTo(60));
    expect(sizes).toEqual([25, 25, 10]);
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(57);
    expect(outcomes[3]).toEqual({ kind: 'refused' });
    expect(outcomes[27]).toEqual({ kind: 'refused' });
    expect(outcomes[40]).toEqual({ kind: 'failed', cause: new Error('statement: ValidationError: why') });
  });

  it('only statements that conflict with a transaction are tried again, and one that conflicts every time fails', async () => {
    const sizes = answerStatements((i, attempt) =>
      i === 1 || (i === 4 && attempt < 3) ? 'TransactionConflict' : undefined,
    );
    const outcomes = await executeStatements(runtime, statementsUpTo(6));
    expect(sizes).toEqual([6, 2, 2, 1, 1, 1, 1, 1, 1]);
    expect(outcomes[4]).toEqual({ kind: 'done' });
    expect(outcomes[1]).toMatchObject({ kind: 'failed' });
  });

  it('a call that fails does not change the outcomes of other calls', async () => {
    answerStatements(() => undefined);
    const answer = send.getMockImplementation()!;
    send.mockImplementation(async (command: BatchExecuteStatementCommand) => {
      if (command.input.Statements!.length === 5) throw new Error('answer lost');
      return answer(command);
    });
    const outcomes = await executeStatements(runtime, statementsUpTo(30));
    expect(outcomes.slice(0, 25)).toEqual(Array(25).fill({ kind: 'done' }));
    expect(outcomes.slice(25)).toEqual(Array(5).fill({ kind: 'failed', cause: new Error('answer lost') }));
  });
});
