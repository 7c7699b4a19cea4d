import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Characters above U+FFFF are held as two of these. */
const SURROGATES = /[\ud800-\udfff]/g;

/** JSON text with every character above U+FFFF as the two escapes that mean the same (RFC 8259, section 7). */
export const escapeAboveBmp = (json: string): string =>
  json.replace(SURROGATES, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);

/**
 * Makes a client write characters above U+FFFF as escapes. DynamoDB reads both alike; some emulators take only the
 * escapes. Ids are text in any script, so an emoji in one must not decide whether a write succeeds.
 */
export const escapeBodies = (client: DynamoDBClient): DynamoDBClient => {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body?: unknown };
      if (typeof request.body === 'string') request.body = escapeAboveBmp(request.body);
      return next(args);
    },
    // Before the body's length is counted and signed.
    { name: 'escapeAboveBmp', step: 'build', priority: 'high' },
  );
  return client;
};
