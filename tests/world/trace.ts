import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Step } from './worker.ts';

/** Takes one line for each message that is sent, each fault and each write of a run, to show afterwards what went wrong. */
export type Trace = (line: string) => void;

type Keyed = { Key?: Record<string, AttributeValue>; Item?: Record<string, AttributeValue> };

/** The key attributes of all tables. */
const KEYS = ['campaign', 'member', 'window', 'draw', 'item', 'grant'];

const placeOf = ({ Key, Item }: Keyed): string =>
  KEYS.flatMap((name) => (Key ?? Item)?.[name]?.S ?? []).join(' ');

const placesOf = ({ operation, input }: Step): string[] => {
  switch (operation) {
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [placeOf(input as Keyed)];
    case 'TransactWriteItems':
      return (input as { TransactItems: Record<string, Keyed>[] }).TransactItems.flatMap((action) =>
        Object.values(action).map(placeOf),
      );
    case 'BatchWriteItem':
      return Object.values(
        (input as { RequestItems: Record<string, Record<string, Keyed>[]> }).RequestItems,
      ).flatMap((requests) => requests.flatMap((request) => Object.values(request).map(placeOf)));
    case 'BatchExecuteStatement':
      return (input as { Statements: { Parameters?: AttributeValue[] }[] }).Statements.map(
        ({ Parameters = [] }) => Parameters.find(({ S }) => S !== undefined)?.S ?? '',
      );
    default:
      return [];
  }
};

const LENGTH_MAX = 300;
const PLACES_MAX = 8;

/** Describes a call that has written to a table or a queue; undefined for any other call, because that has changed nothing. */
export const lineOf = (step: Step): string | undefined => {
  const { operation, worker, input } = step;
  if (operation.startsWith('SendMessage')) {
    const { QueueUrl = '', Entries = [] } = input as {
      QueueUrl?: string;
      Entries?: { MessageBody: string }[];
    };
    const bodies = Entries.map(({ MessageBody }) => MessageBody).join(' ');
    return `${worker} sends to ${QueueUrl.split('/').at(-1)}: ${bodies.slice(0, LENGTH_MAX)}`;
  }
  const places = placesOf(step);
  if (places.length === 0) return undefined;
  const more = places.length > PLACES_MAX ? ` and ${places.length - PLACES_MAX} more` : '';
  return `${worker} ${operation}: ${places.slice(0, PLACES_MAX).join(', ')}${more}`;
};

/** Passes a line on with its virtual time in front. */
export const atTime = (trace: Trace, atMs: number, line: string): void =>
  trace(`${new Date(atMs).toISOString().slice(0, -1)} ${line}`);
