import { describe, expect, it } from 'vitest';
import { settle } from '#local/aws/batch-response.ts';

const IDS = ['a', 'b', 'c'];
const failing = (...ids: unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('in a function’s answer to a batch', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', failing()],
  ])('%s means that all succeeded', (_, response) => {
    expect(settle(IDS, response)).toEqual({ succeeded: IDS, failed: [] });
  });

  it('a list of failures fails exactly the messages that it names, each once', () => {
    expect(settle(IDS, failing('b'))).toEqual({ succeeded: ['a', 'c'], failed: ['b'] });
    expect(settle(IDS, failing('c', 'c', 'b', 'a'))).toEqual({ succeeded: [], failed: ['c', 'b', 'a'] });
  });

  it.each<[string, unknown]>([
    ['a string', 'fine'],
    ['a list instead of an object', [{ itemIdentifier: 'a' }]],
    ['a text instead of a list', { batchItemFailures: 'a' }],
    ['an empty identifier', failing('a', '')],
    ['a null identifier', failing(null)],
    ['a misspelt key', { batchItemFailures: [{ itemIdentifer: 'a' }] }],
    ['an item that is not an object', { batchItemFailures: ['a'] }],
    ['a message of another batch', failing('a', 'z')],
  ])('%s fails the whole batch', (_, response) => {
    expect(settle(IDS, response)).toMatchObject({
      succeeded: [],
      failed: IDS,
      malformed: expect.any(String),
    });
  });
});
